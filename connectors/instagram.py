"""Instagram Direct: the messages of a professional account. docs/channels/instagram.md."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connectors.contract import (
    Amendment,
    Capabilities,
    Connector,
    ContactStopped,
    Health,
    MediaKind,
    Net,
    Outgoing,
    Parsed,
    Profile,
    Rejected,
    Request,
    TooLarge,
    Unreachable,
    WindowClosed,
    rare,
)
from connectors.meta_config import VERSION, checked_number, checked_version
from connectors.meta_errors import Meanings
from connectors.meta_graph import ask, check_signature, fetch, handshake, subscribe_app
from connectors.meta_messaging import DAY_SECONDS, HUMAN_AGENT_SECONDS, Place, accounts_in, read_body
from connectors.meta_plan import messaging_type, plan
from connectors.meta_talk import act, health, send_steps
from connectors.wire import proxy_address, server_address

KIND = "instagram"
FIELDS = "messages,messaging_postbacks,messaging_optins,messaging_referral,messaging_seen,message_reactions,standby"
# What a page that the account is linked to can be told to pass on.
PAGE_FIELDS = "messages"
MAX_TEXT = 1000
LARGEST_FILE = 25 << 20
LARGEST_PICTURE = 8 << 20
_HEARTS = frozenset({"❤️", "❤", "♥️"})

# https://developers.facebook.com/docs/messenger-platform/error-codes, with the subcodes of Instagram.
MEANINGS: Meanings = {
    (551, None): lambda: ContactStopped("The client does not take messages from this account."),
    (200, 1545041): lambda: ContactStopped("The client does not take messages from this account."),
    (10, 2534022): lambda: WindowClosed("Meta lets us answer for a day, and people with its permission for a week."),
    (10, 2018278): lambda: WindowClosed("Meta lets us answer for a day, and people with its permission for a week."),
    (100, 2534014): lambda: Rejected("Meta does not know this client any more."),
    (100, 2018001): lambda: Rejected("Meta does not know this client any more."),
    (100, 2018109): lambda: TooLarge("The file is larger than Meta takes."),
    (1200, None): lambda: Unreachable("Meta failed for a moment."),
}


class Config(BaseModel):
    """`username` and `webhook_url` are found out by `connect`. Without an app's id its webhook is set by hand."""

    model_config = ConfigDict(extra="ignore")

    account_id: str = Field(
        title="Account ID", description="App of Meta → Instagram → API setup: the number beside the account"
    )
    app_id: str = Field(
        "",
        title="App ID",
        description="App of Meta → App settings → Basic. Empty: you set the webhook in the app yourself",
    )
    app_secret: str = Field(title="App secret", description="Meta signs with it what it sends to us")
    access_token: str = Field(
        title="Access token", description="Of the page that the account is linked to, or of the account itself"
    )
    human_agent: bool = Field(
        False,
        title="People may answer for seven days",
        description="Needs Meta's permission “Human Agent”; without it a dialog closes after a day",
    )
    proxy: str = Field(
        "",
        title="Proxy",
        description="http://user:password@host:port, where Meta is blocked; a single - takes it away",
    )
    base_url: str = Field(
        "https://graph.facebook.com",
        title="Address of the Graph API",
        description="https://graph.instagram.com for a token of the account itself (Instagram login)",
    )
    version: str = Field(VERSION, title="Version of the Graph API", json_schema_extra=rare())
    username: str = Field("", title="Name of the account", json_schema_extra={"found": True})
    webhook_url: str = Field("", title="Address of the webhook", json_schema_extra={"found": True})

    _address = field_validator("base_url")(server_address)
    _version = field_validator("version")(checked_version)
    _proxy = field_validator("proxy")(proxy_address)
    _account = field_validator("account_id")(checked_number)

    @field_validator("app_id")
    @classmethod
    def _is_a_number(cls, value: str) -> str:
        return checked_number(value) if value.strip() else ""


def verify(request: Request, config: Config) -> None:
    """Check the signature; raises Unauthorized."""
    check_signature(request, config.app_secret)


def parse(request: Request, config: Config) -> Parsed:
    """Read a body; raises BadPayload."""
    window = HUMAN_AGENT_SECONDS if config.human_agent else DAY_SECONDS
    return read_body(request, Place(KIND, config.account_id, config.app_id, window, "instagram"))


async def send(outgoing: Outgoing, config: Config, net: Net) -> Sequence[str]:
    """Send what of an answer is not there yet; returns the ids of this attempt. Instagram fetches files by link."""
    around = messaging_type(outgoing, human_agent=config.human_agent)
    steps = plan(outgoing, MAX_TEXT)
    return await send_steps(steps, outgoing, around, config, net, MEANINGS, by_link=True, marked=False)


async def connect(config: Config, url: str, net: Net) -> Config:
    """Ask which account it is, lead the webhook of the app to `url`, and have messages sent to the app."""
    account = await ask(config, net, "GET", config.account_id, MEANINGS, query={"fields": "username"})
    if config.app_id:
        await subscribe_app(config, net, MEANINGS, kind=KIND, fields=FIELDS, url=url)
    # The token is that of the account, or of the page that it is linked to and whose list of fields is another one.
    fields = FIELDS if urlsplit(config.base_url).hostname == "graph.instagram.com" else PAGE_FIELDS
    await ask(config, net, "POST", "me/subscribed_apps", MEANINGS, body={"subscribed_fields": fields})
    return config.model_copy(update={"username": str(account.get("username") or "")[:64], "webhook_url": url})


async def check(config: Config, net: Net) -> Health:
    """Whether the token works and the messages reach us."""
    account = await ask(config, net, "GET", config.account_id, MEANINGS, query={"fields": "username"})
    name = f"@{str(account.get('username') or '')[:64]}"
    return await health(config, net, MEANINGS, kind=KIND, webhook_url=config.webhook_url, name=name)


async def profile(address: str, config: Config, net: Net) -> Profile | None:
    """The client's name, username and picture, once they have written."""
    told = await ask(
        config, net, "GET", quote(address, safe=""), MEANINGS, query={"fields": "name,username,profile_pic"}
    )
    name, username, picture = (told.get(field) for field in ("name", "username", "profile_pic"))
    known = username if isinstance(username, str) else ""
    return Profile(
        name=name if isinstance(name, str) and name else known,
        username=known,
        picture=picture if isinstance(picture, str) else "",
    )


async def fetch_media(ref: str, config: Config, net: Net, max_bytes: int) -> bytes:
    """The bytes of a client's file."""
    return await fetch(config, net, ref, max_bytes)


async def react(amendment: Amendment, config: Config, net: Net) -> None:
    """Put our heart on a client's message, or take it back."""
    payload = {"message_id": amendment.external_ids[0]}
    if not amendment.text:
        await act(amendment.address, "unreact", config, net, MEANINGS, payload=payload)
    elif amendment.text in _HEARTS:
        await act(amendment.address, "react", config, net, MEANINGS, payload={**payload, "reaction": "love"})
    else:
        raise Rejected("Instagram takes only a heart from companies.")


async def typing(address: str, config: Config, net: Net) -> None:
    """Show "typing..." for some seconds."""
    await act(address, "typing_on", config, net, MEANINGS)


async def mark_read(address: str, external_id: str, config: Config, net: Net) -> None:
    """Mark the client's messages read."""
    await act(address, "mark_seen", config, net, MEANINGS)


def entry_url(config: Config, token: str) -> str:
    """A link that opens the chat with the account."""
    return f"https://ig.me/m/{quote(config.username, safe='')}?ref={quote(token, safe='')}" if config.username else ""


CONNECTOR = Connector(
    kind="instagram",
    title="Instagram",
    icon='<path d="M5.500 2.500h5a3 3 0 0 1 3 3v5a3 3 0 0 1-3 3h-5a3 3 0 0 1-3-3v-5a3 3 0 0 1 3-3z"/>'
    '<path d="M8 5.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5z"/><path d="M11.200 4.700v.1"/>',
    colour="#c13584",
    config=Config,
    secrets=frozenset({"app_secret", "access_token", "proxy"}),
    capabilities=Capabilities(
        max_text=MAX_TEXT,
        media={kind: LARGEST_PICTURE if kind is MediaKind.IMAGE else LARGEST_FILE for kind in MediaKind},
        receipts=True,
        edits=True,
        deletes=True,
        reactions=True,
        buttons=True,
        reply_window=DAY_SECONDS,
        per_second=20.0,
    ),
    verify=verify,
    parse=parse,
    send=send,
    handshake=handshake,
    addressees=lambda request: accounts_in(request, KIND),
    connect=connect,
    check=check,
    account=lambda config: config.account_id,
    entry_url=entry_url,
    profile=profile,
    fetch_media=fetch_media,
    react=react,
    typing=typing,
    mark_read=mark_read,
)

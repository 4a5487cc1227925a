"""Facebook Messenger: the messages of a page. docs/channels/messenger.md."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connectors.contract import (
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

KIND = "page"
FIELDS = (
    "messages,messaging_postbacks,messaging_optins,messaging_referrals,message_deliveries,message_reads,"
    "message_echoes,message_reactions,message_edits,standby"
)
MAX_TEXT = 2000
LARGEST_FILE = 25 << 20
LARGEST_PICTURE = 8 << 20

# https://developers.facebook.com/docs/messenger-platform/error-codes
MEANINGS: Meanings = {
    (551, None): lambda: ContactStopped("The client does not take messages from this page."),
    (200, 1545041): lambda: ContactStopped("The client does not take messages from this page."),
    (10, 2018278): lambda: WindowClosed("Meta lets us answer for a day, and people with its permission for a week."),
    (100, 2018001): lambda: Rejected("Meta does not know this client any more."),
    (100, 2018109): lambda: TooLarge("The file is larger than Meta takes."),
    (1200, None): lambda: Unreachable("Meta failed for a moment."),
    (100, 2018276): lambda: Rejected("The app lacks Meta's permission “Human Agent”: answers go out for a day only."),
}


class Config(BaseModel):
    """`page_name` and `webhook_url` are found out by `connect`."""

    model_config = ConfigDict(extra="ignore")

    page_id: str = Field(title="Page ID", description="The page → About → Page transparency")
    app_id: str = Field(title="App ID", description="App of Meta → App settings → Basic")
    app_secret: str = Field(title="App secret", description="On the same page; Meta signs with it what it sends to us")
    access_token: str = Field(
        title="Access token", description="Of the page: App of Meta → Messenger → Settings → Generate token"
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
    base_url: str = Field("https://graph.facebook.com", title="Address of the Graph API", json_schema_extra=rare())
    version: str = Field(VERSION, title="Version of the Graph API", json_schema_extra=rare())
    page_name: str = Field("", title="Name of the page", json_schema_extra={"found": True})
    webhook_url: str = Field("", title="Address of the webhook", json_schema_extra={"found": True})

    _numbers = field_validator("page_id", "app_id")(checked_number)
    _address = field_validator("base_url")(server_address)
    _version = field_validator("version")(checked_version)
    _proxy = field_validator("proxy")(proxy_address)


def verify(request: Request, config: Config) -> None:
    """Check the signature; raises Unauthorized."""
    check_signature(request, config.app_secret)


def parse(request: Request, config: Config) -> Parsed:
    """Read a body; raises BadPayload."""
    window = HUMAN_AGENT_SECONDS if config.human_agent else DAY_SECONDS
    return read_body(request, Place(KIND, config.page_id, config.app_id, window, "facebook"))


async def send(outgoing: Outgoing, config: Config, net: Net) -> Sequence[str]:
    """Send what of an answer is not there yet; returns the ids of this attempt."""
    around = messaging_type(outgoing, human_agent=config.human_agent)
    return await send_steps(plan(outgoing, MAX_TEXT), outgoing, around, config, net, MEANINGS)


async def connect(config: Config, url: str, net: Net) -> Config:
    """Ask which page it is, lead the webhook of the app to `url`, and have the page send its messages to the app."""
    page = await ask(config, net, "GET", config.page_id, MEANINGS, query={"fields": "name"})
    await subscribe_app(config, net, MEANINGS, kind=KIND, fields=FIELDS, url=url)
    body = {"subscribed_fields": FIELDS}
    await ask(config, net, "POST", f"{config.page_id}/subscribed_apps", MEANINGS, body=body)
    return config.model_copy(update={"page_name": str(page.get("name") or "")[:100], "webhook_url": url})


async def disconnect(config: Config, net: Net) -> None:
    """The page sends nothing to the app any more."""
    await ask(config, net, "DELETE", f"{config.page_id}/subscribed_apps", MEANINGS)


async def check(config: Config, net: Net) -> Health:
    """Whether the token works and the messages reach us."""
    page = await ask(config, net, "GET", config.page_id, MEANINGS, query={"fields": "name"})
    name = str(page.get("name") or "")[:100]
    return await health(config, net, MEANINGS, kind=KIND, webhook_url=config.webhook_url, name=name)


async def profile(address: str, config: Config, net: Net) -> Profile | None:
    """The client's name and picture; some people hide both."""
    query = {"fields": "first_name,last_name,profile_pic"}
    told = await ask(config, net, "GET", quote(address, safe=""), MEANINGS, query=query)
    names = (told.get("first_name"), told.get("last_name"))
    picture = told.get("profile_pic")
    return Profile(
        name=" ".join(name for name in names if isinstance(name, str) and name),
        picture=picture if isinstance(picture, str) else "",
    )


async def fetch_media(ref: str, config: Config, net: Net, max_bytes: int) -> bytes:
    """The bytes of a client's file."""
    return await fetch(config, net, ref, max_bytes)


async def typing(address: str, config: Config, net: Net) -> None:
    """Show "typing..." for twenty seconds."""
    await act(address, "typing_on", config, net, MEANINGS)


async def mark_read(address: str, external_id: str, config: Config, net: Net) -> None:
    """Mark the client's messages read."""
    await act(address, "mark_seen", config, net, MEANINGS)


CONNECTOR = Connector(
    kind="messenger",
    title="Messenger",
    icon=(
        '<path d="M8 2.500c-3.300 0-5.800 2.300-5.800 5.300 0 1.600.7 3 1.900 4v2l1.900-1c.6.2 1.300.3 2 .3 3.300 0 '
        '5.800-2.300 5.800-5.300S11.300 2.500 8 2.500z"/><path d="M5 9.300l2.200-2.300 1.700 1.600L11 6.500"/>'
    ),
    colour="#0a7cff",
    config=Config,
    secrets=frozenset({"app_secret", "access_token", "proxy"}),
    capabilities=Capabilities(
        max_text=MAX_TEXT,
        media={kind: LARGEST_PICTURE if kind is MediaKind.IMAGE else LARGEST_FILE for kind in MediaKind},
        receipts=True,
        edits=True,
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
    disconnect=disconnect,
    check=check,
    account=lambda config: config.page_id,
    entry_url=lambda config, token: f"https://m.me/{config.page_id}?ref={quote(token, safe='')}",
    profile=profile,
    fetch_media=fetch_media,
    typing=typing,
    mark_read=mark_read,
)

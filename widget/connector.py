"""The site chat as a channel: what an administrator sets, what it can do, and how a visitor's words become a message.

Nothing arrives by webhook and there is no platform to hand answers to: the widget's own routes call the same
`receive` action as every channel, and an answer has arrived where the visitor reads it as soon as it is stored.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal
from urllib.parse import urlsplit

import orjson
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, field_validator

from connectors.contract import (
    BadPayload,
    Capabilities,
    Connector,
    Health,
    Media,
    MediaKind,
    MessageReceived,
    Net,
    Outgoing,
    Parsed,
    Referral,
    Request,
    Unauthorized,
)
from inbox.rules.texts import N_
from widget.protocol import About, Arrival, Send

MAX_TEXT = 10_000
MEGABYTE = 1 << 20
MAX_FILE = 25 * MEGABYTE
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_ORIGIN = re.compile(r"(https?://)?(\*\.)?[\w.-]+(:\d{1,5})?", re.ASCII | re.IGNORECASE)

_PARAGRAPH: dict[str, JsonValue] = {"format": "paragraph"}
_SIDE_WORDS: dict[str, JsonValue] = {"words": [N_("right"), N_("left")]}
_THEME_WORDS: dict[str, JsonValue] = {"words": [N_("as on the visitor's device"), N_("light"), N_("dark")]}
_ASK_WORDS: dict[str, JsonValue] = {"words": [N_("no"), N_("yes, may be left empty"), N_("yes, must be filled in")]}

Ask = Literal["off", "optional", "required"]


class WidgetConfig(BaseModel):
    """The settings of one site chat. Texts left empty are taken from the catalogue in the visitor's language."""

    model_config = ConfigDict(extra="ignore")

    title: str = Field(
        "",
        max_length=80,
        title=N_("Title of the chat"),
        description=N_("The company's name when empty"),
    )
    heading: str = Field(
        "",
        max_length=120,
        title=N_("Heading of the form before the chat"),
        description=N_("Our own words in the visitor's language when empty"),
    )
    lead: str = Field("", max_length=400, title=N_("Text under the heading"), json_schema_extra=_PARAGRAPH)
    greeting: str = Field(
        "",
        max_length=1000,
        title=N_("Greeting"),
        description=N_("Shown as the first message"),
        json_schema_extra=_PARAGRAPH,
    )
    offline: str = Field(
        "",
        max_length=400,
        title=N_("Text outside working hours"),
        description=N_("The chat then takes a question and a phone or an e-mail"),
        json_schema_extra=_PARAGRAPH,
    )
    colour: str = Field(
        "#2f5d50",
        title=N_("Colour"),
        description=N_("Of the button and the heading; the text on it stays readable by itself"),
        json_schema_extra={"format": "color"},
    )
    side: Literal["right", "left"] = Field("right", title=N_("Side of the page"), json_schema_extra=_SIDE_WORDS)
    theme: Literal["auto", "light", "dark"] = Field(
        "auto",
        title=N_("Light or dark"),
        json_schema_extra=_THEME_WORDS,
    )
    language: Literal["auto", "ru", "en"] = Field(
        "auto", title=N_("Language of the chat"), json_schema_extra={"words": [N_("as the page"), "Русский", "English"]}
    )
    sound: bool = Field(True, title=N_("Sound of new messages"))
    files: bool = Field(True, title=N_("Visitors may send files"))
    max_file_mb: int = Field(
        10,
        ge=1,
        le=MAX_FILE // MEGABYTE,
        title=N_("Largest file of a visitor, MB"),
        description=N_("At most 25"),
    )
    ask_name: Ask = Field(
        "optional",
        title=N_("Ask for the name"),
        description=N_("In the form before the first message"),
        json_schema_extra=_ASK_WORDS,
    )
    ask_phone: Ask = Field(
        "off",
        title=N_("Ask for the phone"),
        description=N_("A phone must look like one"),
        json_schema_extra=_ASK_WORDS,
    )
    ask_email: Ask = Field("off", title=N_("Ask for the e-mail"), json_schema_extra=_ASK_WORDS)
    ask_consent: Ask = Field("off", title=N_("Ask for consent to process personal data"), json_schema_extra=_ASK_WORDS)
    consent: str = Field(
        "",
        max_length=600,
        title=N_("Text of the consent"),
        description=N_("Kept with the client as it was shown"),
        json_schema_extra=_PARAGRAPH,
    )
    policy_url: str = Field(
        "", max_length=500, title=N_("Address of the privacy policy"), json_schema_extra={"format": "uri"}
    )
    allowed_origins: str = Field(
        "",
        max_length=2000,
        title=N_("Sites that may show the chat"),
        description=N_("Separated by spaces, e.g. https://shop.example or *.shop.example; any site when empty"),
    )
    go_on: bool = Field(
        True,
        title=N_("Offer to go on in messengers"),
        description=N_("Below the messages of a visitor who has written; the dialog and its source stay the same"),
    )
    mark_links: bool = Field(
        False,
        title=N_("Attribute links to messengers on the site"),
        description=N_(
            "A click on a link into a channel of yours is noted with the visit's source; the pages stay as they are"
        ),
    )
    identity_secret: str = Field(
        "",
        max_length=200,
        title=N_("Secret for signed visitors"),
        description=N_("Your server signs the visitor's id with it: hex HMAC-SHA256"),
    )
    identity_required: bool = Field(
        False, title=N_("Only signed visitors may write"), description=N_("For everybody else the chat is closed")
    )
    visitor_per_minute: int = Field(30, ge=1, le=100_000, title=N_("Messages of one visitor per minute"))
    network_per_minute: int = Field(300, ge=1, le=1_000_000, title=N_("Messages from one network address per minute"))
    network_connections: int = Field(100, ge=1, le=100_000, title=N_("Open chats from one network address"))

    @field_validator("colour")
    @classmethod
    def _check_colour(cls, value: str) -> str:
        if not _COLOUR.fullmatch(value):
            raise ValueError(N_("Write a colour like #2f5d50."))
        return value.lower()

    @field_validator("policy_url")
    @classmethod
    def _check_address(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in ("http", "https"):
            raise ValueError(N_("Write an address that begins with https://."))
        return value

    @field_validator("allowed_origins")
    @classmethod
    def _check_origins(cls, value: str) -> str:
        for line in value.replace(",", "\n").split():
            if not _ORIGIN.fullmatch(line.rstrip("/")):
                raise ValueError(N_("Write sites like https://shop.example or *.shop.example, separated by spaces."))
        return value


def message_of(frame: Send, about: About, address: str, external_id: str) -> MessageReceived:
    """A visitor's words as the event that every channel gives to `receive`. Uploads are tokens of our own store."""
    return MessageReceived(
        address=address,
        external_id=external_id,
        client_id=frame.client_id,
        text=frame.text,
        media=tuple(Media(kind=MediaKind.FILE, upload=token) for token in frame.files),
        referral=referral_of(about.last or about.first, about),
    )


def referral_of(arrival: Arrival | None, about: About) -> Referral | None:
    """Where the visitor came from, as our own loader saw it; None when it could tell nothing."""
    page = about.page.url if about.page else ""
    if arrival is None and not page:
        return None
    return Referral(
        landing_url=arrival.url if arrival else "",
        referrer=arrival.referrer if arrival else about.referrer,
        page_url=page,
        metrica_client_id=about.metrica,
        confidence="widget",
    )


def verify(request: Request, config: WidgetConfig) -> None:
    """Nothing of the site chat comes by webhook: whoever tries is refused."""
    raise Unauthorized


class _Kept(BaseModel):
    """A message as it can be kept apart from its socket: who wrote it, under which id, and the frame."""

    address: str = Field(min_length=1)
    external_id: str = Field(min_length=1)
    frame: Send
    about: About = Field(default_factory=About)


def parse(request: Request, config: WidgetConfig) -> Parsed:
    """Read a kept message; raises BadPayload."""
    try:
        kept = _Kept.model_validate(orjson.loads(request.body))
    except (orjson.JSONDecodeError, ValidationError) as error:
        raise BadPayload("not a kept message of the site chat") from error
    event = message_of(kept.frame, kept.about, kept.address, kept.external_id)
    return Parsed(events=(event,), dedupe_key=kept.external_id)


async def send(outgoing: Outgoing, config: WidgetConfig, net: Net) -> Sequence[str]:
    """A stored answer is where the visitor reads it; the product does not ask for more (`stored_is_sent`)."""
    return (outgoing.dedup_key,)


async def check(config: WidgetConfig, net: Net) -> Health:
    """The chat is served by ourselves: it works when we do."""
    return Health("ok")


CONNECTOR = Connector(
    kind="widget",
    title="Site chat",
    icon=(
        '<path d="M4.2 5.6A1.2 1.2 0 0 1 5.4 4.4h5.2a1.2 1.2 0 0 1 1.2 1.2v3.6a1.2 1.2 0 0 1-1.2 1.2H8.2'
        'l-2.4 2v-2h-.4a1.2 1.2 0 0 1-1.2-1.2z"/>'
    ),
    colour="#2f7d68",
    config=WidgetConfig,
    secrets=frozenset({"identity_secret"}),
    capabilities=Capabilities(
        max_text=MAX_TEXT,
        media=dict.fromkeys(MediaKind, MAX_FILE),
        receipts=True,
        typing=True,
        stored_is_sent=True,
        live_presence=True,
    ),
    verify=verify,
    parse=parse,
    send=send,
    check=check,
)

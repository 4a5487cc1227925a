"""What the messaging webhooks of Messenger and Instagram are made of. Only the fields that we read.

Facts: https://developers.facebook.com/docs/messenger-platform/reference/webhook-events and
https://developers.facebook.com/docs/instagram-platform/webhooks/examples.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from connectors.wire import Maybe, Name, Wire


class Party(Wire):
    """Somebody with an id: the account, or a person as this account knows them."""

    id: Name


class Point(Wire):
    """A place."""

    lat: float = Field(ge=-90, le=90)
    long: float = Field(ge=-180, le=180)


class Payload(Wire):
    """What an attachment leads to."""

    url: Maybe[str] = None
    title: Maybe[str] = None
    coordinates: Maybe[Point] = None


class Attachment(Wire):
    """A file, a place, a link, a story."""

    type: Name
    title: Maybe[str] = None
    url: Maybe[str] = None
    payload: Maybe[Payload] = None


class Story(Wire):
    """A story that is answered."""

    url: Maybe[str] = None


class Answered(Wire):
    """What a message answers."""

    mid: Maybe[Name] = None
    story: Maybe[Story] = None


class AdContext(Wire):
    """What the advertisement showed."""

    ad_title: Maybe[str] = None


class Source(Wire):
    """Where a person came from: an advertisement, or a link with our own mark."""

    ref: Maybe[str] = None
    source: Maybe[str] = None
    ad_id: Maybe[str] = None
    ads_context_data: Maybe[AdContext] = None
    referer_uri: Maybe[str] = None


class Message(Wire):
    """A message in either direction."""

    mid: Name
    text: Maybe[str] = None
    attachments: Maybe[list[Any]] = None
    reply_to: Maybe[Answered] = None
    referral: Maybe[Source] = None
    is_echo: Maybe[bool] = None
    is_deleted: Maybe[bool] = None
    app_id: Maybe[int | str] = None
    metadata: Maybe[str] = None


class Postback(Wire):
    """A pressed button, or the first one: "Get started"."""

    mid: Maybe[Name] = None
    title: Maybe[str] = None
    payload: Maybe[str] = None
    referral: Maybe[Source] = None


class Delivery(Wire):
    """These messages have arrived, or everything before a moment."""

    mids: Maybe[list[Any]] = None
    watermark: int


class Read(Wire):
    """Everything before a moment (Messenger), or up to a message (Instagram), was read."""

    watermark: Maybe[int] = None
    mid: Maybe[Name] = None


class Reaction(Wire):
    """A sign on a message."""

    mid: Name
    action: Name
    emoji: Maybe[str] = None
    reaction: Maybe[str] = None


class Edit(Wire):
    """A message that says something else now."""

    mid: Name
    text: str


class OptIn(Wire):
    """Somebody who agreed to be written to."""

    ref: Maybe[str] = None


class Item(Wire):
    """One thing that happened; exactly one of the parts is there."""

    sender: Maybe[Party] = None
    recipient: Maybe[Party] = None
    timestamp: Maybe[int] = None
    message: Maybe[dict[str, Any]] = None
    postback: Maybe[dict[str, Any]] = None
    referral: Maybe[dict[str, Any]] = None
    optin: Maybe[dict[str, Any]] = None
    delivery: Maybe[dict[str, Any]] = None
    read: Maybe[dict[str, Any]] = None
    reaction: Maybe[dict[str, Any]] = None
    message_edit: Maybe[dict[str, Any]] = None

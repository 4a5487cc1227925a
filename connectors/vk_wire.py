"""What events of VK are made of. Only the fields that we read.

Facts: https://dev.vk.com/reference/objects/message, https://dev.vk.com/reference/objects/attachments-message and
https://dev.vk.com/api/community-events/json-schema (API 5.199).
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from connectors.wire import Id, Maybe, Name, Wire


class Update(Wire):
    """One event; what `object` holds is read by its type."""

    type: Name
    group_id: Id
    event_id: Maybe[Name] = None
    object: Any = None


class Coordinates(Wire):
    """A point."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class Place(Wire):
    """What a point is called."""

    title: Maybe[str] = None
    city: Maybe[str] = None


class Geo(Wire):
    """A place that somebody sent."""

    coordinates: Coordinates
    place: Maybe[Place] = None


class Forward(Wire):
    """A message that was passed on; it may hold nothing but others."""

    from_id: Maybe[Id] = None
    text: Maybe[str] = None
    attachments: Maybe[list[Any]] = None
    fwd_messages: Maybe[list[Any]] = None


class Answered(Wire):
    """The message that was replied to."""

    conversation_message_id: int = Field(ge=1, lt=2**63)


class Message(Wire):
    """A message of a private dialog. `admin_author_id` is set when a person answered in VK itself."""

    conversation_message_id: int = Field(ge=1, lt=2**63)
    peer_id: Id
    from_id: Id
    date: Maybe[int] = None
    update_time: Maybe[int] = None
    text: Maybe[str] = None
    ref: Maybe[str] = None
    ref_source: Maybe[str] = None
    attachments: Maybe[list[Any]] = None
    geo: Maybe[Geo] = None
    payload: Maybe[str] = None
    reply_message: Maybe[Answered] = None
    fwd_messages: Maybe[list[Any]] = None
    admin_author_id: Maybe[Id] = None
    random_id: Maybe[Id] = None


class ClientInfo(Wire):
    """The client's program: 0 is Russian, 1 Ukrainian, 2 Belarusian, 3 English ..."""

    lang_id: Maybe[int] = None


class Arrival(Wire):
    """The object of message_new."""

    message: Message
    client_info: Maybe[ClientInfo] = None


class Permission(Wire):
    """The object of message_allow and message_deny."""

    user_id: Id
    key: Maybe[str] = None


class Read(Wire):
    """The object of message_read. Older versions leave the number within the dialog out."""

    from_id: Id
    peer_id: Maybe[Id] = None
    conversation_message_id: Maybe[int] = None


class TypingState(Wire):
    """The object of message_typing_state."""

    state: Maybe[str] = None
    from_id: Id


class Reaction(Wire):
    """The object of message_reaction_event. Without `reaction_id` the reaction was taken back."""

    reacted_id: Id
    peer_id: Id
    cmid: int = Field(ge=1, lt=2**63)
    reaction_id: Maybe[int] = None


class Press(Wire):
    """The object of message_event: a button of a kind that wants an answer from the program that made it."""

    user_id: Id
    peer_id: Id
    event_id: Name
    payload: Maybe[Any] = None
    conversation_message_id: Maybe[int] = None


class LeadAnswer(Wire):
    """A line of a filled lead form."""

    key: Maybe[str] = None
    question: Maybe[str] = None
    answer: Maybe[str] = None


class Lead(Wire):
    """The object of lead_forms_new."""

    lead_id: Id
    user_id: Id
    form_name: Maybe[str] = None
    ad_id: Maybe[Id] = None
    answers: Maybe[list[Any]] = None


class Price(Wire):
    """A sum in words."""

    text: Maybe[str] = None


class OrderItem(Wire):
    """A line of an order."""

    title: Maybe[str] = None
    quantity: Maybe[int] = None


class Recipient(Wire):
    """Who gets an order."""

    name: Maybe[str] = None
    phone: Maybe[str] = None


class Order(Wire):
    """The object of market_order_new."""

    id: Id
    user_id: Id
    date: Maybe[int] = None
    display_order_id: Maybe[str] = None
    comment: Maybe[str] = None
    total_price: Maybe[Price] = None
    preview_order_items: Maybe[list[Any]] = None
    recipient: Maybe[Recipient] = None

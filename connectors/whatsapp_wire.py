"""What WhatsApp's webhooks are made of. Only the fields that we read.

Facts: https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/components and .../payload-examples;
coexistence: https://developers.facebook.com/docs/whatsapp/embedded-signup/custom-flows/onboarding-business-app-users;
ids of people without a phone: https://developers.facebook.com/docs/whatsapp/business-scoped-user-ids.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from connectors.wire import Maybe, Name, Wire


class Metadata(Wire):
    """Whose number it is about."""

    phone_number_id: Name


class PersonName(Wire):
    """What somebody calls themselves."""

    name: Maybe[str] = None
    username: Maybe[str] = None


class Person(Wire):
    """Who wrote: a phone, a business-scoped id, or both."""

    profile: Maybe[PersonName] = None
    wa_id: Maybe[Name] = None
    user_id: Maybe[Name] = None


class Problem(Wire):
    """An error of Meta's; its words are read by connectors.meta_errors."""

    code: int
    title: Maybe[str] = None


class Status(Wire):
    """What became of a message of ours."""

    id: Name
    status: Name
    timestamp: Maybe[Name] = None
    errors: Maybe[list[Any]] = None
    biz_opaque_callback_data: Maybe[Name] = None


class Body(Wire):
    """Words."""

    body: str


class File(Wire):
    """A file that waits at Meta."""

    id: Name
    mime_type: Maybe[str] = None
    caption: Maybe[str] = None
    filename: Maybe[str] = None
    voice: Maybe[bool] = None


class Location(Wire):
    """A point on the map."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    name: Maybe[str] = None
    address: Maybe[str] = None
    url: Maybe[str] = None


class FormattedName(Wire):
    """The name of a card."""

    formatted_name: Maybe[str] = None


class Phone(Wire):
    """A number of a card."""

    phone: Maybe[str] = None


class ContactCard(Wire):
    """A card of the phone book."""

    name: Maybe[FormattedName] = None
    phones: Maybe[list[Any]] = None


class Pressed(Wire):
    """The quick-reply button of a template."""

    text: str


class Choice(Wire):
    """A button or a row of a list that was chosen."""

    title: str
    description: Maybe[str] = None


class FlowAnswer(Wire):
    """A form that was filled in."""

    body: Maybe[str] = None
    response_json: Maybe[str] = None


class Interactive(Wire):
    """An answer to our buttons."""

    button_reply: Maybe[Choice] = None
    list_reply: Maybe[Choice] = None
    nfm_reply: Maybe[FlowAnswer] = None


class Item(Wire):
    """Something that was put into the basket."""

    product_retailer_id: Name
    quantity: Maybe[int | float | str] = None
    item_price: Maybe[int | float | str] = None
    currency: Maybe[str] = None


class Order(Wire):
    """A basket that was sent."""

    text: Maybe[str] = None
    product_items: list[Any]


class Reaction(Wire):
    """A sign on a message; without one it is taken back."""

    message_id: Name
    emoji: Maybe[str] = None


class Edit(Wire):
    """A message that says something else now."""

    original_message_id: Name
    message: Maybe[dict[str, Any]] = None


class Revoke(Wire):
    """A message that was taken back."""

    original_message_id: Name


class System(Wire):
    """A remark of WhatsApp's own."""

    type: Maybe[str] = None
    wa_id: Maybe[Name] = None
    user_id: Maybe[Name] = None


class Context(Wire):
    """What a message answers, or that it was passed on."""

    id: Maybe[Name] = None
    forwarded: Maybe[bool] = None
    frequently_forwarded: Maybe[bool] = None


class Ad(Wire):
    """The advertisement or post that the person came from."""

    source_type: Maybe[str] = None
    source_id: Maybe[str] = None
    source_url: Maybe[str] = None
    headline: Maybe[str] = None
    ctwa_clid: Maybe[str] = None


class Message(Wire):
    """A message, in either direction; what it holds is read by its type."""

    id: Name
    type: Name
    sender: Maybe[Name] = Field(None, alias="from")
    from_user_id: Maybe[Name] = None
    to: Maybe[Name] = None
    to_user_id: Maybe[Name] = None
    timestamp: Maybe[Name] = None
    context: Maybe[Context] = None
    referral: Maybe[Ad] = None
    errors: Maybe[list[Any]] = None

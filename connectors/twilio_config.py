"""What connects a number, or another sender, of Twilio."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connectors.contract import rare
from connectors.wire import server_address

WHATSAPP = "whatsapp:"
SERVICE = "MG"
_ACCOUNT = re.compile(r"AC[0-9a-fA-F]{32}")
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_SENDER = re.compile(r"(whatsapp:)?\+[1-9][0-9]{6,14}|[0-9]{3,8}|MG[0-9a-fA-F]{32}")


class Config(BaseModel):
    """Everything from `account_name` on is found out by `connect`."""

    model_config = ConfigDict(extra="ignore")

    account_sid: str = Field(title="Account SID", description="Twilio Console → Account Info; begins with AC")
    auth_token: str = Field(title="Auth Token", description="In the same place; whoever has it is the account")
    sender: str = Field(
        title="Sender",
        description="A number (+12025550100), a WhatsApp number (whatsapp:+12025550100) or a Messaging Service (MG...)",
    )
    greeting: str = Field(
        "",
        title="First words of a link",
        description="What a link into the chat prepares for the client to send; the mark of the link follows it",
        max_length=200,
    )
    base_url: str = Field("https://api.twilio.com", title="Address of the API", json_schema_extra=rare())
    content_url: str = Field("https://content.twilio.com", title="Address of the Content API", json_schema_extra=rare())
    messaging_url: str = Field(
        "https://messaging.twilio.com", title="Address of the Messaging API", json_schema_extra=rare()
    )
    account_name: str = Field("", title="Name of the account", json_schema_extra={"found": True})
    webhook_url: str = Field("", title="Address of the webhook", json_schema_extra={"found": True})

    _address = field_validator("base_url", "content_url", "messaging_url")(server_address)

    @field_validator("account_sid")
    @classmethod
    def _is_an_account(cls, value: str) -> str:
        stripped = value.strip()
        if not _ACCOUNT.fullmatch(stripped):
            raise ValueError("expected AC and 32 letters and digits")
        return stripped

    @field_validator("auth_token")
    @classmethod
    def _is_a_token(cls, value: str) -> str:
        stripped = value.strip()
        if len(stripped) < 16 or not stripped.isascii() or not stripped.isalnum():
            raise ValueError("expected the token as Twilio shows it: letters and digits")
        return stripped

    @field_validator("sender")
    @classmethod
    def _is_a_sender(cls, value: str) -> str:
        plain = re.sub(r"[\s()\u00a0-]", "", value)
        if not _SENDER.fullmatch(plain):
            raise ValueError(
                "expected a number with + and the country's code, whatsapp: before it for WhatsApp, or MG..."
            )
        return plain

    @property
    def whatsapp(self) -> bool:
        """Whether the sender is a number in WhatsApp."""
        return self.sender.startswith(WHATSAPP)

    @property
    def service(self) -> bool:
        """Whether the sender is a Messaging Service, which writes by SMS and in WhatsApp."""
        return self.sender.startswith(SERVICE)

    @property
    def number(self) -> str:
        """The phone number; "" for other senders."""
        return self.sender if _NUMBER.fullmatch(self.sender) else ""

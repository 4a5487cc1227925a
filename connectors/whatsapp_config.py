"""What connects a number of WhatsApp Business."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connectors.contract import rare
from connectors.meta_config import VERSION, checked_number, checked_version
from connectors.wire import proxy_address, server_address

_DIGITS = re.compile(r"\D+")


class Config(BaseModel):
    """`number` and `webhook_url` are found out by `connect`."""

    model_config = ConfigDict(extra="ignore")

    phone_number_id: str = Field(
        title="Phone number ID", description="App of Meta → WhatsApp → API Setup: below the number, digits only"
    )
    account_id: str = Field(
        title="WhatsApp Business Account ID", description="On the same page, beside the phone number"
    )
    app_id: str = Field(title="App ID", description="App of Meta → App settings → Basic")
    app_secret: str = Field(title="App secret", description="On the same page; Meta signs with it what it sends to us")
    access_token: str = Field(
        title="Access token",
        description="Of a system user, without an end; the token of the API Setup page lasts a day",
    )
    greeting: str = Field(
        "",
        title="First words of a link",
        description="What a link into the chat prepares for the client to send; the mark of the link follows it",
        max_length=200,
    )
    proxy: str = Field(
        "",
        title="Proxy",
        description="http://user:password@host:port, where Meta is blocked; a single - takes it away",
    )
    base_url: str = Field("https://graph.facebook.com", title="Address of the Graph API", json_schema_extra=rare())
    version: str = Field(VERSION, title="Version of the Graph API", json_schema_extra=rare())
    number: str = Field("", title="Number", json_schema_extra={"found": True})
    webhook_url: str = Field("", title="Address of the webhook", json_schema_extra={"found": True})

    _numbers = field_validator("phone_number_id", "account_id", "app_id")(checked_number)
    _address = field_validator("base_url")(server_address)
    _version = field_validator("version")(checked_version)
    _proxy = field_validator("proxy")(proxy_address)

    @property
    def digits(self) -> str:
        """The number as wa.me wants it."""
        return _DIGITS.sub("", self.number)

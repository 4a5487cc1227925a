"""What connects an official account of LINE."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connectors.contract import rare
from connectors.wire import server_address


class Config(BaseModel):
    """`bot_id`, `basic_id` and `webhook_url` are found out by `connect`."""

    model_config = ConfigDict(extra="ignore")

    channel_secret: str = Field(
        title="Channel secret", description="LINE Developers → your channel → Basic settings", min_length=1
    )
    access_token: str = Field(
        title="Channel access token",
        description="The same channel → Messaging API → Channel access token (long-lived) → Issue",
        min_length=1,
    )
    greeting: str = Field(
        "",
        title="First words of a link",
        description="What a link into the chat prepares for the client to send; the mark of the link follows it",
        max_length=200,
    )
    base_url: str = Field("https://api.line.me", title="Address of the Messaging API", json_schema_extra=rare())
    files_url: str = Field("https://api-data.line.me", title="Address of LINE's files", json_schema_extra=rare())
    bot_id: str = Field("", title="ID of the account", json_schema_extra={"found": True})
    basic_id: str = Field("", title="Name of the account", json_schema_extra={"found": True})
    webhook_url: str = Field("", title="Address of the webhook", json_schema_extra={"found": True})

    _address = field_validator("base_url", "files_url")(server_address)

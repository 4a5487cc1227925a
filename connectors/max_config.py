"""What connects a bot of MAX."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connectors.contract import choices, rare
from connectors.wire import is_key, server_address


class Config(BaseModel):
    """Everything from `bot_id` on is found out or made by `connect`."""

    model_config = ConfigDict(extra="ignore")

    token: str = Field(
        title="Token of the bot", description="business.max.ru → Chatbots → your bot → Integration: Get token"
    )
    way: Literal["auto", "webhook", "polling"] = Field(
        "auto",
        title="How messages come",
        description="MAX calls this server where it has a public https:// address; else we ask MAX, "
        "which is meant for trials",
        json_schema_extra=choices("as this server allows", "MAX calls us (webhook)", "we ask MAX"),
    )
    authorities: str = Field(
        "",
        title="Certificates of authorities",
        description="MAX proves itself by the Russian Trusted Root CA: paste its certificates (PEM) "
        "from gosuslugi.ru/crt. They are trusted for MAX alone",
        json_schema_extra={"format": "paragraph"},
    )
    base_url: str = Field("https://platform-api2.max.ru", title="Address of the API", json_schema_extra=rare())
    bot_id: int = Field(0, title="Number of the bot", json_schema_extra={"found": True})
    username: str = Field("", title="Name of the bot", json_schema_extra={"found": True})
    webhook_url: str = Field("", title="Address of the webhook", json_schema_extra={"found": True})
    webhook_secret: str = Field("", title="Secret of the webhook", json_schema_extra={"found": True})

    _address = field_validator("base_url")(server_address)

    @field_validator("token")
    @classmethod
    def _is_a_token(cls, value: str) -> str:
        stripped = value.strip()
        if not is_key(stripped, 20):
            raise ValueError("expected a token as MAX shows it: a long line of letters and digits")
        return stripped

    @field_validator("authorities")
    @classmethod
    def _are_certificates(cls, value: str) -> str:
        if value.strip() and "-----BEGIN CERTIFICATE-----" not in value:
            raise ValueError("expected certificates that begin with -----BEGIN CERTIFICATE-----")
        return value.strip()

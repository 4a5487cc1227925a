"""What connects an account of Avito."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connectors.contract import choices


class Config(BaseModel):
    """Everything from `user_id` on is found out or made by `connect`."""

    model_config = ConfigDict(extra="ignore")

    client_id: str = Field(title="Client_id", description="avito.ru → For business → API keys, the personal key")
    client_secret: str = Field(title="Client_secret", description="Stands beside the Client_id")
    way: Literal["auto", "webhook", "polling"] = Field(
        "auto",
        title="How messages come",
        description="Avito calls this server where it has a public https:// address; else we ask Avito",
        json_schema_extra=choices("as this server allows", "Avito calls us (webhook)", "we ask Avito"),
    )
    base_url: str = Field("https://api.avito.ru", title="Address of the API")
    user_id: int = Field(0, title="Number of the account", json_schema_extra={"found": True})
    user_name: str = Field("", title="Name of the account", json_schema_extra={"found": True})
    since: int = Field(0, title="Messages later than", json_schema_extra={"found": True})
    webhook_url: str = Field("", title="Address of the webhook", json_schema_extra={"found": True})
    webhook_secret: str = Field("", title="Secret of the webhook", json_schema_extra={"found": True})

    @field_validator("client_id", "client_secret")
    @classmethod
    def _is_a_key(cls, value: str) -> str:
        stripped = value.strip()
        if len(stripped) < 8 or not stripped.isascii() or any(sign.isspace() for sign in stripped):
            raise ValueError("expected a key as Avito shows it: letters, digits, _ and -")
        return stripped

    @field_validator("base_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).netloc:
            raise ValueError("expected an address with https://")
        return value.rstrip("/")

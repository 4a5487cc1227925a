"""What connects an account of Avito."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connectors.contract import choices, rare
from connectors.wire import is_key, server_address


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
    base_url: str = Field("https://api.avito.ru", title="Address of the API", json_schema_extra=rare())
    user_id: int = Field(0, title="Number of the account", json_schema_extra={"found": True})
    user_name: str = Field("", title="Name of the account", json_schema_extra={"found": True})
    since: int = Field(0, title="Messages later than", json_schema_extra={"found": True})
    webhook_url: str = Field("", title="Address of the webhook", json_schema_extra={"found": True})
    webhook_secret: str = Field("", title="Secret of the webhook", json_schema_extra={"found": True})

    _address = field_validator("base_url")(server_address)

    @field_validator("client_id", "client_secret")
    @classmethod
    def _is_a_key(cls, value: str) -> str:
        stripped = value.strip()
        if not is_key(stripped, 8):
            raise ValueError("expected a key as Avito shows it: letters, digits, _ and -")
        return stripped

"""What connects a community of VK."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connectors.contract import choices, rare
from connectors.wire import is_key, server_address


class Config(BaseModel):
    """Everything from `group_id` on is found out or made by `connect`."""

    model_config = ConfigDict(extra="ignore")

    token: str = Field(
        title="Access key of the community",
        description="Community → Manage → Advanced → API usage → Create key; "
        "it needs the rights to management, messages, photos and files",
    )
    way: Literal["auto", "callback", "long_poll"] = Field(
        "auto",
        title="How messages come",
        description="VK calls this server where it has a public https:// address; else we ask VK",
        json_schema_extra=choices("as this server allows", "VK calls us (Callback API)", "we ask VK (Long Poll)"),
    )
    base_url: str = Field(
        "https://api.vk.com",
        title="Address of the API",
        description="https://api.vk.ru where api.vk.com is not open",
        json_schema_extra=rare(),
    )
    group_id: int = Field(0, title="Number of the community", json_schema_extra={"found": True})
    group_name: str = Field("", title="Name of the community", json_schema_extra={"found": True})
    screen_name: str = Field("", title="Short address of the community", json_schema_extra={"found": True})
    webhook_url: str = Field("", title="Address of the webhook", json_schema_extra={"found": True})
    webhook_secret: str = Field("", title="Secret of the webhook", json_schema_extra={"found": True})
    confirmation: str = Field("", title="Confirmation code", json_schema_extra={"found": True})

    _address = field_validator("base_url")(server_address)

    @field_validator("token")
    @classmethod
    def _is_a_token(cls, value: str) -> str:
        stripped = value.strip()
        if not is_key(stripped, 20):
            raise ValueError("expected a key as VK shows it: a long line of letters and digits")
        return stripped

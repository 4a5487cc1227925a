"""What connects an account of Viber."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connectors.contract import choices, rare
from connectors.wire import is_key, server_address


class Config(BaseModel):
    """Everything from `account_id` on is found out or made by `connect`."""

    model_config = ConfigDict(extra="ignore")

    token: str = Field(
        title="Token of the bot", description="Viber → More → Settings → Bots → your bot → Edit info → Your app key"
    )
    signed_by: Literal["account", "agent"] = Field(
        "account",
        title="Name above the answers",
        description="Viber shows a name above every answer of a bot",
        json_schema_extra=choices("the name of the bot", "the name of the agent"),
    )
    welcome: str = Field(
        "",
        title="Words of welcome",
        description="What Viber shows at once to whoever opens the dialog; without one nothing is shown",
        max_length=1000,
        json_schema_extra={"format": "paragraph"},
    )
    base_url: str = Field("https://chatapi.viber.com", title="Address of the API", json_schema_extra=rare())
    account_id: str = Field("", title="Number of the bot", json_schema_extra={"found": True})
    account_name: str = Field("", title="Name of the bot", json_schema_extra={"found": True})
    uri: str = Field("", title="Short address of the bot", json_schema_extra={"found": True})
    webhook_url: str = Field("", title="Address of the webhook", json_schema_extra={"found": True})

    _address = field_validator("base_url")(server_address)

    @field_validator("token")
    @classmethod
    def _is_a_token(cls, value: str) -> str:
        stripped = value.strip()
        if not is_key(stripped, 20):
            raise ValueError("expected a token as Viber shows it: letters and digits with hyphens between")
        return stripped

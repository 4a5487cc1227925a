"""What connects a group of Odnoklassniki."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connectors.contract import rare
from connectors.wire import is_key, server_address


class Config(BaseModel):
    """Everything from `group_id` on is found out or made by `connect`."""

    model_config = ConfigDict(extra="ignore")

    token: str = Field(
        title="Access key of the group",
        description="Group → Settings → Management → Work with API → Get access key; "
        "a new key makes the old one useless",
    )
    base_url: str = Field("https://api.ok.ru", title="Address of the API", json_schema_extra=rare())
    group_id: str = Field("", title="Number of the group", json_schema_extra={"found": True})
    webhook_url: str = Field("", title="Address of the webhook", json_schema_extra={"found": True})
    webhook_secret: str = Field("", title="Secret of the webhook", json_schema_extra={"found": True})

    _address = field_validator("base_url")(server_address)

    @field_validator("token")
    @classmethod
    def _is_a_token(cls, value: str) -> str:
        stripped = value.strip()
        if not is_key(stripped, 20):
            raise ValueError("expected a key as OK shows it: a long line of letters and digits")
        return stripped

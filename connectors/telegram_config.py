"""What connects a bot of Telegram."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connectors.contract import rare
from connectors.wire import proxy_address, server_address

_TOKEN = re.compile(r"\d{1,20}:[A-Za-z0-9_-]{20,100}")


class Config(BaseModel):
    """`username`, `webhook_url` and `webhook_secret` are found out or made by `connect`."""

    model_config = ConfigDict(extra="ignore")

    token: str = Field(
        title="Token of the bot", description="@BotFather gives it: send him /newbot, or /token for a bot that you have"
    )
    webhook: bool = Field(
        False,
        title="Telegram calls us (webhook)",
        description="Off: we ask Telegram, which works everywhere. On: this server needs a public https:// address",
    )
    base_url: str = Field(
        "https://api.telegram.org",
        title="Address of the Bot API",
        description="Another one if you run your own Bot API server, for example for files over 20 MB",
        json_schema_extra=rare(),
    )
    proxy: str = Field(
        "",
        title="Proxy",
        description="http://user:password@host:port, where Telegram is blocked; a single - takes it away",
    )
    username: str = Field("", title="Name of the bot", json_schema_extra={"found": True})
    webhook_url: str = Field("", title="Address of the webhook", json_schema_extra={"found": True})
    webhook_secret: str = Field("", title="Secret of the webhook", json_schema_extra={"found": True})

    _address = field_validator("base_url")(server_address)
    _proxy = field_validator("proxy")(proxy_address)

    @field_validator("token")
    @classmethod
    def _is_a_token(cls, value: str) -> str:
        if not _TOKEN.fullmatch(value.strip()):
            raise ValueError("expected a token as @BotFather gives it: digits, a colon, letters")
        return value.strip()

    @property
    def bot_id(self) -> int:
        """The bot's id among Telegram's users: the number before the colon."""
        return int(self.token.partition(":")[0])


def entry_url(config: Config, token: str) -> str:
    """A link that starts the bot with this token; "" before the bot's name is known.

    https://core.telegram.org/bots/features#deep-linking
    """
    return f"https://t.me/{config.username}?start={token}" if config.username else ""

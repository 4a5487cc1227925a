"""What connects a mailbox: the form, and what is known of the large providers.

Hosts: help pages of each provider (Yandex 360 "Mail clients", Mail.ru "IMAP, SMTP", Gmail "IMAP", Outlook "POP, IMAP").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

_OTHER = ("other",)


@dataclass(frozen=True, slots=True)
class Server:
    """One host. `security`: tls (from the start), starttls, or none (only inside one's own network)."""

    host: str
    port: int
    security: str


@dataclass(frozen=True, slots=True)
class Provider:
    """A large provider: its servers, where access tokens are made, and whether it keeps what is sent by itself."""

    imap: Server
    smtp: Server
    token_url: str
    keeps_sent: bool


PROVIDERS: Mapping[str, Provider] = {
    "yandex": Provider(
        Server("imap.yandex.ru", 993, "tls"),
        Server("smtp.yandex.ru", 465, "tls"),
        "https://oauth.yandex.ru/token",
        keeps_sent=False,
    ),
    "mailru": Provider(
        Server("imap.mail.ru", 993, "tls"),
        Server("smtp.mail.ru", 465, "tls"),
        "https://o2.mail.ru/token",
        keeps_sent=False,
    ),
    "gmail": Provider(
        Server("imap.gmail.com", 993, "tls"),
        Server("smtp.gmail.com", 465, "tls"),
        "https://oauth2.googleapis.com/token",
        keeps_sent=True,
    ),
    "outlook": Provider(
        Server("outlook.office365.com", 993, "tls"),
        Server("smtp.office365.com", 587, "starttls"),
        "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        keeps_sent=True,
    ),
}


class Config(BaseModel):
    """What connects the channel."""

    model_config = ConfigDict(extra="ignore")

    provider: Literal["yandex", "mailru", "gmail", "outlook", "other"] = Field(
        "yandex",
        title="Mail service",
        description="The servers of these services are known; for another one fill in the servers below",
        json_schema_extra={"words": ["Yandex Mail", "Mail.ru", "Gmail", "Outlook, Microsoft 365", "Another one"]},
    )
    address: str = Field(title="Mailbox", description="The e-mail address that clients write to")
    password: str = Field(
        "",
        title="App password",
        description="Not the password of the account: the page of this channel says where each service makes one",
    )
    user: str = Field("", title="Name for signing in", description="Empty: the address of the mailbox")
    sender_name: str = Field("", title="Sender", description="Whom a letter is from; empty: the agent's name")
    signature: str = Field(
        "",
        title="Signature",
        description="Below every answer; {agent} is the agent's name",
        json_schema_extra={"format": "paragraph"},
    )
    folders: list[str] = Field(
        default_factory=lambda: ["INBOX"],
        title="Folders to read",
        description="One a line; INBOX is the folder of incoming letters",
        max_length=10,
    )
    plus: bool = Field(
        False,
        title="Number the address for answers",
        description="Answers go to name+number@domain: they find their dialog even when a mailer loses the thread",
    )
    imap_host: str = Field("", title="IMAP server", description="Only for another service")
    imap_port: int = Field(993, title="IMAP port", ge=1, le=65535)
    smtp_host: str = Field("", title="SMTP server", description="Only for another service")
    smtp_port: int = Field(465, title="SMTP port", ge=1, le=65535)
    security: Literal["tls", "starttls", "none"] = Field(
        "tls",
        title="Encryption of another service",
        json_schema_extra={"words": ["From the start (SSL/TLS)", "STARTTLS", "None: only inside your own network"]},
    )
    authorities: str = Field(
        "",
        title="Certificates of your own authority",
        description="PEM; only for a server with a certificate of its own",
        json_schema_extra={"format": "paragraph"},
    )
    oauth_client_id: str = Field("", title="OAuth client", description="Instead of a password: XOAUTH2")
    oauth_client_secret: str = Field("", title="OAuth client secret")
    oauth_refresh_token: str = Field("", title="OAuth refresh token")
    oauth_token_url: str = Field("", title="OAuth token address", description="Empty: that of the service")
    sent_folder: str = Field("", title="Sent folder", json_schema_extra={"found": True})

    @field_validator("address")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        local, at, host = value.strip().lower().rpartition("@")
        if not at or not local or "." not in host or any(sign.isspace() or sign in '<>,;"' for sign in value.strip()):
            raise ValueError("expected an e-mail address")
        return f"{local}@{host}"

    @field_validator("oauth_token_url")
    @classmethod
    def _is_a_link(cls, value: str) -> str:
        if value and not value.startswith(("https://", "http://")):
            raise ValueError("expected an address with https://")
        return value

    @model_validator(mode="after")
    def _can_sign_in(self) -> Config:
        if not self.password and not (self.oauth_client_id and self.oauth_refresh_token):
            raise ValueError("expected an app password, or an OAuth client with a refresh token")
        if self.provider in _OTHER and not (self.imap_host and self.smtp_host):
            raise ValueError("expected the servers of the service")
        return self

    @property
    def imap(self) -> Server:
        """Where letters are read."""
        known = PROVIDERS.get(self.provider)
        return known.imap if known else Server(self.imap_host, self.imap_port, self.security)

    @property
    def smtp(self) -> Server:
        """Where letters are handed over."""
        known = PROVIDERS.get(self.provider)
        return known.smtp if known else Server(self.smtp_host, self.smtp_port, self.security)

    @property
    def token_url(self) -> str:
        """Where access tokens are made."""
        known = PROVIDERS.get(self.provider)
        return self.oauth_token_url or (known.token_url if known else "")

    @property
    def login(self) -> str:
        """The name for signing in."""
        return self.user or self.address

    def shown(self) -> dict[str, Any]:
        """Nothing secret: for words about the mailbox."""
        return {"address": self.address, "imap": self.imap.host, "smtp": self.smtp.host}

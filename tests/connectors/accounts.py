"""What the contract test must know of each channel beyond its declaration: one row per kind.

A new connector needs a row here, a folder payloads/<kind>/ (bodies that must not be read go into its `unreadable/`),
and a page docs/channels/<kind>.md; tests/connectors/test_contract*.py then run over it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson
import pytest

import connectors
from connectors.contract import AnyConnector, Outgoing, Request
from tests.connectors.mail_bytes import mail_bytes
from tests.platforms.loopback import Answer

PAYLOADS = Path(__file__).parent / "payloads"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
# What a header must never be: nothing, something else, another alphabet, bytes that are no UTF-8.
FORGERIES = ("", "x", "секрет", "v1,секрет", "\udcff\udcfe", "v1," + "A" * 44)


@dataclass(frozen=True)
class Account:
    """One kind as its platform and its administrator see it.

    `config` makes a working configuration for a platform at a base URL; `request` wraps and proves a body;
    `proofs` names the headers and query parameters without which the request must be refused.
    """

    config: Callable[[str], dict[str, Any]]
    request: Callable[[bytes, Mapping[str, Any]], Request]
    proofs: tuple[str, ...] = ()
    # The same for members of a JSON body.
    body_proofs: tuple[str, ...] = ()
    # From the tree of a payload file to the bytes that the platform posts.
    encode: Callable[[Any], bytes] = orjson.dumps
    # Whether answers go over HTTP to the base URL, so that its faults can be played.
    sends_by_http: bool = True
    # How the platform says "too often, wait 7 seconds"; the plain HTTP way unless it has its own.
    throttled: Answer = field(default_factory=lambda: Answer(429, headers={"Retry-After": "7"}))
    # What the platform says before it is given a message (a token), so that only the message meets trouble.
    before: tuple[Answer, ...] = ()
    # Somebody to answer.
    address: str = "client-7"


def _bare(body: bytes) -> Request:
    return Request("POST", {}, {"content-type": "application/json"}, body, NOW)


def _standard_webhooks(body: bytes, config: Mapping[str, Any]) -> Request:
    stamp = str(int(NOW.timestamp()))
    key = base64.b64decode(config["secret"].removeprefix("whsec_"))
    digest = hmac.new(key, f"evt-1.{stamp}.".encode() + body, hashlib.sha256).digest()
    proof = {"webhook-id": "evt-1", "webhook-timestamp": stamp}
    proof["webhook-signature"] = f"v1,{base64.b64encode(digest).decode()}"
    bare = _bare(body)
    return replace(bare, headers={**bare.headers, **proof})


def _api(base: str) -> dict[str, Any]:
    secrets = {name: "whsec_" + base64.b64encode(name.encode() * 4).decode() for name in ("secret", "old_secret")}
    return {**secrets, "url": f"{base}/answers"}


def _telegram(base: str) -> dict[str, Any]:
    return {
        "token": "7000001:AAFakeFakeFakeFakeFakeFakeFakeFakeFak",
        "base_url": base,
        "webhook": True,
        "webhook_url": f"{base}/hooks/telegram/1",
        "webhook_secret": "hook-secret-0001",
    }


def _telegram_webhook(body: bytes, config: Mapping[str, Any]) -> Request:
    bare = _bare(body)
    return replace(bare, headers={**bare.headers, "x-telegram-bot-api-secret-token": config["webhook_secret"]})


def _vk(base: str) -> dict[str, Any]:
    return {
        "token": "vk1.a.FakeFakeFakeFakeFakeFakeFake",
        "base_url": base,
        "group_id": 204000101,
        "group_name": "Дубрава",
        "screen_name": "dubrava_shop",
        "webhook_url": f"{base}/hooks/vk/1",
        "webhook_secret": "callback-secret-0001",
        "confirmation": "c0f1rm00",
    }


def _vk_callback(body: bytes, config: Mapping[str, Any]) -> Request:
    """The event as VK posts it: with the secret of the server. What is no object is left alone."""
    secret = orjson.dumps({"secret": config["webhook_secret"]})[:-1]
    return _bare(secret + b"," + body[1:] if body[:2] not in (b"", b"{}", b"{") and body[:1] == b"{" else body)


def _signed_by_meta(body: bytes, config: Mapping[str, Any]) -> Request:
    digest = hmac.new(config["app_secret"].encode(), body, hashlib.sha256).hexdigest()
    bare = _bare(body)
    return replace(bare, headers={**bare.headers, "x-hub-signature-256": f"sha256={digest}"})


def _whatsapp(base: str) -> dict[str, Any]:
    return {
        "phone_number_id": "106540352242922",
        "account_id": "102290129340398",
        "app_id": "670843887433847",
        "app_secret": "app-secret-0001",
        "access_token": "EAAJB-access-0001",
        "base_url": base,
        "number": "+7 916 000-00-00",
    }


def _max(base: str) -> dict[str, Any]:
    return {
        "token": "f9LHodD0cOKFakeFakeFakeFakeFakeFake",
        "base_url": base,
        "bot_id": 229229229,
        "username": "dubrava_bot",
        "webhook_url": f"{base}/hooks/max/1",
        "webhook_secret": "max-hook-secret-0001",
    }


def _max_webhook(body: bytes, config: Mapping[str, Any]) -> Request:
    bare = _bare(body)
    return replace(bare, headers={**bare.headers, "x-max-bot-api-secret": config["webhook_secret"]})


def _mailbox(_base: str) -> dict[str, Any]:
    nowhere = {"imap_host": "mail.invalid", "smtp_host": "mail.invalid"}
    return {**nowhere, "provider": "other", "address": "support@dubrava.example", "password": "app-pass-word-1"}


def _messenger(base: str) -> dict[str, Any]:
    common = {name: _whatsapp(base)[name] for name in ("app_id", "app_secret", "access_token", "base_url")}
    return {**common, "page_id": "106540352242999"}


def _instagram(base: str) -> dict[str, Any]:
    common = {name: _whatsapp(base)[name] for name in ("app_id", "app_secret", "access_token", "base_url")}
    return {**common, "account_id": "17841405822304914", "username": "dubrava"}


def _ok(base: str) -> dict[str, Any]:
    return {
        "token": "tkn18YdUJZeFakeFakeFake:CQABPOJKAKEKEKEKE",
        "base_url": base,
        "group_id": "group:52990000000000",
        "webhook_url": f"{base}/hooks/ok/1",
        "webhook_secret": "ok-address-secret-0001",
    }


def _ok_webhook(body: bytes, config: Mapping[str, Any]) -> Request:
    return replace(_bare(body), query={"key": config["webhook_secret"]})


def _viber(base: str) -> dict[str, Any]:
    return {
        "token": "445da6az1s345z78-dazcczb2542zv51a-e0vc5fva17480im9",
        "base_url": base,
        "account_id": "pa:75346594275468546724",
        "account_name": "Дубрава",
        "uri": "dubrava",
        "webhook_url": f"{base}/hooks/viber/1",
        "welcome": "Здравствуйте! Напишите, чем помочь.",
    }


def _signed_by_viber(body: bytes, config: Mapping[str, Any]) -> Request:
    digest = hmac.new(config["token"].encode(), body, hashlib.sha256).hexdigest()
    bare = _bare(body)
    return replace(bare, headers={**bare.headers, "x-viber-content-signature": digest})


def _line(base: str) -> dict[str, Any]:
    keys = {"channel_secret": "line-secret-0001", "access_token": "line-token-0001"}
    return {**keys, "base_url": base, "files_url": base, "basic_id": "@dubrava"}


def _signed_by_line(body: bytes, config: Mapping[str, Any]) -> Request:
    digest = hmac.new(config["channel_secret"].encode(), body, hashlib.sha256).digest()
    bare = _bare(body)
    return replace(bare, headers={**bare.headers, "x-line-signature": base64.b64encode(digest).decode()})


def _avito(base: str) -> dict[str, Any]:
    return {
        "client_id": "client-id-0001",
        "client_secret": "client-secret-0001",
        "base_url": base,
        "user_id": 94235311,
        "webhook_url": f"{base}/hooks/avito/1?key=avito-hook-secret-0001",
        "webhook_secret": "avito-hook-secret-0001",
    }


def _avito_webhook(body: bytes, config: Mapping[str, Any]) -> Request:
    return replace(_bare(body), query={"key": config["webhook_secret"]})


def _twilio(base: str) -> dict[str, Any]:
    return {
        "account_sid": "AC" + "0123456789abcdef" * 2,
        "auth_token": "12345678901234567890123456789012",
        "sender": "+12025550100",
        **dict.fromkeys(("base_url", "content_url", "messaging_url"), base),
        "webhook_url": f"{base}/hooks/twilio/1",
    }


def form_bytes(tree: Any) -> bytes:
    """A flat object as Twilio posts it; what is none goes as it is."""
    if not isinstance(tree, dict):
        return orjson.dumps(tree)
    texts = {name: value if isinstance(value, str) else orjson.dumps(value).decode() for name, value in tree.items()}
    return urlencode(texts).encode()


def _signed_by_twilio(body: bytes, config: Mapping[str, Any]) -> Request:
    url = config["webhook_url"]
    signed = url + "".join(name + value for name, value in sorted(parse_qsl(body.decode("latin-1"), True)))
    digest = hmac.new(config["auth_token"].encode(), signed.encode(), hashlib.sha1).digest()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    headers["x-twilio-signature"] = base64.b64encode(digest).decode()
    return replace(_bare(body), headers=headers, url=url)


ACCOUNTS: dict[str, Account] = {
    "twilio": Account(
        _twilio, _signed_by_twilio, proofs=("x-twilio-signature",), encode=form_bytes, address="+79171234567"
    ),
    "avito": Account(
        _avito,
        _avito_webhook,
        proofs=("key",),
        before=(Answer(200, b'{"access_token":"token-0001","expires_in":86400,"token_type":"Bearer"}'),),
        address="u2i-CHATxQ~Zk3",
    ),
    "viber": Account(_viber, _signed_by_viber, proofs=("x-viber-content-signature",), address="01234567890A="),
    "line": Account(_line, _signed_by_line, proofs=("x-line-signature",), address="U4af4980629aa4b1d9c1a5d9a5c1a5d9a"),
    "messenger": Account(_messenger, _signed_by_meta, proofs=("x-hub-signature-256",), address="6254938275001234"),
    "instagram": Account(_instagram, _signed_by_meta, proofs=("x-hub-signature-256",), address="1254459154682919"),
    "ok": Account(_ok, _ok_webhook, proofs=("key",), address="chat:C3ecb9d02a600"),
    "max": Account(_max, _max_webhook, proofs=("x-max-bot-api-secret",), address="182182182"),
    "vk": Account(_vk, _vk_callback, body_proofs=("secret", "group_id"), address="700100200"),
    "whatsapp": Account(_whatsapp, _signed_by_meta, proofs=("x-hub-signature-256",), address="79171234567"),
    "email": Account(
        _mailbox,
        # Letters are fetched by the product itself; what is posted is refused.
        lambda body, _config: Request("POLL", {}, {}, body, NOW),
        encode=mail_bytes,
        sends_by_http=False,
        address="marina@example.com",
    ),
    "telegram": Account(
        _telegram,
        _telegram_webhook,
        proofs=("x-telegram-bot-api-secret-token",),
        throttled=Answer(429, b'{"ok":false,"error_code":429,"description":"Too Many","parameters":{"retry_after":7}}'),
        address="700100200",
    ),
    "api": Account(_api, _standard_webhooks, proofs=("webhook-id", "webhook-timestamp", "webhook-signature")),
    "widget": Account(
        lambda _base: {"identity_secret": "hidden-identity-secret"},
        lambda body, _config: _bare(body),
        sends_by_http=False,
    ),
}


EVERY = list(connectors.every())
every_connector = pytest.mark.parametrize("declared", EVERY, ids=lambda declared: declared.kind)


def config_of(declared: AnyConnector, base: str = "https://platform.example") -> Any:
    """The checked configuration of a kind's row."""
    return declared.config.model_validate(ACCOUNTS[declared.kind].config(base))


def bodies(kind: str, folder: str = "") -> dict[str, bytes]:
    """The payload files of a kind by name, as they are sent."""
    files = sorted((PAYLOADS / kind / folder).glob("*.json"))
    return {path.stem: ACCOUNTS[kind].encode(orjson.loads(path.read_bytes())) for path in files}


def forged(kind: str, request: Request) -> Iterator[Request]:
    """The request without each of its proofs, and with each of them replaced by something that proves nothing."""
    for name in ACCOUNTS[kind].proofs:
        place = "headers" if name in request.headers else "query"
        held = getattr(request, place)
        yield replace(request, **{place: {key: value for key, value in held.items() if key != name}})
        for wrong in (*FORGERIES, held[name] + "x", held[name][:-4]):
            yield replace(request, **{place: {**held, name: wrong}})
    for name in ACCOUNTS[kind].body_proofs:
        told = orjson.loads(request.body)
        yield replace(request, body=orjson.dumps({key: value for key, value in told.items() if key != name}))
        for false in ("", "x", "секрет", f"{told[name]}x", f"{told[name]}"[:-4], None, 1, [], {}):
            yield replace(request, body=orjson.dumps({**told, name: false}))


def outgoing(text: str = "Да, есть", **parts: Any) -> Outgoing:
    """An answer to hand over."""
    values = {"dedup_key": "m12-c0ffee", "address": "client-7", "at": NOW, "now": NOW, "parts": (text,)}
    return Outgoing(text=text, **{**values, **parts})

"""Twilio on loopback: one account with its senders, their webhooks, its content, clients, files and refusals.

Facts: https://www.twilio.com/docs/messaging/api/message-resource,
https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource,
https://www.twilio.com/docs/messaging/api/service-resource, https://www.twilio.com/docs/whatsapp/api/senders and
https://www.twilio.com/docs/content/content-api-resources. Webhooks are signed by Twilio's own program.
"""

from __future__ import annotations

import base64
from collections import deque
from typing import Any
from urllib.parse import parse_qsl, urlencode

import aiohttp
import orjson
from twilio.request_validator import RequestValidator

from tests.platforms.loopback import Answer, Asked, Platform

ACCOUNT = "AC" + "0123456789abcdef" * 2
TOKEN = "12345678901234567890123456789012"
NUMBER = "+12025550100"
CLIENT = "+79171234567"
SERVICE = "MG" + "0" * 32
_ROOT = f"/2010-04-01/Accounts/{ACCOUNT}"


def refusal(code: int, status: int = 400, words: str = "") -> Answer:
    """A refusal as Twilio says it."""
    return Answer(status, orjson.dumps({"code": code, "message": words, "status": status}))


class Twilio(Platform):
    """The whole platform.

    Knobs: `reach`, `repeat`, `refuse`, `status`, `numbers`, `codes`, `services`, `senders`, `locked` (webhooks that the
    API shows and does not change), `forbidden` (neither), `contents`, `closed` (whose 24 hours are over), `stopped`, `files`.
    """

    def __init__(self) -> None:
        """An active account whose number has no webhook yet."""
        super().__init__()
        self.status = "active"
        self.numbers = [{"sid": "PN1", "phone_number": NUMBER, "sms_url": "", "sms_application_sid": "AP1"}]
        self.codes = [{"sid": "SC1", "short_code": "12345", "sms_url": ""}]
        self.services: dict[str, dict[str, Any]] = {
            SERVICE: {"inbound_request_url": None, "use_inbound_webhook_on_number": True}
        }
        self.senders: list[dict[str, Any]] = [
            {"sid": "XE1", "sender_id": f"whatsapp:{NUMBER}9", "webhook": None},
            {"sid": "XE2", "sender_id": f"whatsapp:{NUMBER}", "status": "ONLINE", "webhook": {"callback_url": ""}},
        ]
        self.locked = self.forbidden = False
        self.contents: list[dict[str, Any]] = []
        self.closed: set[str] = set()
        self.typing: list[dict[str, str]] = []
        self.sent: dict[str, dict[str, str]] = {}
        self.files: dict[str, bytes] = {}
        self.stopped: set[str] = set()
        self.refusals: deque[Answer] = deque()
        self.reach: tuple[str, str] = ("", "")
        self.repeat = 1
        self.replies: set[tuple[str, bytes]] = set()
        self._count = 0

    def refuse(self, *answers: Answer) -> None:
        """Script what the next messages are answered."""
        self.refusals.extend(answers)

    @property
    def webhook(self) -> str:
        """Where messages to the number go."""
        return self.numbers[0]["sms_url"]

    async def writes(self, text: str = "", **fields: str) -> None:
        """The client writes to the number."""
        self._count += 1
        told = {"MessageSid": f"SM{self._count:032x}", "AccountSid": ACCOUNT, "SmsStatus": "received", "NumMedia": "0"}
        await self.tell(self.webhook, {**told, "From": CLIENT, "To": NUMBER, "Body": text, **fields})

    async def reached(self, name: str, status: str, **fields: str) -> None:
        """What became of a message."""
        told = {"MessageSid": name, "MessageStatus": status, "SmsStatus": status, "AccountSid": ACCOUNT}
        await self.tell(self.sent[name]["StatusCallback"], {**told, **fields})

    async def tell(self, url: str, fields: dict[str, str]) -> None:
        """One webhook, `repeat` times, signed for the public address; anything but 200 is a failure."""
        headers = {"X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(url, fields)}
        for _ in range(self.repeat):
            async with (
                aiohttp.ClientSession() as http,
                http.post(url.replace(*self.reach), data=fields, headers=headers) as answer,
            ):
                assert answer.status == 200
                self.replies.add((answer.content_type, await answer.read()))

    def respond(self, asked: Asked) -> Answer:
        """The API, and files, which lie elsewhere and want no keys there."""
        proven = asked.headers.get("authorization")
        if asked.path.startswith("/store/"):
            assert proven is None, "the keys are for Twilio alone"
            return Answer(200, self.files[asked.path.removeprefix("/store/")])
        if proven != "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode():
            return refusal(20003, 401, "Authenticate")
        if asked.path.startswith(("/v1/", "/v2/")):
            return self._young(asked)
        path = asked.path.removeprefix(_ROOT)
        fields = dict(parse_qsl(asked.body.decode(), keep_blank_values=True))
        if path.startswith("/Media/"):
            return Answer(307, headers={"Location": f"{self.url}/store/{path.removeprefix('/Media/')}"})
        if path == ".json":
            return _said({"sid": ACCOUNT, "friendly_name": "Дубрава", "status": self.status})
        if path == "/IncomingPhoneNumbers.json":
            asked_for = asked.query["PhoneNumber"]
            return _said({"incoming_phone_numbers": [one for one in self.numbers if asked_for in one["phone_number"]]})
        if path.startswith("/IncomingPhoneNumbers/"):
            number = next(one for one in self.numbers if path == f"/IncomingPhoneNumbers/{one['sid']}.json")
            number |= {"sms_url": fields["SmsUrl"], "sms_application_sid": fields["SmsApplicationSid"]}
            return _said(number)
        if path == "/SMS/ShortCodes.json":
            return _said({"short_codes": [one for one in self.codes if asked.query["ShortCode"] in one["short_code"]]})
        if path == "/SMS/ShortCodes/SC1.json":
            self.codes[0]["sms_url"] = fields["SmsUrl"]
            return _said(self.codes[0])
        assert path == "/Messages.json"
        return self._send(fields)

    def _young(self, asked: Asked) -> Answer:
        """The servers of content and of messaging, whose paths begin with a version."""
        place, _, name = asked.path.removeprefix("/v1/").removeprefix("/v2/").partition("/")
        if self.forbidden or (asked.body and self.locked):
            return refusal(20403, 403, "Forbidden")
        if place == "ContentAndApprovals":
            return self._page(asked, "contents", self.contents)
        if place == "Content" and asked.body:
            made = {"sid": f"HX{len(self.contents) + 1:032x}", **orjson.loads(asked.body)}
            self.contents.append(made)
            return _said(made, 201)
        if place == "Content":
            wanted = asked.query["ContentName"]
            return _said({"contents": [one for one in self.contents if one["friendly_name"].startswith(wanted)]})
        if place == "Services":
            return self._service(name, dict(parse_qsl(asked.body.decode(), keep_blank_values=True)))
        if place == "Indicators":
            self.typing.append(dict(parse_qsl(asked.body.decode())))
            return _said({"success": True})
        assert place == "Channels"
        if not asked.body:
            return self._page(asked, "senders", self.senders)
        sender = next(one for one in self.senders if name == f"Senders/{one['sid']}")
        sender["webhook"] = orjson.loads(asked.body)["webhook"]
        return _said(sender, 202)

    def _page(self, asked: Asked, listed: str, items: list[dict[str, Any]]) -> Answer:
        """One thing a page, whose next address names Twilio's own server."""
        at = int(asked.query.get("Page", "0"))
        more = f"https://twilio.example{asked.path}?Page={at + 1}" if at + 1 < len(items) else None
        return _said({listed: items[at : at + 1], "meta": {"next_page_url": more, "key": listed}})

    def _service(self, name: str, fields: dict[str, str]) -> Answer:
        if name not in self.services:
            return refusal(20404, 404, "The requested resource was not found")
        if fields:
            url, own = fields["InboundRequestUrl"], fields["UseInboundWebhookOnNumber"] == "true"
            self.services[name] |= {"inbound_request_url": url, "use_inbound_webhook_on_number": own}
        return _said(self.services[name])

    def _send(self, fields: dict[str, str]) -> Answer:
        if self.refusals:
            return self.refusals.popleft()
        if fields["To"] in self.stopped:
            return refusal(21610, words="Attempt to send to unsubscribed recipient")
        assert ("From" in fields) != ("MessagingServiceSid" in fields)
        if fields["To"] in self.closed and "ContentSid" not in fields:
            return refusal(63016)
        if "ContentSid" in fields:
            if fields["ContentSid"] not in {one["sid"] for one in self.contents}:
                return refusal(21655)
        else:
            assert fields.get("Body") or fields.get("MediaUrl")
        if len(fields.get("Body", "")) > 1600:
            return refusal(21617)
        name = f"SM{len(self.sent) + 1:031x}f"
        self.sent[name] = fields
        return _said({"sid": name, "status": "queued"}, 201)


def _said(tree: Any, status: int = 200) -> Answer:
    return Answer(status, orjson.dumps(tree))


def signed_by_the_second_program(url: str, body: bytes) -> str:
    """The signature that Twilio's own program makes of a form."""
    return str(RequestValidator(TOKEN).compute_signature(url, dict(parse_qsl(body.decode(), keep_blank_values=True))))


def form(**fields: str) -> bytes:
    """A form as it is posted."""
    return urlencode(fields).encode()

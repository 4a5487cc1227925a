"""WhatsApp's Cloud API on loopback: one number, its clients, files, templates and the rules of its window.

Facts: https://developers.facebook.com/docs/whatsapp/cloud-api/reference; what a message must look like is checked by
hand against the reference, for no library publishes its schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.platforms.loopback import Answer, Asked
from tests.platforms.meta import Graph, failure, said

NUMBER_ID = "106540352242922"
ACCOUNT_ID = "102290129340398"
TEXT_KINDS = ("text", "interactive", "template", "reaction")
FILE_KINDS = ("image", "video", "audio", "document", "sticker")


class WhatsApp(Graph):
    """A number. `closed` are the clients whose window is over; `notes` are read marks and typing."""

    def __init__(self, *, trouble: float = 0.0, seed: int = 1) -> None:
        """Nobody has written yet."""
        super().__init__(trouble=trouble, seed=seed)
        self.closed: set[str] = set()
        self.uploads: dict[str, bytes] = {}
        self.files: dict[str, bytes] = {}
        self.notes: list[dict[str, Any]] = []
        self.templates: list[dict[str, Any]] = []
        self.webhook = ""
        self.subscribed = False
        self.quality = "GREEN"

    async def handle(self, method: str, path: str, body: Mapping[str, Any], asked: Asked) -> Answer:
        """The methods that the connector uses."""
        match method, path.split("/"):
            case "GET", [number] if number == NUMBER_ID:
                return self._number()
            case "POST", [number] if number == NUMBER_ID:
                return await self._lead(body["webhook_configuration"])
            case "POST", [number, "messages"] if number == NUMBER_ID:
                return self._message(body, asked)
            case "POST", [number, "media"] if number == NUMBER_ID:
                return self._upload(asked)
            case "POST", [account, "subscribed_apps"] if account == ACCOUNT_ID:
                self.subscribed = True
                return said(success=True)
            case "GET", [account, "message_templates"] if account == ACCOUNT_ID:
                return self._templates(asked)
            case "GET", ["lookaside", name] if name in self.files:
                return Answer(body=self.files[name], headers={"Content-Type": "image/jpeg"})
            case "GET", [name] if name in self.files:
                url = f"{self.url}/v25.0/lookaside/{name}"
                return said(url=url, mime_type="image/jpeg", file_size=len(self.files[name]), id=name)
        return failure(100, f"Unsupported {method} request.", subcode=33)

    def texts(self, address: str) -> list[str]:
        """What one client was told, in order."""
        return [body["text"]["body"] for body in self.sent if body.get("to") == address and body["type"] == "text"]

    def _number(self) -> Answer:
        places = {"phone_number": self.webhook} if self.webhook else {}
        return said(
            id=NUMBER_ID,
            display_phone_number="+7 916 000-00-00",
            verified_name="Дубрава",
            quality_rating=self.quality,
            messaging_limit_tier="TIER_1K",
            webhook_configuration=places,
        )

    async def _lead(self, configuration: Mapping[str, Any]) -> Answer:
        url = configuration["override_callback_uri"]
        if url and not await self.shakes_hands(url, configuration["verify_token"]):
            return failure(2200, "Callback verification failed")
        self.webhook = url
        return said(success=True)

    def _message(self, body: Mapping[str, Any], asked: Asked) -> Answer:
        assert body["messaging_product"] == "whatsapp"
        if body.get("status") == "read":
            self.notes.append(dict(body))
            return said(success=True)
        trouble = self.troubled(asked, carried_out=False)
        if trouble is not None:
            return trouble
        wrong = self._wrong(body)
        if wrong is not None:
            return wrong
        self.sent.append(dict(body))
        trouble = self.troubled(asked, carried_out=True)
        if trouble is not None:
            return trouble
        address = body.get("to") or body["recipient"]
        contact = {"input": address, ("wa_id" if "to" in body else "user_id"): address}
        return said(messaging_product="whatsapp", contacts=[contact], messages=[{"id": f"wamid.{len(self.sent)}"}])

    def _wrong(self, body: Mapping[str, Any]) -> Answer | None:
        kind = body["type"]
        content = body[kind]
        if ("to" in body) == ("recipient" in body) or kind not in (*TEXT_KINDS, *FILE_KINDS):
            return failure(100, "(#100) Invalid parameter")
        if body.get("to") in self.closed and kind != "template":
            return failure(131047, "Re-engagement message")
        if kind == "text" and not 0 < len(content["body"]) <= 4096:
            return failure(100, "Param text['body'] must be at most 4096 characters long.")
        if kind in FILE_KINDS and content["id"] not in self.uploads:
            return failure(131053, "Media upload error")
        if kind == "audio" and "caption" in content:
            return failure(100, "Unexpected key caption")
        if kind == "interactive":
            return self._wrong_buttons(content)
        return self._wrong_template(content) if kind == "template" else None

    def _wrong_buttons(self, content: Mapping[str, Any]) -> Answer | None:
        if not 0 < len(content["body"]["text"]) <= 1024:
            return failure(100, "Body text length")
        if content["type"] == "button":
            titles = [button["reply"]["title"] for button in content["action"]["buttons"]]
            fits = len(titles) <= 3 and len(set(titles)) == len(titles) and all(0 < len(one) <= 20 for one in titles)
        elif content["type"] == "list":
            rows = [row for section in content["action"]["sections"] for row in section["rows"]]
            fits = len(rows) <= 10 and all(len(row["title"]) <= 24 for row in rows)
            fits = fits and all(len(row.get("description", "")) <= 72 for row in rows)
        else:
            fits = len(content["action"]["parameters"]["display_text"]) <= 20
        return None if fits else failure(131009, "Parameter value is not valid")

    def _wrong_template(self, content: Mapping[str, Any]) -> Answer | None:
        for template in self.templates:
            if (template["name"], template["language"]) == (content["name"], content["language"]["code"]):
                wanted = sum(part.get("text", "").count("{{") for part in template["components"])
                given = sum(len(part["parameters"]) for part in content.get("components", ()))
                return None if wanted == given else failure(132000, "Number of parameters does not match")
        return failure(132001, "Template name does not exist in the translation")

    def _upload(self, asked: Asked) -> Answer:
        assert asked.headers["content-type"].startswith("multipart/form-data")
        assert b'name="messaging_product"' in asked.body
        name = f"upload-{self.number()}"
        self.uploads[name] = asked.body
        return said(id=name)

    def _templates(self, asked: Asked) -> Answer:
        """Two on a page, so that pages are turned."""
        start = int(asked.query.get("after") or 0)
        more = start + 2 < len(self.templates)
        paging = {"cursors": {"after": str(start + 2)}, **({"next": "https://graph.facebook.com/..."} if more else {})}
        return said(data=self.templates[start : start + 2], paging=paging)

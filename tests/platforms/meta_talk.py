"""Messenger and Instagram on loopback: one account, its clients, and the rules of its window.

Facts: https://developers.facebook.com/docs/messenger-platform/reference/send-api.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.platforms.loopback import Answer, Asked
from tests.platforms.meta import Graph, failure, said


class Talk(Graph):
    """An account. `closed`: clients whose day is over; `gone`: those whose week is; `actions`: typing and marks."""

    def __init__(
        self, account_id: str, max_text: int, *, files_by_link: bool = False, trouble: float = 0.0, seed: int = 1
    ) -> None:
        """Nobody has written yet."""
        super().__init__(trouble=trouble, seed=seed)
        self.account_id = account_id
        self.max_text = max_text
        self.files_by_link = files_by_link
        self.closed: set[str] = set()
        self.gone: set[str] = set()
        self.hidden: set[str] = set()
        self.actions: list[dict[str, Any]] = []
        self.uploads: dict[str, bytes] = {}
        self.fields = ""

    async def answer(self, asked: Asked) -> Answer:
        """Files are behind addresses that nobody guesses; everything else wants a token."""
        if asked.path.startswith("/v25.0/files/"):
            return Answer(body=asked.path.rpartition("/")[2].encode())
        return await super().answer(asked)

    async def handle(self, method: str, path: str, body: Mapping[str, Any], asked: Asked) -> Answer:
        """The methods that the connectors use."""
        match method, path.split("/"):
            case "GET", [name] if name == self.account_id:
                return said(id=name, name="Дубрава", username="dubrava")
            case "POST", [name, "subscribed_apps"] if name in (self.account_id, "me"):
                self.fields = body["subscribed_fields"]
                return said(success=True)
            case "DELETE", [name, "subscribed_apps"] if name == self.account_id:
                self.fields = ""
                return said(success=True)
            case "GET", ["debug_token"]:
                return said(data={"is_valid": True, "expires_at": 1_797_000_000})
            case "POST", ["me", "message_attachments"]:
                return self._upload(asked)
            case "POST", ["me", "messages"]:
                return self._message(body, asked)
            case "GET", [name] if name.isdecimal():
                return self._person(name)
        return failure(100, f"Unsupported {method} request.", subcode=33)

    def texts(self, address: str) -> list[str]:
        """What one client was told, in order."""
        return [
            body["message"]["text"]
            for body in self.sent
            if body["recipient"]["id"] == address and "text" in body["message"]
        ]

    def _person(self, name: str) -> Answer:
        if name in self.hidden:
            return failure(100, "Object does not exist", subcode=33)
        picture = f"{self.url}/v25.0/files/{name}"
        return said(id=name, first_name="Марина", last_name="Ким", name="Марина Ким", username="marina.kim",
                    profile_pic=picture)  # fmt: skip

    def _upload(self, asked: Asked) -> Answer:
        assert not self.files_by_link
        assert b'name="filedata"' in asked.body
        name = str(self.number())
        self.uploads[name] = asked.body
        return said(attachment_id=name)

    def _message(self, body: Mapping[str, Any], asked: Asked) -> Answer:
        if "sender_action" in body:
            assert "message" not in body
            self.actions.append(dict(body))
            return said(recipient_id=body["recipient"]["id"])
        trouble = self.troubled(asked, carried_out=False)
        if trouble is not None:
            return trouble
        wrong = self._wrong(body["recipient"]["id"], body["message"], body.get("tag"))
        if wrong is not None:
            return wrong
        assert (body["messaging_type"] == "MESSAGE_TAG") == ("tag" in body)
        self.sent.append(dict(body))
        trouble = self.troubled(asked, carried_out=True)
        return trouble or said(recipient_id=body["recipient"]["id"], message_id=f"m_out_{len(self.sent)}")

    def _wrong(self, address: str, message: Mapping[str, Any], tag: str | None) -> Answer | None:
        if address in self.gone or (address in self.closed and tag != "HUMAN_AGENT"):
            return failure(10, "This message is sent outside of allowed window.", subcode=2018278)
        text, attachment = message.get("text"), message.get("attachment")
        if (text is None) == (attachment is None):
            return failure(100, "Either text or attachment must be set.")
        if text is not None and not 0 < len(text) <= self.max_text:
            return failure(100, "Length of param message[text] must be less than or equal to the limit.")
        replies = message.get("quick_replies", [])
        if len(replies) > 13 or any(len(reply["title"]) > 20 for reply in replies):
            return failure(100, "Too many quick replies.")
        if attachment is not None and attachment["type"] != "template":
            payload = attachment["payload"]
            known = (
                payload["url"].startswith("http") if self.files_by_link else payload["attachment_id"] in self.uploads
            )
            return None if known else failure(100, "Upload attachment failure.", subcode=2018047)
        if len(message.get("metadata", "")) > 1000:
            return failure(100, "The metadata is too long.")
        return None

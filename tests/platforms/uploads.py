"""Reading the one file of a multipart form, as an upload server does."""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage

from tests.platforms.loopback import Asked


@dataclass(frozen=True)
class Uploaded:
    """A file that came."""

    field: str
    name: str
    mime: str
    content: bytes


def uploaded(asked: Asked) -> Uploaded:
    """The only file of a form, read by the standard library's own parser."""
    head = f"Content-Type: {asked.headers['content-type']}\r\n\r\n".encode()
    form = email.message_from_bytes(head + asked.body, policy=email.policy.HTTP)
    assert isinstance(form, EmailMessage)
    (part,) = form.iter_parts()
    assert isinstance(part, EmailMessage)
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    field = part.get_param("name", header="content-disposition")
    return Uploaded(str(field), part.get_filename() or "", part.get_content_type(), content)

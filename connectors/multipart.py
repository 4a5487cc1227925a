"""A form with one file, as upload servers want it."""

from __future__ import annotations

import secrets


def file_form(field: str, name: str, mime: str, content: bytes) -> tuple[str, bytes]:
    """Content type and body of multipart/form-data with one file. A name cannot break out of its header."""
    boundary = f"inbox{secrets.token_hex(16)}"
    plain = "".join("_" if sign in '"\\' or not sign.isprintable() else sign for sign in name)[:200] or "file"
    kind = mime if mime.isascii() and mime.isprintable() and mime else "application/octet-stream"
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="{field}"; filename="{plain}"\r\n'
        f"Content-Type: {kind}\r\n\r\n"
    )
    body = b"".join((head.encode("utf-8", "replace"), content, f"\r\n--{boundary}--\r\n".encode()))
    return f"multipart/form-data; boundary={boundary}", body

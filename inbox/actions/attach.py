"""Files of messages: uploads that wait for their message, and media that the worker has still to fetch."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from sqlalchemy import insert, select, update

from connectors.contract import Media
from inbox.actions.events import new_id
from inbox.models import Attachment
from inbox.rules.errors import Invalid
from inbox.rules.names import clean_name
from inbox.rules.texts import N_
from inbox.runtime.blobs import StoredBlob
from inbox.runtime.database import Tx


def upload(tx: Tx, blob: StoredBlob, name: str, *, agent_id: int | None = None, address_id: int | None = None) -> str:
    """Keep an uploaded file until its message comes; returns its token. Exactly one uploader is given."""
    token = secrets.token_urlsafe(24)
    tx.execute(
        insert(Attachment),
        {
            "token": token,
            "agent_id": agent_id,
            "address_id": address_id,
            "kind": blob.kind,
            "name": clean_name(name) or "file",
            "mime": blob.mime,
            "size": blob.size,
            "width": blob.width,
            "height": blob.height,
            "state": "ready",
            "blob_key": blob.key,
            "created_at": tx.now,
        },
    )
    return token


def take_uploads(
    tx: Tx, message_id: int, tokens: Sequence[str], *, agent_id: int | None = None, address_id: int | None = None
) -> None:
    """Bind uploads of this uploader to a message, in the given order; raises Invalid for a foreign or used one."""
    for token in tokens:
        owned = (
            update(Attachment)
            .where(
                Attachment.token == token,
                Attachment.message_id.is_(None),
                Attachment.agent_id == agent_id if agent_id is not None else Attachment.address_id == address_id,
            )
            .values(message_id=message_id)
        )
        if tx.execute(owned).rowcount != 1:
            raise Invalid({"files": N_("A file is no longer here. Attach it again.")})


def attach_media(
    tx: Tx,
    message_id: int,
    address_id: int | None,
    media: Sequence[Media],
    inbound_id: int | None,
    *,
    channel_id: int | None = None,
) -> None:
    """Note the files that came with a message: stored uploads are bound, the rest is left to the worker.

    `channel_id` is where the worker finds them when that is not the channel of the message.
    """
    if not media:
        return
    take_uploads(tx, message_id, [item.upload for item in media if item.upload], address_id=address_id)
    for item in media:
        if item.upload:
            continue
        tx.execute(
            insert(Attachment),
            {
                "token": secrets.token_urlsafe(24),
                "message_id": message_id,
                "kind": item.kind.value,
                "name": clean_name(item.name),
                "mime": item.mime[:100],
                "size": item.size,
                "state": "pending",
                "ref": item.ref,
                "inbound_id": inbound_id,
                "channel_id": channel_id,
                "next_attempt_at": tx.now,
                "created_at": tx.now,
            },
        )


def copy_files(tx: Tx, message_id: int, files: Sequence[tuple[str, str, str, int, str]]) -> None:
    """Give a message files that are stored already: (name, mime, kind, size, blob key) of each."""
    for name, mime, kind, size, blob_key in files:
        new_id(
            tx.execute(
                insert(Attachment),
                {
                    "token": secrets.token_urlsafe(24),
                    "message_id": message_id,
                    "kind": kind,
                    "name": name,
                    "mime": mime,
                    "size": size,
                    "state": "ready",
                    "blob_key": blob_key,
                    "created_at": tx.now,
                },
            )
        )


def has_files(tx: Tx, message_id: int) -> bool:
    """Whether a message has any file."""
    return tx.execute(select(Attachment.id).where(Attachment.message_id == message_id).limit(1)).first() is not None

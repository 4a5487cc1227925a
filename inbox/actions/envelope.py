"""What stands around a letter: subject and copies, kept beside its message."""

from __future__ import annotations

from sqlalchemy import insert

from connectors.contract import Echo, MessageReceived
from inbox.models import MessageEnvelope
from inbox.rules.errors import Invalid
from inbox.rules.letters import MAX_ADDRESSES, clean_subject, join_addresses, read_addresses
from inbox.rules.texts import N_
from inbox.runtime.database import Tx


def keep_envelope(tx: Tx, message_id: int, event: MessageReceived | Echo, inbound_id: int | None) -> None:
    """Keep what a platform told of a letter; a message that is none has nothing to keep."""
    if not (event.subject or event.cc or event.automatic or event.original):
        return
    values = {
        "message_id": message_id,
        "subject": clean_subject(event.subject),
        "cc": join_addresses(event.cc[:MAX_ADDRESSES]),
        "bcc": "",
        "automatic": event.automatic,
        "original_id": inbound_id if event.original else None,
    }
    tx.execute(insert(MessageEnvelope), values)


def address_letter(tx: Tx, message_id: int, subject: str, cc: str, bcc: str) -> None:
    """Keep what an agent typed; raises Invalid for what is no address."""
    lines = {}
    for name, typed in (("cc", cc), ("bcc", bcc)):
        good, bad = read_addresses(typed)
        if bad:
            raise Invalid({name: N_("One of the copies has no proper e-mail address.")})
        if len(good) > MAX_ADDRESSES:
            raise Invalid({name: N_("Too many copies for one letter.")})
        lines[name] = join_addresses(good)
    values = {"message_id": message_id, "subject": clean_subject(subject), "automatic": False, **lines}
    tx.execute(insert(MessageEnvelope), values)

"""An agent answers: message, delivery and closed turn in one transaction; the worker hands it over later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update

import connectors
from connectors.contract import Media
from inbox.actions.approved_templates import Choice, approved_words
from inbox.actions.assign import assign
from inbox.actions.attach import attach_media, copy_files, has_files, take_uploads
from inbox.actions.envelope import address_letter
from inbox.actions.events import new_id, record
from inbox.actions.resolve import open_again
from inbox.actions.turns import close_turn
from inbox.models import Address, Channel, Conversation, Delivery, Mention, Message, ReplyTemplate, ReplyTemplateFile
from inbox.queries.access import ConversationState, conversation_state
from inbox.rules.errors import Conflict, Invalid, TooLarge
from inbox.rules.events import EventKind
from inbox.rules.lifecycle import DeliveryState, MessageKind, Status
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.texts import N_
from inbox.runtime.database import Tx

MAX_TEXT = 20_000
ALBUM_PAUSE = timedelta(seconds=2)
_WINDOW_OVER = N_("The time in which this channel lets us answer is over. The client has to write first.")

_SAME = select(Message.id).where(
    Message.conversation_id == bindparam("conversation"), Message.client_id == bindparam("client")
)
_NEWER = (
    select(Message.id)
    .where(
        Message.conversation_id == bindparam("conversation"),
        Message.id > bindparam("seen"),
        Message.kind == MessageKind.OUTGOING.value,
        Message.agent_id.is_not(None),
        Message.agent_id != bindparam("agent"),
        Message.deleted_at.is_(None),
    )
    .order_by(Message.id.desc())
    .limit(1)
)
_TARGET = (
    select(Channel.kind, Channel.removed_at, Address.stopped_at, Address.reply_until)
    .join(Address, Address.channel_id == Channel.id)
    .where(Address.id == bindparam("address"))
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What the composer sends.

    `client_id` is made by the browser and makes the request repeatable;
    `seen_message_id` is the newest message on its screen; `force` answers although somebody else just did.
    From a console files come as `media`, which the worker fetches from the channel `media_channel_id`; `group` joins
    what comes as many updates. `approved` is a template of the platform: its words go instead of the text, also when
    the reply window is over. In a channel of letters `subject`, `cc` and `bcc` are what was typed; without a subject
    (None) the letter answers the client's last one.
    """

    client_id: str
    text: str
    seen_message_id: int = 0
    upload_tokens: Sequence[str] = ()
    reply_to_id: int | None = None
    reply_template_id: int | None = None
    force: bool = False
    media: Sequence[Media] = ()
    media_channel_id: int | None = None
    group: str | None = None
    approved: Choice | None = None
    subject: str | None = None
    cc: str = ""
    bcc: str = ""


class NewerReply(Conflict):
    """Somebody answered meanwhile; `message_id` is their answer."""

    def __init__(self, message_id: int) -> None:
        """Keep the newer reply for the screen."""
        super().__init__(N_("Somebody has just answered this client."))
        self.message_id = message_id


def reply(tx: Tx, actor: Actor, conversation_id: int, draft: Draft) -> int:
    """Store an answer and owe it to the client; returns the message id. The same `client_id` returns the same id.

    Answering takes an unassigned conversation and reopens a resolved or snoozed one. Raises NewerReply, Invalid
    (nothing to send, a person who stopped us, a removed channel), Conflict (a newer open dialog), TooLarge, NotFound.
    """
    require(actor, Permission.CONVERSATION_REPLY)
    conversation = conversation_state(tx, actor, conversation_id)
    same = tx.execute(_SAME, {"conversation": conversation_id, "client": draft.client_id}).scalar_one_or_none()
    if same is not None:
        return int(same)
    approved = None
    if draft.approved is not None:
        text, approved = approved_words(tx, conversation, draft.approved)
        draft = replace(draft, text=text, upload_tokens=(), reply_template_id=None)
    _refuse_empty(draft)
    target = _reachable(tx, conversation, by_template=approved is not None)
    if not draft.force:
        seen = {"conversation": conversation_id, "seen": draft.seen_message_id, "agent": actor.agent_id}
        newer = tx.execute(_NEWER, seen).scalar_one_or_none()
        if newer is not None:
            raise NewerReply(newer)
    if conversation.assignee_id is None and actor.agent_id is not None:
        conversation = assign(tx, actor, conversation_id, actor.agent_id)
    message_id = _store(tx, actor, conversation, draft, MessageKind.OUTGOING, approved)
    _take_files(tx, actor, message_id, draft)
    capabilities = connectors.find(target.kind).capabilities
    if capabilities.letters and draft.subject is not None:
        address_letter(tx, message_id, draft.subject, draft.cc, draft.bcc)
    _owe(tx, conversation, message_id, draft, stored_is_sent=capabilities.stored_is_sent)
    if conversation.status != Status.OPEN.value:
        # First: opened again, a client who was left without an answer waits for this one.
        open_again(tx, actor, conversation)
    close_turn(tx, conversation_id, "answered", tx.now, answered_by_id=actor.agent_id, answer_message_id=message_id)
    about: dict[str, Any] = {"contact_id": conversation.contact_id, "channel_id": conversation.channel_id}
    about |= {"conversation_id": conversation_id, "message_id": message_id, "agent_id": actor.agent_id}
    record(tx, actor, EventKind.MESSAGE_REPLIED, **about)
    return message_id


def _reachable(tx: Tx, conversation: ConversationState, *, by_template: bool) -> Any:
    """Where the answer goes; raises Invalid when it could not reach the client now."""
    target = tx.execute(_TARGET, {"address": conversation.address_id}).one()
    if target.removed_at is not None:
        raise Invalid({"text": N_("This channel is disconnected, the client cannot be reached by it.")})
    if target.stopped_at is not None:
        raise Invalid({"text": N_("The client has stopped messages from us.")})
    if not by_template and target.reply_until is not None and target.reply_until <= tx.now:
        raise Invalid({"text": _WINDOW_OVER})
    return target


def note(tx: Tx, actor: Actor, conversation_id: int, draft: Draft, mentioned: Sequence[int] = ()) -> int:
    """Store an internal note, which the client never sees and which closes no turn; returns the message id."""
    require(actor, Permission.NOTE_WRITE)
    conversation = conversation_state(tx, actor, conversation_id)
    same = tx.execute(_SAME, {"conversation": conversation_id, "client": draft.client_id}).scalar_one_or_none()
    if same is not None:
        return int(same)
    _refuse_empty(draft)
    message_id = _store(tx, actor, conversation, draft, MessageKind.NOTE)
    take_uploads(tx, message_id, draft.upload_tokens, agent_id=actor.agent_id)
    attach_media(tx, message_id, None, draft.media, None, channel_id=draft.media_channel_id)
    for agent_id in dict.fromkeys(mentioned):
        tx.execute(insert(Mention), {"message_id": message_id, "agent_id": agent_id})
        record(
            tx,
            actor,
            EventKind.AGENT_MENTIONED,
            conversation_id=conversation_id,
            message_id=message_id,
            agent_id=agent_id,
        )
    record(tx, actor, EventKind.MESSAGE_NOTED, conversation_id=conversation_id, message_id=message_id)
    return message_id


def _refuse_empty(draft: Draft) -> None:
    if not (draft.text.strip() or draft.upload_tokens or draft.media) and draft.reply_template_id is None:
        raise Invalid({"text": N_("Write something or attach a file.")})
    if len(draft.text) > MAX_TEXT:
        raise TooLarge(N_("The message is too long: shorten it or send it as a file."))


def _store(
    tx: Tx,
    actor: Actor,
    conversation: ConversationState,
    draft: Draft,
    kind: MessageKind,
    approved: dict[str, Any] | None = None,
) -> int:
    message_id = new_id(
        tx.execute(
            insert(Message),
            {
                "conversation_id": conversation.id,
                "channel_id": conversation.channel_id,
                "kind": kind.value,
                "agent_id": actor.agent_id,
                "text": draft.text.strip(),
                "at": tx.now,
                "created_at": tx.now,
                "client_id": draft.client_id,
                "reply_to_id": _answered(tx, conversation, draft.reply_to_id),
                "reply_template_id": draft.reply_template_id,
                "buttons": _buttons(tx, draft),
                "approved": approved,
                "group_key": draft.group,
            },
        )
    )
    tx.execute(
        update(Conversation)
        .where(Conversation.id == conversation.id)
        .values(last_message_id=message_id, last_message_at=tx.now)
    )
    return message_id


def _answered(tx: Tx, conversation: ConversationState, message_id: int | None) -> int | None:
    """The quoted message, if it is of this dialog and channel: anything else could not be quoted there."""
    if message_id is None:
        return None
    same = select(Message.id).where(Message.id == message_id, Message.conversation_id == conversation.id)
    return tx.execute(same).scalar_one_or_none()


def _buttons(tx: Tx, draft: Draft) -> str:
    """The buttons of the template that the answer was made from."""
    if draft.reply_template_id is None:
        return ""
    chosen = select(ReplyTemplate.buttons).where(ReplyTemplate.id == draft.reply_template_id)
    return tx.execute(chosen).scalar_one_or_none() or ""


def _take_files(tx: Tx, actor: Actor, message_id: int, draft: Draft) -> None:
    """The composer's uploads, then the files of the template; a message of neither text nor file is refused."""
    take_uploads(tx, message_id, draft.upload_tokens, agent_id=actor.agent_id)
    attach_media(tx, message_id, None, draft.media, None, channel_id=draft.media_channel_id)
    if draft.reply_template_id is not None:
        file = ReplyTemplateFile
        rows = tx.execute(
            select(file.name, file.mime, file.kind, file.size, file.blob_key)
            .where(file.reply_template_id == draft.reply_template_id)
            .order_by(file.id)
        )
        copy_files(tx, message_id, [(row.name, row.mime, row.kind, row.size, row.blob_key) for row in rows])
        tx.execute(
            update(ReplyTemplate)
            .where(ReplyTemplate.id == draft.reply_template_id)
            .values(used_count=ReplyTemplate.used_count + 1, used_at=tx.now)
        )
    if not draft.text.strip() and not has_files(tx, message_id):
        raise Invalid({"text": N_("Write something or attach a file.")})


def _owe(tx: Tx, conversation: ConversationState, message_id: int, draft: Draft, *, stored_is_sent: bool) -> None:
    state = DeliveryState.SENT if stored_is_sent else DeliveryState.QUEUED
    # The rest of an album follows at once: it goes out together.
    moment = tx.now if draft.group is None else tx.now + ALBUM_PAUSE
    tx.execute(
        insert(Delivery),
        {
            "message_id": message_id,
            "channel_id": conversation.channel_id,
            "address_id": conversation.address_id,
            "state": state.value,
            "next_attempt_at": None if stored_is_sent else moment,
            "created_at": tx.now,
            "sent_at": tx.now if stored_is_sent else None,
        },
    )

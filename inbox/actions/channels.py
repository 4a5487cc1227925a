"""Connecting and disconnecting channels. Configurations arrive locked: secrets are encrypted before they come here."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import insert, select, update

from connectors.contract import Health
from inbox.actions.assign import drain
from inbox.actions.events import new_id, record
from inbox.models import Channel
from inbox.rules.errors import Invalid, NotFound
from inbox.rules.events import EventKind
from inbox.rules.names import clean_name
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.texts import N_
from inbox.runtime.database import Tx


def channel_token() -> str:
    """The random part of a channel's address, which a platform may be told before the channel is stored."""
    return secrets.token_urlsafe(16)


def add_channel(tx: Tx, actor: Actor, kind: str, name: str, locked: dict[str, Any], token: str | None = None) -> int:
    """Connect an account; returns the channel's id."""
    require(actor, Permission.CHANNEL_MANAGE)
    title = clean_name(name, 80)
    if not title:
        raise Invalid({"name": N_("Give the channel a name.")})
    values = {
        "kind": kind,
        "name": title,
        "token": token or channel_token(),
        "config": locked,
        "created_at": tx.now,
    }
    channel_id = new_id(tx.execute(insert(Channel), values))
    record(tx, actor, EventKind.CHANNEL_ADDED, channel_id=channel_id, details={"kind": kind, "name": title})
    return channel_id


def change_channel(tx: Tx, actor: Actor, channel_id: int, changes: dict[str, Any]) -> None:
    """Change columns of a channel: name, locked config, hours, mode or targets; raises NotFound."""
    require(actor, Permission.CHANNEL_MANAGE)
    alive = update(Channel).where(Channel.id == channel_id, Channel.removed_at.is_(None))
    if not tx.execute(alive.values(**changes)).rowcount:
        raise NotFound
    record(tx, actor, EventKind.CHANNEL_CHANGED, channel_id=channel_id, details={"changed": sorted(changes)})
    if "assignment_mode" in changes:
        drain(tx, Actor.system())


def remove_channel(tx: Tx, actor: Actor, channel_id: int) -> None:
    """Disconnect an account. Its dialogs stay; nothing comes in or goes out any more."""
    require(actor, Permission.CHANNEL_MANAGE)
    name = tx.execute(
        select(Channel.name).where(Channel.id == channel_id, Channel.removed_at.is_(None))
    ).scalar_one_or_none()
    if name is None:
        raise NotFound
    # The configuration goes at once: a disconnected channel keeps no secrets.
    tx.execute(update(Channel).where(Channel.id == channel_id).values(removed_at=tx.now, config={}))
    record(tx, actor, EventKind.CHANNEL_REMOVED, channel_id=channel_id, details={"name": name})


def set_channel_state(tx: Tx, actor: Actor, channel_id: int, state: str, reason: str | None, about: str = "") -> None:
    """Note that a channel works (ok), limps (degraded) or needs an administrator (reconnect); a fact if new.

    `about` names who found it: one who finds nothing wrong does not hide what another has found. But a check that
    gets through proves that the account is let in: whoever was refused before tries again.
    """
    row = tx.execute(
        select(Channel.state, Channel.state_reason, Channel.troubles).where(Channel.id == channel_id)
    ).one_or_none()
    if row is None:
        return
    troubles = {
        name: found
        for name, found in (row.troubles or {}).items()
        if name != about and (about or state == "reconnect" or found[0] != "reconnect")
    }
    if state != "ok":
        troubles[about] = [state, reason or ""]
    _keep_troubles(tx, actor, channel_id, row, troubles)


def forget_troubles(tx: Tx, actor: Actor, channel_id: int) -> None:
    """An administrator has connected the account anew: whatever was wrong is asked again."""
    row = tx.execute(
        select(Channel.state, Channel.state_reason, Channel.troubles).where(Channel.id == channel_id)
    ).one_or_none()
    if row is not None:
        _keep_troubles(tx, actor, channel_id, row, {})


def _keep_troubles(tx: Tx, actor: Actor, channel_id: int, row: Any, troubles: dict[str, list[str]]) -> None:
    worst = min(troubles.values(), key=lambda found: found[0] != "reconnect", default=["ok", ""])
    if troubles != (row.troubles or {}) or [row.state, row.state_reason or ""] != worst:
        values = {"state": worst[0], "state_reason": worst[1] or None, "troubles": troubles or None}
        tx.execute(update(Channel).where(Channel.id == channel_id).values(values))
    if [row.state, row.state_reason or ""] != worst:
        record(tx, actor, EventKind.CHANNEL_CHANGED, channel_id=channel_id, details={"state": worst[0]})


def keep_health(tx: Tx, actor: Actor, channel_id: int, health: Health) -> None:
    """Note the result of a check: the state, and the facts for the channel's page."""
    facts = [[title, value] for title, value in health.facts]
    tx.execute(update(Channel).where(Channel.id == channel_id).values(checked_at=tx.now, facts=facts))
    set_channel_state(tx, actor, channel_id, health.state, health.reason or None)

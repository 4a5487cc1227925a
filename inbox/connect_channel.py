"""Connecting an account, changing and disconnecting it: the platform is asked before anything is stored.

The settings page and the command line do the same by these functions.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import connectors
from connectors.contract import AnyConnector, ChannelMisconfigured, SendError
from inbox.actions.channels import add_channel, change_channel, channel_token, forget_troubles, remove_channel
from inbox.channel_work import check_channel, hook_url, locked_config, shown_reason
from inbox.equipment import Equipment
from inbox.queries.channels import ChannelRow, channel_by_id, channels_of_kind
from inbox.rules.errors import Invalid
from inbox.rules.permissions import Actor
from inbox.rules.texts import N_
from inbox.runtime.secrets import WrongKey

log = logging.getLogger(__name__)

CONNECT_SECONDS = 30.0

# The field of the form under which the platform's own refusal stands.
PLATFORM = "platform"


async def connect_channel(equipment: Equipment, actor: Actor, kind: str, name: str, values: Mapping[str, Any]) -> int:
    """Test the account, tell the platform where to send, store the channel; returns its id.

    Raises pydantic.ValidationError for a wrong form and Invalid for a missing name or what the platform refuses.
    """
    declared = connectors.find(kind)
    token = channel_token()
    locked = locked_config(equipment.vault, kind, values)
    locked = await _asked(equipment, declared, locked, hook_url(equipment.settings.base_url, kind, token))
    await _refuse_twice(equipment, declared, locked, None)
    channel_id = await equipment.database.write(add_channel, actor, kind, name, locked, token)
    await _look_at(equipment, actor, channel_id)
    return channel_id


async def reconnect_channel(
    equipment: Equipment, actor: Actor, row: ChannelRow, values: Mapping[str, Any], changes: Mapping[str, Any]
) -> None:
    """Test the changed account and store it with other `changes` of its columns; an empty secret stays as it was."""
    declared = connectors.find(row.kind)
    kept = _kept(equipment, declared, row)
    locked = locked_config(equipment.vault, row.kind, values, kept=kept)
    unchanged = equipment.vault.unlock(locked) == kept and row.state == "ok"
    if unchanged:
        # Nothing of the account changes, and what is stored keeps its ciphertext: nobody has to connect anew.
        locked = row.config
    else:
        locked = await _asked(equipment, declared, locked, hook_url(equipment.settings.base_url, row.kind, row.token))
        await _refuse_twice(equipment, declared, locked, row.id)
    await equipment.database.write(change_channel, actor, row.id, {**changes, "config": locked})
    await equipment.database.write(forget_troubles, actor, row.id)
    if not unchanged:
        await _look_at(equipment, actor, row.id)


async def _look_at(equipment: Equipment, actor: Actor, channel_id: int) -> None:
    """Ask at once how a channel is that was just saved: its page shows that, and a webhook is set only now.

    A platform may call its webhook at once, and by now it finds the channel there.
    """
    row = await equipment.database.read(channel_by_id, actor, channel_id)
    await check_channel(equipment, actor, row)


def _kept(equipment: Equipment, declared: AnyConnector, row: ChannelRow) -> dict[str, Any]:
    """The present configuration. Secrets of another key are lost and have to be entered again."""
    try:
        return equipment.vault.unlock(row.config)
    except WrongKey:
        return {name: value for name, value in row.config.items() if name not in declared.secrets}


async def disconnect_channel(equipment: Equipment, actor: Actor, channel_id: int) -> None:
    """Take the webhook back, if the platform can be reached, and disconnect."""
    row = await equipment.database.read(channel_by_id, actor, channel_id)
    declared = connectors.find(row.kind)
    await equipment.database.write(remove_channel, actor, channel_id)
    if declared.disconnect is None:
        return
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await declared.disconnect(equipment.config(row.kind, row.config), equipment.net)
    except (SendError, TimeoutError):
        # The platform gives up by itself when nobody takes what it sends any more.
        log.info("a platform was not told that its channel is gone", extra={"channel": channel_id})


async def _asked(equipment: Equipment, declared: AnyConnector, locked: dict[str, Any], url: str) -> dict[str, Any]:
    """The configuration as the platform accepted it."""
    if declared.connect is None:
        return locked
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            accepted = await declared.connect(equipment.config(declared.kind, locked), url, equipment.net)
    except SendError as error:
        raise Invalid({PLATFORM: shown_reason(error)}) from error
    except TimeoutError as error:
        raise Invalid({PLATFORM: N_("The channel did not answer in time.")}) from error
    return equipment.vault.lock(accepted.model_dump(mode="json"), declared.secrets)


async def _refuse_twice(
    equipment: Equipment, declared: AnyConnector, locked: dict[str, Any], own_id: int | None
) -> None:
    """One account connected twice would bring each message twice."""
    if declared.account is None:
        return
    account = declared.account(equipment.config(declared.kind, locked))
    for row in await equipment.database.read(channels_of_kind, declared.kind):
        try:
            other = declared.account(equipment.config(row.kind, row.config))
        except ChannelMisconfigured:
            continue
        if row.id != own_id and other == account:
            raise Invalid({PLATFORM: N_("This account is connected already.")})

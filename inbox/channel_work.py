"""Work on a channel that the command line and the settings page share."""

from __future__ import annotations

import asyncio
import secrets
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from pydantic.fields import FieldInfo

import connectors
from connectors.contract import ChannelMisconfigured, Health, Parsed, Request, SendError
from inbox.actions.approved_templates import keep_approved_templates
from inbox.actions.channels import keep_health
from inbox.actions.ingest import replayed
from inbox.equipment import Equipment, usable_config
from inbox.queries.channels import ChannelRow
from inbox.queries.failed_bodies import FailedBody, failed_bodies
from inbox.rules.permissions import Actor
from inbox.rules.texts import N_
from inbox.runtime.database import Closed, Database
from inbox.runtime.secrets import Vault
from inbox.runtime.unavailable import Unavailable
from inbox.take_in import read_body, reason_of

CHECK_SECONDS = 20.0


def locked_config(
    vault: Vault, kind: str, values: Mapping[str, Any], *, kept: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """A checked configuration with its secrets encrypted; raises pydantic.ValidationError.

    `kept` is the present configuration: an empty secret means "as it was". A secret that the declaration marks with
    `made` is ours to choose; what it marks with `found` is only ever set by its `connect`.
    """
    declared = connectors.find(kind)
    given = dict(values)
    for name, field in declared.config.model_fields.items():
        if found_by_connect(field):
            given.pop(name, None)
            if kept and name in kept:
                given[name] = kept[name]
    for name in declared.secrets:
        if not given.get(name):
            given.pop(name, None)
            if kept and kept.get(name):
                given[name] = kept[name]
            elif made_when_empty(declared.config.model_fields[name]):
                given[name] = new_secret()
    config = declared.config.model_validate(given).model_dump(mode="json")
    return vault.lock(config, declared.secrets)


def made_when_empty(field: FieldInfo) -> bool:
    """Whether a secret that was left empty is made by us."""
    return isinstance(field.json_schema_extra, dict) and bool(field.json_schema_extra.get("made"))


def found_by_connect(field: FieldInfo) -> bool:
    """Whether nobody types this: `connect` finds it out or makes it."""
    return isinstance(field.json_schema_extra, dict) and bool(field.json_schema_extra.get("found"))


def new_secret() -> str:
    """A random secret in the form of Standard Webhooks."""
    return "whsec_" + b64encode(secrets.token_bytes(32)).decode()


def channel_url(base_url: str, row: ChannelRow) -> str:
    """Where the platform sends to; for the site chat, where its loader is."""
    declared = connectors.find(row.kind)
    if declared.capabilities.stored_is_sent:
        return f"{base_url}/widget/loader.js?key={row.token}"
    return hook_url(base_url, row.kind, row.token)


def is_polled(equipment: Equipment, row: ChannelRow) -> bool:
    """Whether this account is asked for news instead of telling them."""
    try:
        # Asked for all channels every other moment: the secrets of those that are never polled stay locked.
        if connectors.find(row.kind).poll is None:
            return False
        declared, config = usable_config(equipment.vault, row.kind, row.config)
        return declared.is_polled(config)
    except (connectors.UnknownConnector, ChannelMisconfigured):
        # The check of its health says so on the channel's page.
        return False


def hook_url(base_url: str, kind: str, token: str) -> str:
    """The address of a channel's webhook."""
    return f"{base_url}/hooks/{kind}/{token}"


def shown_reason(error: SendError) -> str:
    """The words of a platform's refusal, never empty."""
    return error.reason or N_("The channel refuses the connection.")


async def check_channel(equipment: Equipment, actor: Actor, row: ChannelRow) -> Health:
    """Ask the platform whether a channel works, and store what it says; one without a check is believed.

    The templates that the platform has approved come with it.
    """
    health = Health("ok")
    try:
        declared, config = usable_config(equipment.vault, row.kind, row.config)
        if declared.check is not None:
            async with asyncio.timeout(CHECK_SECONDS):
                health = await declared.check(config, equipment.net)
        if declared.approved_templates is not None:
            async with asyncio.timeout(CHECK_SECONDS):
                listed = await declared.approved_templates(config, equipment.net)
            await equipment.database.write(keep_approved_templates, actor, row.id, listed)
    except SendError as error:
        state = "reconnect" if isinstance(error, ChannelMisconfigured) else "degraded"
        health = Health(state, shown_reason(error))
    except TimeoutError:
        health = Health("degraded", N_("The channel did not answer in time."))
    await equipment.database.write(keep_health, actor, row.id, health)
    return health


async def replay_failed(
    database: Database, vault: Vault, channel_id: int | None = None, inbound_id: int | None = None
) -> tuple[int, int]:
    """Read failed bodies again (of one channel, or one body); returns how many can be read now and how many cannot."""
    good = bad = 0
    for kept in await database.read(failed_bodies, channel_id, inbound_id):
        error = await _read_again(database, vault, kept)
        good, bad = good + (error is None), bad + (error is not None)
    return good, bad


async def _read_again(database: Database, vault: Vault, kept: FailedBody) -> str | None:
    """Apply a kept body; returns the reason when that fails again, which the journal has then too."""
    parsed = Parsed()
    try:
        declared, config = usable_config(vault, kept.channel_kind, kept.config)
        request = Request("POST", {}, kept.headers, kept.body, kept.received_at)
        parsed, error = read_body(declared, config, request)
    except ChannelMisconfigured as problem:
        error = problem.reason
    try:
        await database.write(replayed, Actor.system(), kept.inbound_id, parsed.events, error, parsed.console)
    except (Closed, Unavailable):
        raise
    except Exception as problem:  # noqa: BLE001 - the reason is logged and kept; the other bodies still have to be read.
        error = reason_of(problem)
        await database.write(replayed, Actor.system(), kept.inbound_id, (), error)
    return error

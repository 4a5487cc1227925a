"""Work on a channel that the command line and the settings page share."""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import connectors
from connectors.contract import BadPayload, Health, Request
from inbox.actions.ingest import replayed
from inbox.queries.channels import ChannelRow
from inbox.queries.failed_bodies import failed_bodies
from inbox.rules.permissions import Actor
from inbox.runtime.database import Database
from inbox.runtime.net import GuardedNet
from inbox.runtime.secrets import Vault
from inbox.settings import Settings


def locked_config(
    vault: Vault, kind: str, values: Mapping[str, Any], *, kept: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """A checked configuration with its secrets encrypted; raises pydantic.ValidationError.

    `kept` is the present configuration: an empty secret means "as it was". A missing api secret is made.
    """
    declared = connectors.find(kind)
    given = dict(values)
    for name in declared.secrets:
        if not given.get(name):
            given.pop(name, None)
            if kept and kept.get(name):
                given[name] = kept[name]
            elif declared.config.model_fields[name].is_required():
                given[name] = new_secret()
    config = declared.config.model_validate(given).model_dump(mode="json")
    return vault.lock(config, declared.secrets)


def new_secret() -> str:
    """A random secret in the form of Standard Webhooks."""
    return "whsec_" + b64encode(secrets.token_bytes(32)).decode()


def channel_url(base_url: str, row: ChannelRow) -> str:
    """Where the platform sends to; for the site chat, where its loader is."""
    declared = connectors.find(row.kind)
    if declared.capabilities.stored_is_sent:
        return f"{base_url}/widget/loader.js?key={row.token}"
    return f"{base_url}/hooks/{row.kind}/{row.token}"


async def checked(vault: Vault, row: ChannelRow, settings: Settings) -> Health:
    """Ask the platform whether a channel works; a connector without a check is believed."""
    declared = connectors.find(row.kind)
    if declared.check is None:
        return Health("ok")
    net = GuardedNet(allow_private=settings.allow_private_network)
    await net.open()
    try:
        return await declared.check(declared.config.model_validate(vault.unlock(row.config)), net)
    finally:
        await net.close()


async def replay_failed(
    database: Database, vault: Vault, channel_id: int | None = None, inbound_id: int | None = None
) -> tuple[int, int]:
    """Read failed bodies again (of one channel, or one body); returns how many can be read now and how many cannot."""
    good = bad = 0
    for kept in await database.read(failed_bodies, channel_id, inbound_id):
        declared = connectors.find(kept.channel_kind)
        error = None
        events: tuple[Any, ...] = ()
        try:
            config = declared.config.model_validate(vault.unlock(kept.config))
            events = declared.parse(Request("POST", {}, kept.headers, kept.body, kept.received_at), config).events
        except BadPayload as problem:
            error = str(problem) or "the body could not be read"
        await database.write(replayed, Actor.system(), kept.inbound_id, events, error)
        good, bad = good + (error is None), bad + (error is not None)
    return good, bad

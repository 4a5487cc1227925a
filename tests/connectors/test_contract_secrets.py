"""What every connector's channel shows: no secret in its pages, its log of exchanges, its bubbles or the log."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from sqlalchemy import select, update

from connectors.contract import AnyConnector
from inbox.channel_work import locked_config
from inbox.models import Channel, ChannelLog, Delivery
from inbox.runtime.secrets import Vault
from tests.connectors.accounts import ACCOUNTS, config_of, every_connector
from tests.desk import open_desk
from tests.faults.office import make_worker, open_equipment
from tests.platforms.loopback import Answer, Platform, running
from tests.world import World


def secrets_of(declared: AnyConnector, base: str) -> list[str]:
    held = config_of(declared, base).model_dump()
    return [str(held[name]) for name in declared.secrets if held[name]]


async def connect(world: World, declared: AnyConnector, base: str) -> None:
    """Make the world's channel one of this kind, as the settings page would store it."""
    locked = locked_config(Vault("test"), declared.kind, ACCOUNTS[declared.kind].config(base))
    row = update(Channel).where(Channel.id == world.channel_id)
    await world.write(lambda tx: tx.execute(row.values(kind=declared.kind, config=locked)))


async def hand_over(world: World, folder: Path, conversation_id: int) -> None:
    """Answer the client and give the answer to the platform, also where being stored counts as being sent."""
    message_id = await world.agent_replies(conversation_id)
    owed = update(Delivery).where(Delivery.message_id == message_id).values(state="queued", next_attempt_at=None)
    await world.write(lambda tx: tx.execute(owed))
    async with open_equipment(world, folder) as equipment:
        worker = make_worker(equipment)
        await worker.deliver_due()
        await worker.stop()


@every_connector
async def test_secrets_are_encrypted_and_never_shown(
    world: World, tmp_path: Path, declared: AnyConnector, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    refusal = Answer(401, b'{"error": "unauthorized"}')
    async with running(Platform(), [refusal] * 20) as platform:
        secrets = secrets_of(declared, platform.url)
        assert secrets
        await connect(world, declared, platform.url)
        conversation_id = await world.conversation_of(
            await world.client_writes(address=ACCOUNTS[declared.kind].address)
        )
        await hand_over(world, tmp_path, conversation_id)
        assert platform.asked or not ACCOUNTS[declared.kind].sends_by_http
        async with open_desk(world, tmp_path, allow_private_network=True) as desk:
            vera = await desk.browser("Вера")
            channel = f"/settings/channels/{world.channel_id}"
            assert (await vera.post(f"{channel}/check")).status == 303
            paths = (channel, "/settings/channels", f"/conversations/{conversation_id}", "/inbox/all")
            pages = [await vera.get(path) for path in paths]
    assert [page.status for page in pages] == [200] * 4
    stored = await world.rows(select(Channel.config))
    logged = await world.rows(select(ChannelLog.error, ChannelLog.request, ChannelLog.response))
    assert logged
    words = "\n".join([*(page.text for page in pages), str(stored), str(logged), caplog.text])
    assert [secret for secret in secrets if secret in words] == []

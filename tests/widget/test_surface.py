"""A channel's settings as its chats see them: one object for all, and always the newest."""

from __future__ import annotations

from tests.site import KEY, Site


async def test_all_chats_of_a_channel_share_its_settings(site: Site) -> None:
    first = await site.surface.chat(KEY)
    assert first is not None
    assert await site.surface.chat(KEY) is first


async def test_a_change_of_the_settings_is_felt_by_the_next_chat(site: Site) -> None:
    before = await site.surface.chat(KEY)
    await site.set_up(visitor_per_minute=7)
    after = await site.surface.chat(KEY)
    assert before is not None
    assert after is not None
    assert (before.config.visitor_per_minute, after.config.visitor_per_minute) == (30, 7)


async def test_a_key_of_no_channel_opens_nothing(site: Site) -> None:
    assert await site.surface.chat("no-such-key") is None

"""Connecting a bot, what its page says, asking for news, files and faces."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from connectors.contract import ChannelMisconfigured, Health, Profile, Rejected, SendError, TooLarge, Unreachable
from connectors.telegram import CONNECTOR
from connectors.telegram_config import Config
from connectors.telegram_parse import KINDS
from inbox.runtime.net import GuardedNet
from tests.platforms.loopback import Answer, Platform, running
from tests.platforms.telegram import OTHER_POLLER, TOKEN, BotApi, failure

HOOK = "https://inbox.example.com/hooks/telegram/abc"


@dataclass
class Bench:
    """The platform and the functions of the declaration over it."""

    api: BotApi
    net: GuardedNet

    def config(self, **values: Any) -> Config:
        return Config(**{"token": TOKEN, "base_url": self.api.url, **values})

    async def connect(self, url: str = HOOK, **values: Any) -> Config:
        assert CONNECTOR.connect is not None
        return await CONNECTOR.connect(self.config(**values), url, self.net)

    async def check(self, config: Config) -> Health:
        assert CONNECTOR.check is not None
        return await CONNECTOR.check(config, self.net)

    async def fetch(self, ref: str, max_bytes: int = 1000) -> bytes:
        assert CONNECTOR.fetch_media is not None
        return await CONNECTOR.fetch_media(ref, self.config(), self.net, max_bytes)


@contextlib.asynccontextmanager
async def bench() -> AsyncIterator[Bench]:
    api = BotApi()
    net = GuardedNet(allow_private=True)
    await net.open()
    try:
        async with api.run():
            yield Bench(api, net)
    finally:
        await net.close()


async def test_a_bot_is_named_and_asked_from_then_on() -> None:
    async with bench() as here:
        here.api.bot.webhook = {"url": "https://old.example.com"}
        kept = await here.connect()
        assert (kept.username, kept.webhook_url, kept.webhook_secret) == ("dubrava_bot", "", "")
        assert here.api.bot.webhook == {}
        assert CONNECTOR.is_polled(kept)
        assert CONNECTOR.account is not None
        assert CONNECTOR.account(kept) == "7000001"


async def test_a_webhook_is_set_with_a_secret_of_ours() -> None:
    async with bench() as here:
        kept = await here.connect(webhook=True)
        assert here.api.bot.webhook["url"] == kept.webhook_url == HOOK
        assert here.api.bot.webhook["secret_token"] == kept.webhook_secret
        assert len(kept.webhook_secret) > 30
        assert here.api.bot.webhook["allowed_updates"] == list(KINDS)
        assert "message_reaction" in KINDS
        assert "drop_pending_updates" not in here.api.bot.webhook
        assert not CONNECTOR.is_polled(kept)
        again = await here.connect(webhook=True)
        assert again.webhook_secret != kept.webhook_secret
        assert CONNECTOR.disconnect is not None
        await CONNECTOR.disconnect(kept, here.net)
        assert here.api.bot.webhook == {}


async def test_a_webhook_without_a_public_address_is_refused_before_anything_is_set() -> None:
    assert CONNECTOR.connect is not None
    async with bench() as here:
        with pytest.raises(ChannelMisconfigured, match="https://"):
            await here.connect(
                "http://localhost:8080/hooks/telegram/abc", webhook=True, base_url="https://api.telegram.invalid"
            )
        own_server = await here.connect("http://localhost:8080/hooks/telegram/abc", webhook=True)
        assert own_server.webhook_url == "http://localhost:8080/hooks/telegram/abc"


async def test_a_wrong_token_is_refused_in_words() -> None:
    async with bench() as here:
        for token in ("7000009:" + "C" * 35, "7:" + "C" * 25):
            with pytest.raises(ChannelMisconfigured, match="does not accept the token") as caught:
                await here.connect(token=token)
            assert token not in str(caught.value)


async def test_nobody_listening_is_unreachable() -> None:
    async with bench() as here:
        with pytest.raises(Unreachable):
            await here.connect(base_url="http://127.0.0.1:9")


# The bot's webhook at Telegram, its last error, what waits; and what the page says.
HEALTH: dict[str, tuple[dict[str, Any], str, int, str, str]] = {
    "asked, all well": ({}, "", 0, "ok", ""),
    "asked, somebody else's webhook": (
        {"url": "https://crm.example.com"},
        "",
        3,
        "degraded",
        "Another program has set",
    ),
    "called, all well": ({"url": HOOK}, "", 0, "ok", ""),
    "called, an old error": ({"url": HOOK}, "Connection timed out", 0, "ok", ""),
    "called, the webhook is gone": ({}, "", 0, "degraded", "The webhook is gone"),
    "called, the certificate": ({"url": HOOK}, "SSL error {error:1416F086}", 2, "degraded", "Telegram does not trust"),
    "called, no connection": ({"url": HOOK}, "Connection refused", 2, "degraded", "Telegram cannot reach"),
    "called, we answer with errors": (
        {"url": HOOK},
        "Wrong response from the webhook: 502 Bad Gateway",
        2,
        "degraded",
        "This server answers Telegram with an error",
    ),
}


@pytest.mark.parametrize("what", HEALTH)
async def test_the_page_says(what: str) -> None:
    webhook, error, waiting, state, reason = HEALTH[what]
    async with bench() as here:
        called = what.startswith("called")
        config = here.config(webhook=called, webhook_url=HOOK if called else "")
        here.api.bot.webhook, here.api.bot.last_error = webhook, error
        for _ in range(waiting):
            here.api.person().writes("Алло")
        health = await here.check(config)
        assert health.state == state
        assert health.reason.startswith(reason)
        facts = dict(health.facts)
        assert facts["Bot"] == "@dubrava_bot"
        assert facts["Messages that wait at Telegram"] == str(waiting)
        assert facts.get("Last error of the webhook", "") == error


async def test_asking_for_news_confirms_what_came_before() -> None:
    assert CONNECTOR.poll is not None
    async with bench() as here:
        here.api.person().writes("раз")
        first = await CONNECTOR.poll(here.config(), None, here.net)
        assert orjson.loads(first.bodies[0])["message"]["text"] == "раз"
        again = await CONNECTOR.poll(here.config(), None, here.net)
        assert again == first, "what is not confirmed comes again"
        here.api.person().writes("два")
        second = await CONNECTOR.poll(here.config(), first.cursor, here.net)
        assert [orjson.loads(body)["message"]["text"] for body in second.bodies] == ["два"]
        nothing = await CONNECTOR.poll(here.config(), second.cursor, here.net)
        assert (nothing.bodies, nothing.cursor) == ((), second.cursor)
        asked = [params for method, params in here.api.bot.calls if method == "getUpdates"]
        assert asked[0]["allowed_updates"] == list(KINDS)


@pytest.mark.parametrize(
    ("answer", "family", "words"),
    [
        (failure(409, OTHER_POLLER), Rejected, "Another program takes"),
        (failure(409, "Conflict: can't use getUpdates method while webhook is active"), Rejected, "has set a webhook"),
        (failure(401, "Unauthorized"), ChannelMisconfigured, "does not accept the token"),
        (Answer(502), Unreachable, "trouble of its own"),
        (Answer(200, b"<html>"), Unreachable, "could not be read"),
    ],
)
async def test_news_that_do_not_come(answer: Answer, family: type[SendError], words: str) -> None:
    assert CONNECTOR.poll is not None
    async with bench() as here:
        here.api.fault("getUpdates", answer)
        with pytest.raises(family, match=words):
            await CONNECTOR.poll(here.config(), None, here.net)


async def test_what_is_no_update_is_kept_for_the_journal() -> None:
    assert CONNECTOR.poll is not None
    async with running(Platform()) as platform, bench() as here:
        platform.answers(Answer(200, b'{"ok":true,"result":[{"update_id":5},{"odd":1},7]}'))
        polled = await CONNECTOR.poll(here.config(base_url=platform.url), "4", here.net)
        assert polled.bodies == (b'{"update_id":5}', b'{"odd":1}')
        assert polled.cursor == "6"


async def test_files_are_fetched_within_limits() -> None:
    async with bench() as here:
        small = here.api.store_file(b"%PDF-1.4", "смета № 1.pdf")
        assert await here.fetch(small["file_id"]) == b"%PDF-1.4"
        for large, max_bytes in ((here.api.store_file(b"x", size=21 << 20), 1 << 30), (small, 3)):
            with pytest.raises(TooLarge):
                await here.fetch(large["file_id"], max_bytes)
        lying = here.api.store_file(b"x" * 2000, size=10)
        with pytest.raises(Unreachable):
            await here.fetch(lying["file_id"])
        with pytest.raises(Rejected):
            await here.fetch("unknown")
        here.api.files[small["file_id"]].path = "gone"
        here.api.fault("getFile", Answer(200, b'{"ok":true,"result":{"file_path":"elsewhere"}}'))
        with pytest.raises(Rejected):
            await here.fetch(small["file_id"])


async def test_a_server_of_ones_own_tells_a_path_on_its_disk() -> None:
    async with bench() as here:
        file = here.api.store_file(b"content", "big.zip")
        stored = here.api.files[file["file_id"]]
        said = {"ok": True, "result": {"file_path": f"/var/lib/telegram-bot-api/{TOKEN}/{stored.path}"}}
        here.api.fault("getFile", Answer(200, orjson.dumps(said)))
        assert await here.fetch(file["file_id"]) == b"content"


async def test_a_face() -> None:
    assert CONNECTOR.profile is not None
    async with bench() as here:
        marina = here.api.person()
        found = await CONNECTOR.profile(str(marina.id), here.config(), here.net)
        assert isinstance(found, Profile)
        assert (await here.fetch(found.picture)).startswith(b"\x89PNG")
        here.api.fault("getUserProfilePhotos", Answer(200, b'{"ok":true,"result":{"total_count":0,"photos":[]}}'))
        assert await CONNECTOR.profile(str(marina.id), here.config(), here.net) is None


async def test_a_proxy_is_gone_through() -> None:
    assert CONNECTOR.check is not None
    async with running(Platform()) as proxy, bench() as here:
        me = b'{"ok":true,"result":{"id":7000001,"is_bot":true,"first_name":"b","username":"far_bot"}}'
        proxy.answers(Answer(200, me), Answer(200, b'{"ok":true,"result":{"url":"","pending_update_count":0}}'))
        far = here.config(base_url="http://telegram.invalid", proxy=proxy.url)
        assert dict((await here.check(far)).facts)["Bot"] == "@far_bot"
        assert [asked.path for asked in proxy.asked] == [f"/bot{TOKEN}/getMe", f"/bot{TOKEN}/getWebhookInfo"]


def test_a_proxy_is_taken_away_by_a_dash() -> None:
    assert Config(token=TOKEN, proxy="-").proxy == ""
    with pytest.raises(ValueError, match="http://"):
        Config(token=TOKEN, proxy="socks5://127.0.0.1:1080")
    with pytest.raises(ValueError, match="https://"):
        Config(token=TOKEN, base_url="telegram.org")

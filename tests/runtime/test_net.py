"""The guarded network: nobody makes the server call its neighbours, wait for ever or swallow too much."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from connectors.contract import Unreachable
from inbox.runtime.net import GuardedNet, is_public
from tests.platforms.loopback import Answer, Fault, Platform, running


@pytest_asyncio.fixture
async def free() -> AsyncIterator[GuardedNet]:
    net = GuardedNet(allow_private=True)
    await net.open()
    yield net
    await net.close()


@pytest_asyncio.fixture
async def guarded() -> AsyncIterator[GuardedNet]:
    net = GuardedNet(allow_private=False)
    await net.open()
    yield net
    await net.close()


@pytest.mark.parametrize(
    "address",
    [
        *["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"],
        *["::1", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "::", "not an address", ""],
    ],
)
def test_special_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "77.88.8.8", "2a02:6b8::feed:ff"])
def test_ordinary_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "127.1", "[::1]", "127.0.0.1."])
async def test_no_spelling_of_this_machine_is_reached(guarded: GuardedNet, host: str) -> None:
    async with running(Platform()) as platform:
        port = platform.url.rpartition(":")[2]
        with pytest.raises(Unreachable) as refused:
            await guarded.request("GET", f"http://{host}:{port}/secret")
        assert platform.asked == []
    assert not refused.value.maybe_sent


@pytest.mark.parametrize(
    "url", ["http://[::1", "http://a..b/", "file:///etc/passwd", "gopher://x", "", "нет", "http://", "http://x:99999/"]
)
async def test_what_is_no_address_is_refused_in_words(free: GuardedNet, url: str) -> None:
    with pytest.raises(Unreachable) as refused:
        await free.request("GET", url)
    assert refused.value.reason


async def test_redirects_are_told_and_not_followed(free: GuardedNet) -> None:
    async with running(Platform()) as platform:
        platform.answers(Answer(302, headers={"Location": f"{platform.url}/elsewhere"}))
        answer = await free.request("GET", platform.url)
        assert (answer.status, answer.headers["location"]) == (302, f"{platform.url}/elsewhere")
        assert len(platform.asked) == 1


async def test_an_answer_beyond_the_cap_is_no_answer(free: GuardedNet) -> None:
    async with running(Platform(), [Answer(body=b"x" * 1001), Answer(body=b"x" * 1000)]) as platform:
        with pytest.raises(Unreachable, match="too large"):
            await free.request("GET", platform.url, max_bytes=1000)
        assert len((await free.request("GET", platform.url, max_bytes=1000)).body) == 1000


@pytest.mark.parametrize("fault", Fault)
async def test_a_lost_answer_may_have_been_taken(free: GuardedNet, fault: Fault) -> None:
    async with running(Platform(), [Answer(body=b"half", fault=fault)]) as platform:
        with pytest.raises(Unreachable) as lost:
            await free.request("POST", f"{platform.url}/bot12345:token", body=b"x", timeout=0.3)
    assert lost.value.maybe_sent
    assert "token" not in str(lost.value)


async def test_cookies_are_not_kept_between_requests(free: GuardedNet) -> None:
    async with running(Platform(), [Answer(headers={"Set-Cookie": "a=b"})]) as platform:
        await free.request("GET", platform.url)
        await free.request("GET", platform.url)
        assert "cookie" not in platform.asked[1].headers

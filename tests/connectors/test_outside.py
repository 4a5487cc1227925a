"""A connector of somebody else's package: the guide's own example, installed by its entry point, run by the product."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import connectors
from tests.desk import Desk, open_desk
from tests.platforms.loopback import Answer, Asked, Platform, running
from tests.world import World

GUIDE = Path(__file__).parent.parent.parent / "docs" / "channels" / "writing-a-connector.md"


def printed(language: str) -> str:
    """The only block of code in a language on the page."""
    (block,) = re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    return str(block)


class Pigeon(Platform):
    """The messenger of the guide."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: asyncio.Queue[Any] = asyncio.Queue()

    def respond(self, asked: Asked) -> Answer:
        """Take a message, or tell who the token belongs to."""
        if asked.headers.get("authorization") != "Bearer pigeon-token":
            return Answer(401)
        if asked.path == "/send":
            self.sent.put_nowait(json.loads(asked.body))
        return Answer(body=b'{"id": "8"}')


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The package as pip leaves it: a module, and the entry points of its metadata."""
    site = tmp_path / "site-packages"
    metadata = site / "inbox_pigeon-1.0.dist-info"
    metadata.mkdir(parents=True)
    (site / "pigeon.py").write_text(printed("python"), encoding="utf-8")
    project = tomllib.loads(printed("toml"))["project"]
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 1.0\n")
    points = project["entry-points"]["inbox.connectors"]
    (metadata / "entry_points.txt").write_text(
        "[inbox.connectors]\n" + "".join(f"{kind} = {place}\n" for kind, place in points.items())
    )
    monkeypatch.syspath_prepend(str(site))
    connectors.find.cache_clear()
    yield
    sys.modules.pop("pigeon", None)
    connectors.find.cache_clear()


async def say(desk: Desk, path: str, body: object, secret: str) -> int:
    """Pigeon calls us."""
    stranger = await desk.stranger()
    headers = {"X-Pigeon-Secret": secret}
    async with stranger.http.post(desk.base + path, data=json.dumps(body), headers=headers) as answer:
        return answer.status


async def test_a_connector_from_outside_is_connected_spoken_to_and_answers(
    installed: None, world: World, tmp_path: Path
) -> None:
    assert connectors.kinds()[-1] == "pigeon"
    async with running(Pigeon()) as pigeon, open_desk(world, tmp_path, allow_private_network=True) as desk:
        admin = await desk.browser("Вера")
        assert "Pigeon" in (await admin.get("/settings/channels")).text
        form = {"name": "Голубь", "token": "pigeon-token", "secret": "hook", "base_url": pigeon.url}
        made = await admin.post("/settings/channels/new/pigeon", form)
        assert made.status == 303, made.text
        path = str((await admin.get(made.location)).one("#snippet").text()).partition("/hooks")[2].strip()
        message = {"id": "7", "from": {"id": "55", "name": "Марина"}, "text": "Здравствуйте 👋"}
        assert await say(desk, f"/hooks{path}", message, "wrong") == 401
        assert await say(desk, f"/hooks{path}", message, "hook") == 200
        page = await admin.get("/inbox/all")
        assert "Здравствуйте" in page.text
        conversation = page.one("#rows [data-conversation]").attributes["data-conversation"]
        answer = {"client_id": "answer-1", "text": "Добрый день!", "seen_message_id": "999"}
        assert (await admin.post(f"/conversations/{conversation}/messages", answer)).status == 303
        async with asyncio.timeout(20):
            sent = await pigeon.sent.get()
        assert (sent["to"], sent["text"]) == ("55", "Добрый день!")

"""The command line as an administrator and a script use it: what it prints, what it returns, what it refuses."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from inbox.cli import main
from inbox.settings import Settings
from inbox.upkeep.backup import back_up, count_rows
from tests.world import World


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    monkeypatch.setenv("INBOX_DATA_DIR", str(folder))
    return folder


Printed = pytest.CaptureFixture[str]


def test_a_channel_from_connecting_to_disconnecting(data: Path, capsys: Printed) -> None:
    assert main(["channel", "add", "api", "--name", "CRM"]) == 0
    line = capsys.readouterr().out
    assert re.fullmatch(r"1  CRM  http://localhost:8080/hooks/api/[\w-]{20,}\n", line)
    assert main(["channel", "list"]) == 0
    assert line.split()[-1] in capsys.readouterr().out
    assert main(["channel", "check", "1"]) == 0
    assert "CRM: ok" in capsys.readouterr().out
    assert main(["channel", "remove", "1"]) == 0
    assert main(["channel", "remove", "1"]) == 1
    assert main(["channel", "check", "1"]) == 1
    capsys.readouterr()
    assert main(["channel", "list"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["--set", "secret=short"], 2), (["--set", "sekret=x"], 2), (["--set", "url"], 2), (["--set", "url=ftp://x"], 2)],
)
def test_wrong_settings_of_a_channel_are_named(data: Path, capsys: Printed, arguments: list[str], code: int) -> None:
    assert main(["channel", "add", "api", "--name", "CRM", *arguments]) == code
    printed = capsys.readouterr()
    assert arguments[1].partition("=")[0] in printed.err
    assert "Traceback" not in printed.err
    assert main(["channel", "list"]) == 0
    assert capsys.readouterr().out == ""


def test_people_are_invited_listed_and_let_in_again(data: Path, capsys: Printed) -> None:
    assert main(["agent", "add", "--name", "Анна", "--email", "anna@example.com", "--role", "admin"]) == 0
    assert re.fullmatch(r"http://localhost:8080/links/[\w-]{20,}\n", capsys.readouterr().out)
    assert main(["agent", "list"]) == 0
    assert "Анна <anna@example.com>" in capsys.readouterr().out
    assert main(["agent", "link", "1"]) == 0
    assert main(["agent", "link", "99"]) == 1
    assert main(["agent", "add", "--name", "Анна", "--email", "anna@example.com"]) == 1


def test_before_there_is_a_database_commands_say_so(data: Path, capsys: Printed) -> None:
    assert main(["agent", "list"]) == 0
    assert main(["replay"]) == 0
    assert "0 bodies read" in capsys.readouterr().out


def test_the_doctor_without_a_database_says_so_and_makes_none(data: Path, capsys: Printed) -> None:
    assert main(["doctor"]) == 1
    assert "no database" in capsys.readouterr().out
    assert not (data / "inbox.db").exists()


def test_the_doctor_finds_a_healthy_house(data: Path, capsys: Printed) -> None:
    assert main(["migrate"]) == 0
    assert main(["agent", "add", "--name", "Анна", "--email", "anna@example.com", "--role", "admin"]) == 0
    capsys.readouterr()
    main(["doctor", "--turns"])
    printed = capsys.readouterr().out
    assert "turns" in printed
    assert "is whole" in printed


async def test_a_backup_made_while_clients_write_is_whole_and_comes_back(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data_dir=tmp_path, database_url=world.url)
    archive = tmp_path / "copy.tar"
    said: list[str] = []
    writing = asyncio.gather(*(world.client_writes(address=f"client-{number}") for number in range(300)))
    manifest = await back_up(settings, archive, world.clock.now(), said.append)
    await writing
    monkeypatch.setenv("INBOX_DATA_DIR", str(tmp_path / "other"))
    assert await asyncio.to_thread(main, ["restore", str(archive)]) == 0
    restored = tmp_path / "other" / "inbox.db"
    assert count_rows(restored) == manifest.tables
    assert await asyncio.to_thread(main, ["restore", str(archive)]) == 1, "nothing is overwritten unasked"
    assert await asyncio.to_thread(main, ["restore", str(archive), "--replace"]) == 0
    assert list((tmp_path / "other").glob("inbox.db.before-*"))
    archive.write_bytes(archive.read_bytes()[:5000])
    assert await asyncio.to_thread(main, ["restore", str(archive), "--replace"]) == 1
    assert count_rows(restored) == manifest.tables, "a damaged archive changes nothing"

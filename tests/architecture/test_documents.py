"""What the documents promise is what the code has."""

from __future__ import annotations

import hashlib
import re
import tomllib
from datetime import UTC, datetime

import connectors
from connectors.api import Config, parse
from connectors.contract import Request
from inbox.settings import PREFIX, Settings
from tests.architecture.source import ROOT, text
from tests.tools.channel_table import renewed, table

LARGEST_PICTURE_BYTES = 300_000
VENDOR = ROOT / "inbox/static/vendor"
_ROW = re.compile(r"^\| `(INBOX_\w+)` \|", re.MULTILINE)
_PICTURE = re.compile(r"!\[[^\]]*\]\(([^)#]+)\)")
_LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#]+)")


def setting_rows(document: str) -> list[str]:
    """Names of the variables that a table of settings lists."""
    return _ROW.findall(document)


def local_links(document: str) -> list[str]:
    """Targets of links to files of this repository."""
    return _LINK.findall(document)


def picture_links(document: str) -> list[str]:
    """Targets of the pictures that a page shows."""
    return _PICTURE.findall(document)


def test_the_readme_lists_every_setting_in_order() -> None:
    assert setting_rows(text(ROOT / "README.md")) == [PREFIX + name.upper() for name in Settings.__dataclass_fields__]


def test_the_readme_says_what_each_setting_is_for() -> None:
    page = text(ROOT / "README.md")
    for name, field in Settings.__dataclass_fields__.items():
        assert f"| {field.metadata['about']} |" in page, name


def test_links_lead_somewhere() -> None:
    for page in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")):
        broken = [link for link in local_links(text(page)) if not (page.parent / link).exists()]
        assert broken == [], page.name


def test_the_pictures_of_the_readme_are_pictures_of_a_sensible_size() -> None:
    shown = picture_links(text(ROOT / "README.md"))
    assert shown
    assert {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs/pictures").iterdir()} == set(shown)
    for link in shown:
        picture = (ROOT / link).read_bytes()
        assert picture.startswith(b"\x89PNG"), link
        assert len(picture) < LARGEST_PICTURE_BYTES, link


def test_every_channel_has_its_page_and_its_row() -> None:
    table = text(ROOT / "README.md")
    for kind in connectors.kinds():
        assert (ROOT / f"docs/channels/{kind}.md").exists()
        assert (ROOT / f"docs/channels/ru/{kind}.md").exists()
        assert f"docs/channels/{kind}.md" in table


def test_the_examples_of_the_http_channel_can_be_read() -> None:
    examples = re.findall(r"^```json\n(.*?)^```", text(ROOT / "docs/channels/api.md"), re.MULTILINE | re.DOTALL)
    config = Config(secret="whsec_" + "QUJD" * 8)
    kinds = set()
    for example in examples:
        request = Request("POST", {}, {"webhook-id": "example"}, example.encode(), datetime(2026, 11, 24, tzinfo=UTC))
        kinds |= {type(event).__name__ for event in parse(request, config).events}
    assert kinds == {"MessageReceived", "MessageEdited", "MessageDeleted", "Typing", "StatusChanged", "Echo"}


def test_every_make_target_explains_itself() -> None:
    makefile = text(ROOT / "Makefile")
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony is not None
    explained = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    assert explained == set(phony[1].split())


def test_ci_runs_what_the_readme_says() -> None:
    assert text(ROOT / ".ci/run").rstrip().endswith("exec make test")
    assert "make test" in text(ROOT / "README.md")


def test_vendored_files_are_what_their_page_says() -> None:
    page = text(VENDOR / "README.md")
    listed = dict(re.findall(r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|$", page, re.MULTILINE))
    kept = {path.name for path in VENDOR.iterdir() if path.name != "README.md"}
    assert set(listed) == kept
    for name, digest in listed.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads(text(ROOT / "pyproject.toml"))["project"]
    wanted = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    names = {re.split(r"[\[<>=~ ]", name)[0].lower().replace("_", "-") for name in wanted}
    pinned = {pin.split("==")[0].lower().replace("_", "-") for pin in text(ROOT / "constraints.txt").split()}
    assert names - pinned == set()


def test_the_readers_can_fail() -> None:
    assert setting_rows("| `INBOX_PORT` | `8080` | port |\nINBOX_HOST") == ["INBOX_PORT"]
    assert local_links("[a](docs/x.md) [b](https://example.com) [c](#top)") == ["docs/x.md"]
    assert picture_links("![A](docs/a.png) [b](docs/b.md)") == ["docs/a.png"]


def test_the_table_of_channels_is_what_the_declarations_say() -> None:
    readme = text(ROOT / "README.md")
    assert renewed(readme) == readme, "python -m tests.tools.channel_table renews it"
    assert "| Telegram |" in table()

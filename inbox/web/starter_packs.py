"""Starter packs of reply templates: TOML files under templates/replies, one per pack and language."""

from __future__ import annotations

from collections.abc import Iterable

from inbox.actions.setup import Starter
from inbox.web.render import TEMPLATES

PACKS = ("sales", "support")


def starters(language: str, packs: Iterable[str]) -> list[Starter]:
    """The templates of the chosen packs in a language; unknown packs are left out."""
    # Once in the life of an installation.
    import tomllib

    found: list[Starter] = []
    for pack in packs:
        if pack in PACKS:
            file = TEMPLATES / "replies" / f"{pack}.{language}.toml"
            entries = tomllib.loads(file.read_text(encoding="utf-8"))["template"]
            found += [Starter(entry["title"], entry["shortcut"], entry["text"]) for entry in entries]
    return found

"""The table of channels in the README, drawn from the declarations: `python -m tests.tools.channel_table` renews it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import connectors
from connectors.contract import AnyConnector, MediaKind

README = Path(__file__).parent.parent.parent / "README.md"
BEGIN, END = "<!-- channels: made by tests/tools/channel_table.py -->", "<!-- channels end -->"
HEADINGS = (
    *("channel", "comes in", "longest text", "files out", "receipts", "typing", "edits", "deletions", "reactions"),
    *("buttons", "reply window", "links", "how to connect"),
)


def table() -> str:
    """The whole table in Markdown, a row for each kind."""
    rows = [HEADINGS, ("---",) * len(HEADINGS), *(_row(declared) for declared in connectors.every())]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def renewed(readme: str) -> str:
    """The README with today's table between its marks."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def _row(declared: AnyConnector) -> tuple[str, ...]:
    can = declared.capabilities
    shown = declared.typing is not None or declared.typing_below is not None or can.stored_is_sent
    return (
        declared.title,
        "our own" if can.stored_is_sent else _ways_in(declared),
        f"{can.max_text:,}".replace(",", " "),
        _files(can.media),
        _yes(can.receipts),
        _whose(client=can.typing, ours=shown),
        _whose(client=can.edits, ours=declared.edit is not None),
        _whose(client=can.deletes, ours=declared.delete is not None),
        _whose(client=can.reactions, ours=declared.react is not None),
        _yes(can.buttons),
        _window(declared),
        _yes(declared.entry_url is not None),
        f"[docs/channels/{declared.kind}.md](docs/channels/{declared.kind}.md)",
    )


def _whose(*, client: bool, ours: bool) -> str:
    """Who of the two can do it, so that the other one sees it."""
    return "both" if client and ours else "the client" if client else "the agent" if ours else ""


def _window(declared: AnyConnector) -> str:
    seconds = declared.capabilities.reply_window
    words = [] if seconds is None else [f"{seconds // 3600} h"]
    return ", then ".join([*words, *(["approved templates"] if declared.approved_templates is not None else [])])


def _ways_in(declared: AnyConnector) -> str:
    if declared.poll is None:
        return "webhook"
    return "polling" if declared.polls is None else "polling or webhook"


def _files(media: Mapping[MediaKind, int]) -> str:
    sizes = {kind: size for kind, size in media.items() if size}
    if not sizes:
        return ""
    most = max(sizes.values()) / (1 << 20)
    named = "all" if set(sizes) >= {MediaKind.IMAGE, MediaKind.FILE, MediaKind.VIDEO} else ", ".join(sorted(sizes))
    return f"{named}, {most:.0f} MB"


def _yes(there: bool) -> str:
    return "yes" if there else ""


if __name__ == "__main__":
    README.write_text(renewed(README.read_text(encoding="utf-8")), encoding="utf-8")

"""What is kept of a report under a name: which page it is and the choices of its address, and who may change it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from inbox.rules.permissions import Actor, Role
from inbox.rules.report_periods import PERIODS

PAGES = ("response", "workload", "people", "sales", "crossed")
# The names of an address that say what is shown, in the order in which they are kept.
CHOICES = (
    "period", "from", "to", "measure", "hours", "since", "whose", "ours", "channel", "agent", "source", "tag", "team",
    "verdict", "ending", "by", "down", "across", "show",
)  # fmt: skip
MOST_LETTERS = 200


def kept_choices(query: Mapping[str, str]) -> str:
    """The choices of an address as a query string of ours: nothing unknown, nothing empty, no days beside a period."""
    fixed = ("from", "to") if query.get("period") in PERIODS else ("period",)
    chosen = {name: query.get(name, "")[:MOST_LETTERS] for name in CHOICES if name not in fixed}
    return urlencode({name: value for name, value in chosen.items() if value})


def read_choices(kept: str) -> dict[str, str]:
    """The choices of a kept query string."""
    return dict(parse_qsl(kept))


def may_change_report(actor: Actor, owner_id: int, *, shared: bool) -> bool:
    """Its owner may, and what is for everybody an administrator may keep in order too."""
    return actor.agent_id == owner_id or (shared and actor.role is Role.ADMIN)

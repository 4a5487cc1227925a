"""The queue's filter as it stands in an address: read by the page and by the stream in the same way."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from inbox.queries.conversation_list import Order, QueueFilter, QueueView

_NUMBERS = {"channel": "channel_id", "assignee": "assignee_id", "tag": "tag_id"}


def read_filter(path: str, query: Iterable[tuple[str, str]]) -> QueueFilter:
    """The filter of an address (/inbox/<view>?order=&channel=&assignee=&tag=&source=); odd values mean "any"."""
    given = dict(query)
    view = path.removeprefix("/inbox/") if path.startswith("/inbox/") else given.get("view", "")
    numbers = {
        field: int(given[name])
        for name, field in _NUMBERS.items()
        if given.get(name, "").isdecimal() and len(given[name]) < 16
    }
    return QueueFilter(
        view=QueueView(view) if view in set(QueueView) else QueueView.WAITING,
        order=Order(given["order"]) if given.get("order") in set(Order) else Order.OLDEST,
        source=given.get("source") or None,
        **numbers,
    )


def filter_query(wanted: QueueFilter, **changes: str | None) -> str:
    """The query of a filter without its view, with some parts changed (None removes); "" or "?...."."""
    values: dict[str, str | None] = {
        "order": None if wanted.order is Order.OLDEST else wanted.order.value,
        "channel": _text(wanted.channel_id),
        "assignee": _text(wanted.assignee_id),
        "tag": _text(wanted.tag_id),
        "source": wanted.source,
        **changes,
    }
    query = urlencode({name: value for name, value in values.items() if value})
    return f"?{query}" if query else ""


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)

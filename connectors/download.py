"""Fetching a client's file by the link that a platform gave."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

from connectors.contract import Net, Rejected, Unreachable

FETCH_SECONDS = 60.0
MOST_REDIRECTS = 5


async def download(
    url: str, net: Net, max_bytes: int, *, headers: Mapping[str, str] | None = None, authorities: str = ""
) -> bytes:
    """The bytes behind a link, through redirects, each of which the guarded network judges; raises SendError.

    `headers` (a token) go to the first address only: whoever it leads on to is a stranger.
    """
    for _ in range(MOST_REDIRECTS):
        if urlsplit(url).scheme not in ("http", "https"):
            break
        answer = await net.request(
            "GET", url, headers=headers, timeout=FETCH_SECONDS, max_bytes=max_bytes, authorities=authorities
        )
        if answer.status == 200:
            return answer.body
        if answer.status == 429 or answer.status >= 500:
            raise Unreachable("The file could not be fetched.")
        if answer.status not in (301, 302, 303, 307, 308):
            break
        url, headers = urljoin(url, answer.headers.get("location", "")), None
    raise Rejected("The file could not be fetched.")

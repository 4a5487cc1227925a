"""Whose browser a session is."""

from __future__ import annotations

import pytest

from inbox.rules.browsers import describe_browser

LIKE_SAFARI = "AppleWebKit/537.36 (KHTML, like Gecko)"
KNOWN = {
    f"Mozilla/5.0 (X11; Linux x86_64) {LIKE_SAFARI} Chrome/143.0.0.0 Safari/537.36": "Chrome, Linux",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {LIKE_SAFARI} Chrome/143.0 Safari/537.36 Edg/143.0": "Edge, Windows",
    f"Mozilla/5.0 (Windows NT 10.0) {LIKE_SAFARI} Chrome/142.0 YaBrowser/25.10 Safari/537.36": "Yandex Browser, Windows",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15": "Safari, macOS",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605 Version/18.1 Safari/604.1": "Safari, iPhone",
    "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0": "Firefox, Android",
    "curl/8.5.0": "curl/8.5.0",
    "": "",
}


@pytest.mark.parametrize(("header", "expected"), KNOWN.items(), ids=lambda text: text[-30:])
def test_describe_browser(header: str, expected: str) -> None:
    assert describe_browser(header) == expected


def test_a_long_stranger_is_shortened() -> None:
    assert describe_browser("Х" * 500) == "Х" * 60

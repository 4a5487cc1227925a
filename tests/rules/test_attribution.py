"""Where leads come from: real addresses in, columns out; and nothing that a stranger writes may break it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.rules.attribution import (
    MAX_ID,
    MAX_LABEL,
    MAX_URL,
    MAX_VALUE,
    Confidence,
    LeadKind,
    LeadSource,
    Touch,
    label,
    merge,
    touch_from_referral,
    touch_from_visit,
)

SHOP = "https://shop.example/stoly"


def source(page: str = SHOP, referrer: str = "", landing: str | None = None) -> tuple[str, ...]:
    """What a visit says, without trailing empty columns."""
    lead = touch_from_visit(page, referrer, landing).lead_source
    values = [str(value) for value in asdict(lead).values()]
    while values and not values[-1]:
        values.pop()
    return tuple(values)


VISITS = {
    "typed in": (SHOP, "", None, ("direct",)),
    "nothing known": ("", "", None, ("unknown",)),
    "utm": (f"{SHOP}?utm_source=news&utm_medium=email&utm_campaign=nov", "", None, ("utm", "news", "email", "nov")),
    "utm paid": (f"{SHOP}?utm_source=yandex&utm_medium=cpc&utm_content=1", "", None, ("ad", "yandex", "cpc", "", "1")),
    "utm paid social": (f"{SHOP}?utm_source=vk&utm_medium=paid_social", "", None, ("ad", "vk", "paid_social")),
    "a medium that only looks paid": (f"{SHOP}?utm_source=x&utm_medium=roadshow", "", None, ("utm", "x", "roadshow")),
    "utm wins over the referrer": (f"{SHOP}?utm_source=a", "https://www.google.com/", None, ("utm", "a")),
    "upper-case names": (f"{SHOP}?UTM_Source=A", "", None, ("utm", "A")),
    "the first of two values": (f"{SHOP}?utm_source=a&utm_source=b", "", None, ("utm", "a")),
    "cyrillic": (f"{SHOP}?utm_source={quote('газета')}", "", None, ("utm", "газета")),
    "cyrillic of old systems": (f"{SHOP}?utm_source={quote('кухни', encoding='cp1251')}", "", None, ("utm", "кухни")),
    "an unfilled placeholder": (f"{SHOP}?utm_source=%7Bsource%7D&utm_campaign=%7B%7Bad.id%7D%7D", "", None, ("direct",)),
    "yclid": (f"{SHOP}?yclid=123", "https://yandex.ru/", None, ("ad", "yandex", "cpc")),
    "gclid": (f"{SHOP}?gclid=abc", "", None, ("ad", "google", "cpc")),
    "ymclid": (f"{SHOP}?ymclid=5", "", None, ("ad", "yandex.market", "cpc")),
    "a click id with a campaign": (
        f"{SHOP}?yclid=1&utm_campaign=dub", "", None, ("ad", "yandex", "cpc", "dub"),
    ),
    "facebook marks unpaid links too": (f"{SHOP}?fbclid=x", "https://l.facebook.com/", None, ("social", "facebook", "social")),
    "facebook with a paid campaign": (
        f"{SHOP}?fbclid=x&utm_source=fb&utm_medium=cpc", "", None, ("ad", "fb", "cpc"),
    ),
    "the landing page wins": (f"{SHOP}?utm_source=late", "", f"{SHOP}?utm_source=first", ("utm", "first")),
    "the page helps when the landing says nothing": (f"{SHOP}?utm_source=late", "", SHOP, ("utm", "late")),
    "yandex search": (SHOP, "https://yandex.ru/search/?text=x", None, ("search", "yandex", "organic")),
    "ya.ru": (SHOP, "https://ya.ru/", None, ("search", "yandex", "organic")),
    "yandex abroad": (SHOP, "https://yandex.com.tr/", None, ("search", "yandex", "organic")),
    "google": (SHOP, "https://www.google.co.uk/", None, ("search", "google", "organic")),
    "google in an app": (
        SHOP, "android-app://com.google.android.googlequicksearchbox/", None, ("search", "google", "organic"),
    ),
    "not everything of google is a search": (SHOP, "https://mail.google.com/", None, ("referral", "mail.google.com", "referral")),
    "not everything that ends so is google": (SHOP, "https://notgoogle.com/", None, ("referral", "notgoogle.com", "referral")),
    "a fake in the middle": (SHOP, "https://yandex.ru.evil.example/", None, ("referral", "yandex.ru.evil.example", "referral")),
    "maps": (SHOP, "https://yandex.ru/maps/213", None, ("listing", "yandex.maps", "referral")),
    "vk": (SHOP, "https://away.vk.com/away.php", None, ("social", "vk", "social")),
    "ok": (SHOP, "https://m.ok.ru/", None, ("social", "ok", "social")),
    "telegram": (SHOP, "https://t.me/s/shop", None, ("social", "telegram", "social")),
    "telegram's app": (SHOP, "android-app://org.telegram.messenger/", None, ("social", "telegram", "social")),
    "avito": (SHOP, "https://www.avito.ru/x", None, ("listing", "avito", "referral")),
    "another site": (SHOP, "https://Blog.Example.ORG/post", None, ("referral", "blog.example.org", "referral")),
    "a site in cyrillic": (SHOP, "https://xn--e1afmkfd.xn--p1ai/", None, ("referral", "пример.рф", "referral")),
    "our own site": (SHOP, "https://shop.example/", None, ("direct",)),
    "our own site with www": (SHOP, "https://www.shop.example/", None, ("direct",)),
    "our own other host": (SHOP, "https://blog.shop.example/", None, ("direct",)),
    "a neighbour with a similar name": (SHOP, "https://myshop.example/", None, ("referral", "myshop.example", "referral")),
    "not an address": ("javascript:alert(1)", "data:text/html,x", None, ("unknown",)),
    "a broken address": ("http://[::1", "http://[", None, ("unknown",)),
    "a port that is none": ("http://shop.example:abc/", "", None, ("direct",)),
}  # fmt: skip


@pytest.mark.parametrize(("page", "referrer", "landing", "expected"), VISITS.values(), ids=VISITS.keys())
def test_visits(page: str, referrer: str, landing: str | None, expected: tuple[str, ...]) -> None:
    assert source(page, referrer, landing) == expected


def test_ids_and_addresses_are_kept() -> None:
    touch = touch_from_visit(f"{SHOP}?_ym_uid=42", "https://ya.ru/", f"{SHOP}?fbclid=f&yclid=y")
    assert (touch.click_id_kind, touch.click_id, touch.metrica_client_id) == ("yclid", "y", "42")
    assert (touch.page_url, touch.referrer) == (f"{SHOP}?_ym_uid=42", "https://ya.ru/")
    assert touch.confidence is Confidence.WIDGET
    assert touch_from_visit(SHOP, "", metrica_client_id="7").metrica_client_id == "7"


def test_only_web_addresses_are_kept_and_no_password() -> None:
    assert touch_from_visit("javascript:alert(1)", "").page_url == ""
    assert touch_from_visit("android-app://org.example/", "").page_url == ""
    assert touch_from_visit("https://anna:secret@shop.example/x", "").page_url == "https://shop.example/x"


def test_texts_are_bounded_and_hold_no_control_characters() -> None:
    touch = touch_from_visit(f"{SHOP}?utm_source={'a' * 5000}&gclid={'b' * 5000}&utm_term=x%00%0A%E2%80%AEy", "")
    assert len(touch.lead_source.source) == MAX_VALUE
    assert len(touch.click_id) <= MAX_ID
    assert len(touch.page_url) <= MAX_URL


def test_control_characters_are_dropped() -> None:
    assert touch_from_visit(f"{SHOP}?utm_source=x%00%0A%E2%80%AEy", "").lead_source.source == "x y"


@dataclass(frozen=True)
class Told:
    """A connector's words, like the contract's Referral."""

    kind: str = ""
    source: str = ""
    medium: str = ""
    campaign: str = ""
    content: str = ""
    term: str = ""
    ad_id: str = ""
    click_id_kind: str = ""
    click_id: str = ""
    metrica_client_id: str = ""
    landing_url: str = ""
    page_url: str = ""
    referrer: str = ""
    confidence: str = "exact"


def test_a_connector_that_tells_nothing() -> None:
    assert touch_from_referral(Told()) is None
    assert touch_from_referral(Told(confidence="nonsense")) is None


TOLD = {
    "a deep link": (Told(kind="deep_link", source="poster", campaign="may"), LeadSource(LeadKind.DEEP_LINK, "poster", "", "may")),
    "an ad": (Told(source="instagram", ad_id="9"), LeadSource(LeadKind.AD, "instagram", ad_id="9")),
    "a paid campaign": (Told(source="vk", medium="cpc"), LeadSource(LeadKind.AD, "vk", "cpc")),
    "utm": (Told(source="vk", medium="post"), LeadSource(LeadKind.UTM, "vk", "post")),
    "an unknown kind": (Told(kind="magic", source="vk"), LeadSource(LeadKind.UTM, "vk")),
    "only a page": (Told(page_url=SHOP), LeadSource(LeadKind.DIRECT)),
    "a page with parameters": (Told(page_url=f"{SHOP}?utm_source=a"), LeadSource(LeadKind.UTM, "a")),
    "said outright against the page": (
        Told(kind="listing", source="avito", page_url=f"{SHOP}?utm_source=a"), LeadSource(LeadKind.LISTING, "avito"),
    ),
    "only a click id": (Told(click_id_kind="yclid", click_id="1"), LeadSource(LeadKind.AD, "yandex", "cpc")),
    "a click id of an unknown system": (Told(click_id_kind="zzz", click_id="1"), LeadSource()),
}  # fmt: skip


@pytest.mark.parametrize(("told", "expected"), TOLD.values(), ids=TOLD.keys())
def test_what_a_connector_tells(told: Told, expected: LeadSource) -> None:
    touch = touch_from_referral(told)
    assert touch is not None
    assert touch.lead_source == expected
    assert touch.confidence is Confidence.EXACT


def test_a_connectors_ids_are_kept_and_its_confidence_is_checked() -> None:
    touch = touch_from_referral(Told(click_id_kind="ctwa", click_id="c", metrica_client_id="m", confidence="certain"))
    assert touch is not None
    assert (touch.click_id_kind, touch.click_id, touch.metrica_client_id) == ("ctwa", "c", "m")
    assert touch.confidence is Confidence.UNKNOWN
    sure = touch_from_referral(Told(source="a", confidence="ad"))
    assert sure is not None
    assert sure.confidence is Confidence.AD


AD = Touch(
    LeadSource(LeadKind.AD, "yandex", "cpc", "dub"), "yclid", "1", "m", SHOP, SHOP, "https://ya.ru/", Confidence.WIDGET
)


def test_a_later_direct_visit_keeps_the_source() -> None:
    later = merge(AD, Touch(LeadSource(LeadKind.DIRECT), page_url=f"{SHOP}/2", confidence=Confidence.WIDGET))
    assert later.lead_source == AD.lead_source
    assert (later.page_url, later.click_id_kind, later.click_id) == (f"{SHOP}/2", "yclid", "1")


def test_a_new_source_replaces_the_old_one_as_a_whole() -> None:
    other = LeadSource(LeadKind.UTM, "news")
    assert merge(AD, replace(AD, lead_source=other)).lead_source == other


def test_the_same_source_is_completed() -> None:
    same = LeadSource(LeadKind.AD, "yandex", content="7")
    assert merge(AD, replace(AD, lead_source=same)).lead_source == LeadSource(LeadKind.AD, "yandex", "cpc", "dub", "7")


def test_unknown_becomes_direct_but_not_back() -> None:
    unknown, direct = Touch(LeadSource()), Touch(LeadSource(LeadKind.DIRECT))
    assert merge(unknown, direct).lead_source.kind is LeadKind.DIRECT
    assert merge(direct, unknown).lead_source.kind is LeadKind.DIRECT


LABELS = {
    "an ad": (LeadSource(LeadKind.AD, "yandex", "cpc", "Столы дуб"), "Yandex Direct · Столы дуб"),
    "a search": (LeadSource(LeadKind.SEARCH, "yandex", "organic"), "Yandex"),
    "a post": (LeadSource(LeadKind.UTM, "VK", "post", "", "nov-12"), "VK · nov-12"),
    "an unknown system": (LeadSource(LeadKind.AD, "crm"), "crm"),
    "an ad by its number": (LeadSource(LeadKind.AD, "", ad_id="991"), "991"),
    "only a campaign": (LeadSource(LeadKind.UTM, campaign="may"), "may"),
    "direct": (LeadSource(LeadKind.DIRECT), "Direct visit"),
    "unknown": (LeadSource(), "Source unknown"),
    "a kind without a source": (LeadSource(LeadKind.UTM, medium="email"), "Source unknown"),
}


@pytest.mark.parametrize(("lead", "expected"), LABELS.values(), ids=LABELS.keys())
def test_label(lead: LeadSource, expected: str) -> None:
    assert label(lead) == expected


def test_a_long_label_is_cut() -> None:
    text = label(LeadSource(LeadKind.UTM, "a" * MAX_VALUE, campaign="b"))
    assert len(text) == MAX_LABEL
    assert text.endswith("…")


ANY = st.text(max_size=60) | st.sampled_from(
    ["http://[", "https://vk.com/?utm_source=%FF", "//x", "https://a@b:c/?yclid=1"]
)


@given(ANY, ANY, ANY, ANY)
def test_nothing_that_strangers_write_raises(page: str, referrer: str, landing: str, metrica: str) -> None:
    touch = touch_from_visit(page, referrer, landing, metrica)
    assert merge(touch, touch) == touch
    for value in (touch.page_url, touch.landing_url):
        assert not value or value.startswith(("http://", "https://"))
    assert label(touch.lead_source)


@given(st.builds(Told, **{item.name: ANY for item in fields(Told)}))
def test_nothing_that_connectors_tell_raises(told: Told) -> None:
    touch = touch_from_referral(told)
    assert touch is None or label(touch.lead_source)


@given(st.dictionaries(st.sampled_from(["utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term"]),
                       st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=40), min_size=1))  # fmt: skip
def test_a_tagged_link_gives_its_tags_back(tags: dict[str, str]) -> None:
    lead = touch_from_visit(f"{SHOP}?{urlencode(tags)}", "").lead_source
    found = {f"utm_{name}": getattr(lead, name) for name in ("source", "medium", "campaign", "content", "term")}
    placeholders = {"undefined", "null", "none"}
    assert found == {name: "" if (value := tags.get(name, "")).lower() in placeholders else value for name in found}

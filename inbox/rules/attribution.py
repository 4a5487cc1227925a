"""Where a lead came from: campaign parameters, click ids and referrers read into columns.

Everything here was written by strangers: nothing raises, every value is one line of bounded length without control
characters, and only http(s) addresses are kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from urllib.parse import SplitResult, parse_qsl, urlsplit, urlunsplit

from inbox.rules.arrival import Told
from inbox.rules.names import clean_name
from inbox.rules.referrers import AD_TITLES, TITLES, known_site
from inbox.rules.texts import N_

MAX_VALUE = 200
MAX_ID = 512
MAX_URL = 2000
MAX_LABEL = 80
_MAX_FIELDS = 200


class LeadKind(StrEnum):
    """What kind of arrival it was."""

    AD = "ad"
    UTM = "utm"
    DEEP_LINK = "deep_link"
    LISTING = "listing"
    SEARCH = "search"
    SOCIAL = "social"
    REFERRAL = "referral"
    DIRECT = "direct"
    UNKNOWN = "unknown"


class Confidence(StrEnum):
    """How sure we are: a token that we made, the visitor's browser, the platform's word on an ad, or a guess."""

    EXACT = "exact"
    WIDGET = "widget"
    AD = "ad"
    GUESSED = "guessed"
    UNKNOWN = "unknown"


# These say that somebody came, not from where; they never replace a source that does.
SAYS_NOTHING = frozenset({LeadKind.DIRECT, LeadKind.UNKNOWN})


@dataclass(frozen=True, slots=True)
class LeadSource:
    """One distinct source. "" means not given."""

    kind: LeadKind = LeadKind.UNKNOWN
    source: str = ""
    medium: str = ""
    campaign: str = ""
    content: str = ""
    term: str = ""
    ad_id: str = ""


@dataclass(frozen=True, slots=True)
class Touch:
    """One arrival: the source and what proves it. "" means not given."""

    lead_source: LeadSource
    click_id_kind: str = ""
    click_id: str = ""
    metrica_client_id: str = ""
    landing_url: str = ""
    page_url: str = ""
    referrer: str = ""
    confidence: Confidence = Confidence.UNKNOWN


# The advertising system of a click id, best proof first. Facebook marks unpaid links too: only a campaign's own
# parameters make such a click an ad.
_CLICK_IDS: Mapping[str, tuple[LeadKind, str, str]] = {
    "yclid": (LeadKind.AD, "yandex", "cpc"),
    "ymclid": (LeadKind.AD, "yandex.market", "cpc"),
    "gclid": (LeadKind.AD, "google", "cpc"),
    "gbraid": (LeadKind.AD, "google", "cpc"),
    "wbraid": (LeadKind.AD, "google", "cpc"),
    "rb_clickid": (LeadKind.AD, "vk", "cpc"),
    "msclkid": (LeadKind.AD, "bing", "cpc"),
    "ttclid": (LeadKind.AD, "tiktok", "cpc"),
    "fbclid": (LeadKind.SOCIAL, "facebook", "social"),
}
_KINDS = frozenset(LeadKind)
_CONFIDENCES = frozenset(Confidence)
_UTM = ("source", "medium", "campaign", "content", "term")
_PAID = re.compile(r"(?:^|[-_ ])(?:cpc|ppc|cpm|cpa|cpv|paid|ads?|banner|display|retarget(?:ing)?|target)(?:$|[-_ ])")
# Advertising systems fill these in; when they did not, the value says nothing.
_PLACEHOLDER = re.compile(r"^(?:\{\{?[^{}]*\}?\}|%7B.*%7D|\[[A-Z_]+\]|\(not set\)|undefined|null|none)$", re.IGNORECASE)


def touch_from_visit(
    page_url: str, referrer: str, landing_url: str | None = None, metrica_client_id: str | None = None
) -> Touch:
    """The arrival of a visitor. The landing page's parameters win over those of the page they write from."""
    landing, page, came_from = _url(landing_url or ""), _url(page_url), _url(referrer, apps=True)
    first, later = _query(landing), _query(page)
    query = first if _tells(first) else later
    click_id_kind = next((kind for kind in _CLICK_IDS if query.get(kind)), "")
    return Touch(
        lead_source=_source(query, click_id_kind, came_from, landing or page),
        click_id_kind=click_id_kind,
        click_id=_value(query.get(click_id_kind, ""), MAX_ID),
        metrica_client_id=_value(metrica_client_id or later.get("_ym_uid") or first.get("_ym_uid", ""), MAX_ID),
        landing_url=landing,
        page_url=page,
        referrer=came_from,
        confidence=Confidence.WIDGET,
    )


def touch_from_referral(told: Told) -> Touch | None:
    """The arrival as a connector tells it; None when it tells nothing. What it says outright wins over its URLs."""
    seen = touch_from_visit(told.page_url, told.referrer, told.landing_url, told.metrica_client_id)
    said = {name: _value(getattr(told, name), MAX_VALUE) for name in (*_UTM, "ad_id")}
    kind = told.kind if told.kind in _KINDS else ""
    click_id_kind = _value(told.click_id_kind, MAX_VALUE) if told.click_id else ""
    if kind or any(said.values()) or click_id_kind in _CLICK_IDS:
        query = {f"utm_{name}": said[name] for name in _UTM}
        source = replace(_source(query, click_id_kind, "", ""), ad_id=said["ad_id"])
        if said["ad_id"]:
            source = replace(source, kind=LeadKind.AD)
        if kind:
            source = replace(source, kind=LeadKind(kind))
        seen = merge(seen, replace(seen, lead_source=source))
    if told.click_id:
        seen = replace(seen, click_id_kind=click_id_kind, click_id=_value(told.click_id, MAX_ID))
    if seen == Touch(LeadSource(), confidence=seen.confidence):
        return None
    sure = told.confidence in _CONFIDENCES
    return replace(seen, confidence=Confidence(told.confidence) if sure else Confidence.UNKNOWN)


def merge(old: Touch, new: Touch) -> Touch:
    """The new touch completed by the old one: an empty value never overwrites a known one.

    A source is one thing: it is replaced as a whole by one that says more, and completed only by its own kind.
    """
    kept = {item.name: getattr(new, item.name) or getattr(old, item.name) for item in fields(Touch)}
    if not new.click_id:
        kept["click_id_kind"] = old.click_id_kind
    return Touch(**{**kept, "lead_source": _merge_sources(old.lead_source, new.lead_source)})


def label(lead_source: LeadSource) -> str:
    """The short text of a chip: "Yandex Direct · oak tables". Kinds without a source give an English message key."""
    if lead_source.kind in SAYS_NOTHING and not lead_source.source:
        return N_("Direct visit") if lead_source.kind is LeadKind.DIRECT else N_("Source unknown")
    titles = {**TITLES, **AD_TITLES} if lead_source.kind is LeadKind.AD else TITLES
    title = titles.get(lead_source.source.lower(), lead_source.source)
    detail = lead_source.campaign or lead_source.content or lead_source.ad_id
    text = " · ".join(part for part in (title, detail) if part) or N_("Source unknown")
    return text if len(text) <= MAX_LABEL else text[: MAX_LABEL - 1].rstrip() + "…"


def source_title(source: str) -> str:
    """What people call the source of a name that addresses carry ("yandex"): a message key, or the name itself."""
    return TITLES.get(source.lower(), source)


def _source(query: Mapping[str, str], click_id_kind: str, referrer: str, own: str) -> LeadSource:
    tagged = {name: _value(query.get(f"utm_{name}", ""), MAX_VALUE) for name in _UTM}
    clicked = _CLICK_IDS.get(click_id_kind)
    if any(tagged.values()):
        paid = bool(_PAID.search(tagged["medium"].lower())) or (clicked is not None and clicked[0] is LeadKind.AD)
        if clicked is not None:
            tagged["source"] = tagged["source"] or clicked[1]
            tagged["medium"] = tagged["medium"] or clicked[2]
        return LeadSource(kind=LeadKind.AD if paid else LeadKind.UTM, **tagged)
    if clicked is not None:
        return LeadSource(kind=clicked[0], source=clicked[1], medium=clicked[2])
    return _from_referrer(referrer, own)


def _from_referrer(referrer: str, own: str) -> LeadSource:
    came_from, host, here = _split(referrer), _host(referrer), _host(own)
    if not host or _same_site(host, here):
        return LeadSource(kind=LeadKind.DIRECT if here else LeadKind.UNKNOWN)
    site = known_site(host, came_from.path if came_from else "")
    if site is None:
        return LeadSource(kind=LeadKind.REFERRAL, source=_value(_readable(host), MAX_VALUE), medium="referral")
    kind = LeadKind(site[0])
    medium = {LeadKind.SEARCH: "organic", LeadKind.SOCIAL: "social"}.get(kind, "referral")
    return LeadSource(kind=kind, source=site[1], medium=medium)


def _merge_sources(old: LeadSource, new: LeadSource) -> LeadSource:
    # "Unknown" says less than "direct", and both say less than any source.
    if new == LeadSource() or (new == LeadSource(LeadKind.DIRECT) and old.kind is not LeadKind.UNKNOWN):
        return old
    if (new.kind, new.source) != (old.kind, old.source):
        return new
    return LeadSource(**{item.name: getattr(new, item.name) or getattr(old, item.name) for item in fields(LeadSource)})


def _tells(query: Mapping[str, str]) -> bool:
    return any(query.get(f"utm_{name}") for name in _UTM) or any(query.get(kind) for kind in _CLICK_IDS)


def _query(url: str) -> dict[str, str]:
    """The parameters of an address by lower-case name, the first of each, without unfilled placeholders."""
    parts = _split(url)
    if parts is None or not parts.query:
        return {}
    try:
        pairs = parse_qsl(parts.query, max_num_fields=_MAX_FIELDS, errors="strict")
    except UnicodeDecodeError:
        # Old campaigns are tagged in the Windows encoding.
        pairs = parse_qsl(parts.query, max_num_fields=_MAX_FIELDS, encoding="cp1251", errors="replace")
    except ValueError:
        return {}
    found: dict[str, str] = {}
    for name, value in pairs:
        if not _PLACEHOLDER.match(value.strip()):
            found.setdefault(name.lower(), value)
    return found


def _value(text: str, limit: int) -> str:
    if not text:
        return ""
    cleaned = clean_name(text, limit)
    return "" if _PLACEHOLDER.match(cleaned) else cleaned


def _url(text: str, *, apps: bool = False) -> str:
    """An http(s) address without a password in it, or "". A referrer may also be an Android app."""
    parts = _split(clean_name(text, MAX_URL)) if text else None
    if parts is None or parts.scheme not in ("http", "https", *(("android-app",) if apps else ())) or not parts.netloc:
        return ""
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))[:MAX_URL]


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _host(url: str) -> str:
    parts = _split(url)
    try:
        host = (parts.hostname or "") if parts else ""
    except ValueError:
        return ""
    return host.lower().rstrip(".").removeprefix("www.")


def _same_site(one: str, other: str) -> bool:
    return bool(other) and (one == other or one.endswith(f".{other}") or other.endswith(f".{one}"))


def _readable(host: str) -> str:
    try:
        return host.encode("ascii").decode("idna")
    except UnicodeError:
        return host

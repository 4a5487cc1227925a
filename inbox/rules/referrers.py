"""Sites that send visitors, by host: search engines, social networks and listings. Facts about the web, not channels.

The lists were put together from the referrers that Russian shops see most; an unknown host is a plain referral.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from inbox.rules.texts import N_

_TOP = r"\.(?:[a-z]{2,3}|com\.[a-z]{2}|co\.[a-z]{2})"

# Only the engine itself: mail.google.com and market.yandex.ru are not searches.
_SEARCH = (
    (re.compile(rf"(?:yandex{_TOP}|ya\.ru|search\.yandex{_TOP}|yandex\.ru)"), "yandex"),
    (re.compile(rf"(?:google{_TOP}|com\.google\.android\.googlequicksearchbox)"), "google"),
    (re.compile(r"(?:go\.mail\.ru|search\.mail\.ru)"), "mail.ru"),
    (re.compile(r"(?:.+\.)?bing\.com"), "bing"),
    (re.compile(r"(?:.+\.)?duckduckgo\.com"), "duckduckgo"),
    (re.compile(r"(?:nova\.)?rambler\.ru"), "rambler"),
    (re.compile(r"(?:.+\.)?search\.yahoo\.(?:com|co\.jp)"), "yahoo"),
    (re.compile(r"(?:.+\.)?ecosia\.org"), "ecosia"),
    (re.compile(r"(?:.+\.)?baidu\.com"), "baidu"),
)

_SOCIAL: Mapping[str, str] = {
    "vk.com": "vk",
    "vk.ru": "vk",
    "vk.me": "vk",
    "com.vkontakte.android": "vk",
    "t.me": "telegram",
    "telegram.org": "telegram",
    "telegram.me": "telegram",
    "org.telegram.messenger": "telegram",
    "ok.ru": "ok",
    "odnoklassniki.ru": "ok",
    "max.ru": "max",
    "dzen.ru": "dzen",
    "zen.yandex.ru": "dzen",
    "instagram.com": "instagram",
    "com.instagram.android": "instagram",
    "facebook.com": "facebook",
    "fb.com": "facebook",
    "fb.me": "facebook",
    "com.facebook.katana": "facebook",
    "messenger.com": "facebook",
    "threads.net": "threads",
    "youtube.com": "youtube",
    "youtu.be": "youtube",
    "rutube.ru": "rutube",
    "tiktok.com": "tiktok",
    "x.com": "x",
    "t.co": "x",
    "twitter.com": "x",
    "linkedin.com": "linkedin",
    "lnkd.in": "linkedin",
    "pinterest.com": "pinterest",
    "pinterest.ru": "pinterest",
    "pin.it": "pinterest",
    "whatsapp.com": "whatsapp",
    "wa.me": "whatsapp",
    "viber.com": "viber",
}

_LISTINGS: Mapping[str, str] = {
    "avito.ru": "avito",
    "youla.ru": "youla",
    "2gis.ru": "2gis",
    "2gis.com": "2gis",
    "zoon.ru": "zoon",
    "flamp.ru": "flamp",
    "profi.ru": "profi",
    "cian.ru": "cian",
    "auto.ru": "auto.ru",
    "ozon.ru": "ozon",
    "wildberries.ru": "wildberries",
    "market.yandex.ru": "yandex.market",
    "maps.yandex.ru": "yandex.maps",
    "maps.google.com": "google.maps",
}

# Engines that keep their map under a path of the same host.
_MAP_PATH = re.compile(r"/(?:web-)?maps(?:/|$)")

TITLES: Mapping[str, str] = {
    "yandex": N_("Yandex"),
    "google": "Google",
    "mail.ru": "Mail.ru",
    "bing": "Bing",
    "duckduckgo": "DuckDuckGo",
    "rambler": N_("Rambler"),
    "vk": N_("VK"),
    "telegram": "Telegram",
    "ok": N_("OK"),
    "max": "MAX",
    "dzen": N_("Dzen"),
    "instagram": "Instagram",
    "facebook": "Facebook",
    "youtube": "YouTube",
    "rutube": "RUTUBE",
    "tiktok": "TikTok",
    "linkedin": "LinkedIn",
    "whatsapp": "WhatsApp",
    "viber": "Viber",
    "avito": N_("Avito"),
    "2gis": N_("2GIS"),
    "yandex.market": N_("Yandex Market"),
    "yandex.maps": N_("Yandex Maps"),
    "google.maps": N_("Google Maps"),
}

# What the paid side of a source is called.
AD_TITLES: Mapping[str, str] = {
    "yandex": N_("Yandex Direct"),
    "google": "Google Ads",
    "vk": N_("VK Ads"),
    "mytarget": N_("VK Ads"),
    "facebook": "Meta Ads",
    "instagram": "Instagram Ads",
    "bing": "Microsoft Ads",
    "telegram": "Telegram Ads",
}


def known_site(host: str, path: str = "") -> tuple[str, str] | None:
    """The kind (search, social, listing) and the name of a known site; None for any other host.

    `host` is lower-case without "www."; a subdomain counts as its site, except for search engines.
    """
    for pattern, name in _SEARCH:
        if pattern.fullmatch(host):
            return ("listing", f"{name}.maps") if _MAP_PATH.match(path) else ("search", name)
    labels = host.split(".")
    for start in range(len(labels) - 1):
        domain = ".".join(labels[start:])
        if domain in _LISTINGS:
            return "listing", _LISTINGS[domain]
        if domain in _SOCIAL:
            return "social", _SOCIAL[domain]
    return None

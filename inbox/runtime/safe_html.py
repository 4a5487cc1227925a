"""Untrusted HTML of a letter made harmless: nothing runs, and nothing is fetched unless somebody asks for it."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass

MAX_HTML = 4 << 20
# Bytes of all pictures that are put into the page.
MAX_PICTURES = 12 << 20
# Beside those that the cleaner lets through by itself.
_MORE_TAGS = {"font", "center", "u", "s", "strike", "big"}
_FEWER_TAGS = {"map", "area"}
_ATTRIBUTES = {
    "*": {"style", "align", "valign", "dir", "lang", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "font": {"color", "size", "face"},
    "table": {"width", "height", "border", "cellpadding", "cellspacing", "bgcolor"},
    "tr": {"bgcolor", "height"},
    "td": {"width", "height", "colspan", "rowspan", "bgcolor"},
    "th": {"width", "height", "colspan", "rowspan", "bgcolor"},
    "col": {"width", "span"},
    "ol": {"start", "type"},
}
# None of these can fetch anything.
_STYLES = (
    "background-color border border-bottom border-collapse border-color border-left border-radius border-right"
    " border-spacing border-style border-top border-width color display font font-family font-size font-style"
    " font-weight height letter-spacing line-height list-style-type margin margin-bottom margin-left margin-right"
    " margin-top max-width min-width padding padding-bottom padding-left padding-right padding-top text-align"
    " text-decoration text-indent text-transform vertical-align white-space width word-break"
)
_PICTURE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"})
_REMOTE = re.compile(r"""<img[^>]{1,4000}?src\s*=\s*["']?\s*(?:https?:)?//""", re.IGNORECASE)
_SCHEMES = {"http", "https", "mailto", "tel", "cid", "data"}


@dataclass(frozen=True, slots=True)
class SafeHtml:
    """A harmless fragment; `remote` tells whether it names pictures elsewhere."""

    html: str
    remote: bool


def make_safe(html: str, pictures: Mapping[str, tuple[str, bytes]], *, fetch_remote: bool) -> SafeHtml:
    """Clean a letter's HTML. Pictures of the letter itself are put in; others stay out unless `fetch_remote`."""
    # Of all channels only mail brings HTML.
    import nh3

    untrusted = html[:MAX_HTML]
    inlined = _inline(pictures)

    def judged(tag: str, name: str, value: str) -> str | None:
        if tag != "img" or name != "src":
            return None if value.strip().lower().startswith(("data:", "cid:")) else value
        source = value.strip()
        if source.lower().startswith("cid:"):
            return inlined.get(source[4:].strip("<> "))
        if source.lower().startswith(("http://", "https://")):
            return source if fetch_remote else None
        return source if re.match(r"data:image/(?:png|jpeg|gif|webp);base64,", source, re.IGNORECASE) else None

    cleaned = nh3.clean(
        untrusted,
        tags=(nh3.ALLOWED_TAGS | _MORE_TAGS) - _FEWER_TAGS,
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        attribute_filter=judged,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}, "img": {"referrerpolicy": "no-referrer"}},
        filter_style_properties=set(_STYLES.split()),
    )
    return SafeHtml(cleaned, _REMOTE.search(untrusted) is not None)


def _inline(pictures: Mapping[str, tuple[str, bytes]]) -> dict[str, str]:
    """Pictures by their names in the letter, as addresses that hold them."""
    found, total = {}, 0
    for name, (mime, octets) in pictures.items():
        total += len(octets)
        if mime in _PICTURE_TYPES and total <= MAX_PICTURES:
            found[name] = f"data:{mime};base64,{b64encode(octets).decode()}"
    return found

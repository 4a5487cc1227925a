"""The words of an HTML letter: what a reader sees, with quotes marked as in plain letters and known quotes left out."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_SILENT = frozenset({"script", "style", "head", "title", "template", "object", "svg"})
_BLOCKS = (
    " address article aside blockquote center dd details div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header"
    " hr li main nav ol p pre section table tbody tfoot thead tr ul "
)
_APART = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "blockquote", "table", "pre"})
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
# What mailers put the answered letter into: Gmail, Yahoo, Proton, Zoho, Mail.ru, Yandex.
_QUOTE_CLASSES = re.compile(
    r"(?:^|\s)(?:gmail_quote(?:_container)?|yahoo_quoted|protonmail_quote|zmail_extra|moz-cite-prefix|mail-quote-collapse"
    r"|mailru-blockquote|gmail_attr)(?:\s|$)"
)
# From this mark on a letter of Outlook is the answered one.
_OUTLOOK = frozenset({"divrplyfwdmsg", "appendonsend", "x_divrplyfwdmsg", "mail-editor-reference-message-container"})
MAX_HTML = 2 << 20


def text_of_html(html: str) -> str:
    """The letter as plain text. Whatever the markup is, nothing is raised."""
    reader = _Reader()
    reader.feed(html[:MAX_HTML].replace("\0", ""))
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    """Collects words; a stack of open elements tells what is left out and how deep a quote is."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[tuple[int, str]] = []
        self._line = ""
        self._open: list[str] = []
        self._hidden_below: int | None = None
        self._links: list[tuple[str, int]] = []
        self._ended = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        told = {name: value or "" for name, value in attrs}
        if told.get("id", "").lower() in _OUTLOOK:
            self._break()
            self._ended = True
        if tag == "br":
            self._break(empty=True)
        elif f" {tag} " in _BLOCKS:
            self._break()
        if tag == "li" and self._shown:
            self._line = "- "
        if tag in _VOID:
            return
        if self._hidden_below is None and (tag in _SILENT or _is_quote(tag, told) or _is_hidden(told)):
            self._hidden_below = len(self._open)
        self._open.append(tag)
        if tag == "a":
            self._links.append((told.get("href", ""), len(self._line)))

    def handle_endtag(self, tag: str) -> None:
        """An element ends, with those inside it that nobody closed."""
        if tag not in self._open:
            return
        if tag == "a" and self._links:
            self._name_link(*self._links.pop())
        if f" {tag} " in _BLOCKS:
            self._break()
        elif tag in ("td", "th") and self._shown:
            self._line += " "
        while self._open and self._open.pop() != tag:
            pass
        if self._hidden_below is not None and len(self._open) <= self._hidden_below:
            self._hidden_below = None
        if tag in _APART and self._shown and self._lines:
            if not self._lines[-1][1]:
                self._lines.pop()
            self._lines.append((self._depth, ""))

    def handle_data(self, data: str) -> None:
        """Words."""
        if not self._shown:
            return
        if "pre" in self._open:
            first, *more = data.split("\n")
            self._line += first
            for line in more:
                self._break(empty=True)
                self._line = line
            return
        # A no-break space alone in a block is how mailers write an empty line.
        words = re.sub(r"[ \t\r\n\f]+", " ", data)
        self._line += words.lstrip(" ") if not self._line or self._line.endswith(" ") else words

    def text(self) -> str:
        """Everything, with at most one empty line in a row."""
        self._break()
        lines = [f"{'> ' * depth}{line}".rstrip() for depth, line in self._lines]
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")

    @property
    def _shown(self) -> bool:
        return self._hidden_below is None and not self._ended

    @property
    def _depth(self) -> int:
        return self._open.count("blockquote")

    def _break(self, *, empty: bool = False) -> None:
        line = self._line.rstrip(" ") if "pre" in self._open else self._line.strip(" ")
        self._line = ""
        if self._shown and (line or empty):
            shown = line.replace("\u00a0", " ").rstrip()
            self._lines.append((self._depth, shown if "pre" in self._open else shown.lstrip()))

    def _name_link(self, address: str, start: int) -> None:
        """Say where a link leads unless its words say so."""
        words = self._line[start:].strip()
        if not self._shown or not words or not address.startswith(("http://", "https://")):
            return
        bare = re.sub(r"^https?://(?:www\.)?|/$", "", address)
        if bare not in words and len(address) <= 200:
            self._line += f" ({address})"


def _is_quote(tag: str, told: dict[str, str]) -> bool:
    if _QUOTE_CLASSES.search(told.get("class", "")):
        return True
    return tag == "blockquote" and told.get("type", "").lower() == "cite"


def _is_hidden(told: dict[str, str]) -> bool:
    style = told.get("style", "").replace(" ", "").lower()
    return "display:none" in style or "mso-hide:all" in style

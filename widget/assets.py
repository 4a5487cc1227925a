"""The scripts and the sheet as they are served: comments and indentation taken out, compressed once at start."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase

from aiohttp import web

STATIC = Path(__file__).parent / "static"
# One script in the order of use; the parts share one module scope.
CHAT_PARTS = ("base", "link", "view", "forms", "composer", "main")
# The loader is on every page of the site and has the tightest budget: its own names are shortened.
_LOADER_WORDS = (
    "settings queue home slot memory remember from language openWords closeWords unreadWords listeners identity frame "
    "ready shown make host box button badge tell here emit draw load show heard given api follow shadow sheet more "
    "listener last root view fit tag person"
)
LOADER_NAMES = tuple(_LOADER_WORDS.split())
_SCRIPT_LITERAL = re.compile(
    r"""("(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|/(?![ /*])(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\n[])+/\w*)"""
)
_SCRIPT_LINE = re.compile(r"(?<=[;{,(])\n")
_SCRIPT_SPACE = re.compile(r" *([{}()\[\],;:=<>+*/?!&|-]) *")
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_CSS_SPACE = re.compile(r"\s*([{};,])\s*")


def bare_script(source: str) -> str:
    """Our own scripts without whole-line comments, indentation, and spaces around signs.

    Literals are left alone. Line ends stay where a statement may end without a sign. It knows only how we
    write: a division stands between spaces, a regular expression does not begin with one, no text spans lines.
    """
    lines = (line.strip() for line in source.splitlines())
    text = "\n".join(line for line in lines if line and not line.startswith("//")) + "\n"
    parts = _SCRIPT_LITERAL.split(text)
    parts[::2] = [_SCRIPT_LINE.sub("", _SCRIPT_SPACE.sub(r"\1", part)) for part in parts[::2]]
    return "".join(parts)


def bare_sheet(source: str) -> str:
    """A style sheet without comments and needless spaces."""
    return _CSS_SPACE.sub(r"\1", " ".join(_CSS_COMMENT.sub("", source).split())).replace(": ", ":").replace(";}", "}")


def short_names(script: str, names: Sequence[str]) -> str:
    """The script with these variables, at most 52, called A, B ... Z, a, b ...

    Literals, properties and keys keep their words, so the listed names must not be used as shorthand properties nor
    inside a template.
    """
    parts = _SCRIPT_LITERAL.split(script)
    for place, name in enumerate(names):
        short = (ascii_uppercase + ascii_lowercase)[place]
        # Not a property (.name), not a key ({name: or ,name:), but ...name and ?name: are the variable.
        whole = re.compile(rf"(?:(?<=\.\.\.)|(?<![.\w$])){name}(?![\w$])(?<![{{,\n]{name}(?=:))")
        parts[::2] = [whole.sub(short, part) for part in parts[::2]]
    return "".join(parts)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file ready to be sent."""

    body: bytes
    packed: bytes
    version: str
    mime: str

    @classmethod
    def of(cls, text: str, mime: str) -> Asset:
        """Compress a text and name it by its content."""
        body = text.encode()
        return cls(body, gzip.compress(body, 9, mtime=0), hashlib.sha256(body).hexdigest()[:12], mime)

    def answer(self, request: web.Request, cache: str) -> web.Response:
        """The answer to a request: packed when the browser takes it, 304 when it has it."""
        headers = {
            "Cache-Control": cache,
            "ETag": f'"{self.version}"',
            "Vary": "Accept-Encoding",
            # A strict site may demand this of what it embeds.
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=304, headers=headers)
        packed = "gzip" in request.headers.get("Accept-Encoding", "")
        if packed:
            headers["Content-Encoding"] = "gzip"
        body = self.packed if packed else self.body
        return web.Response(body=body, content_type=self.mime, charset="utf-8", headers=headers)


@dataclass(frozen=True, slots=True)
class Assets:
    """All files of the chat. `loader`, `launcher` and `links` are texts: each channel's settings go into them."""

    loader: str
    launcher: str
    links: str
    chat: Asset
    sheet: Asset
    demo: Asset

    @classmethod
    def read(cls) -> Assets:
        """Read and strip the sources."""
        script = "".join((STATIC / "chat" / f"{part}.js").read_text(encoding="utf-8") for part in CHAT_PARTS)
        return cls(
            loader=short_names(bare_script((STATIC / "loader.js").read_text(encoding="utf-8")), LOADER_NAMES),
            launcher=bare_sheet((STATIC / "launcher.css").read_text(encoding="utf-8")),
            links=bare_script((STATIC / "links.js").read_text(encoding="utf-8")),
            chat=Asset.of(bare_script(script), "text/javascript"),
            sheet=Asset.of(bare_sheet((STATIC / "chat.css").read_text(encoding="utf-8")), "text/css"),
            demo=Asset.of(bare_sheet((STATIC / "demo.css").read_text(encoding="utf-8")), "text/css"),
        )

"""Drawing pages and fragments: one Jinja environment for the process, fast enough for the stream.

Templates never see a request. They get a `View` (who looks: language, zone, theme) and plain values.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import CodeType
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup

from inbox.queries.sessions import SignedIn
from inbox.rules.browsers import describe_browser
from inbox.rules.names import initials
from inbox.rules.permissions import GRANTS, Permission, Role
from inbox.runtime.clock import Clock
from inbox.runtime.languages import CODES, NAMES, Language, zone
from inbox.runtime.phones import format_phone
from inbox.web.phrases import phrases
from inbox.web.queue_filter import filter_query
from inbox.web.template_words import template_filters
from inbox.web.text import linkify

TEMPLATES = Path(__file__).parent.parent.parent / "templates"
STATIC = Path(__file__).parent.parent / "static"


@dataclass(frozen=True, slots=True)
class View:
    """Who looks. `agent` is None on the pages before signing in."""

    language: Language
    time_zone: str = "UTC"
    theme: str = "auto"
    agent: SignedIn | None = None
    csrf_token: str = ""
    path: str = "/"

    @classmethod
    def of(cls, spoken: Language, signed_in: SignedIn | None, path: str) -> View:
        """The view of a request."""
        if signed_in is None:
            return cls(spoken, path=path)
        return cls(spoken, signed_in.time_zone, signed_in.theme, signed_in, signed_in.csrf_token, path)

    def may(self, permission: str) -> bool:
        """Whether the viewer's role includes a permission; templates hide what would be refused."""
        return self.agent is not None and Permission(permission) in GRANTS[Role(self.agent.role)]

    def without_agent(self) -> View:
        """The same language and zone with nobody in it: what viewer-neutral fragments are drawn for."""
        return replace(self, agent=None, csrf_token="", path="")


class CompiledTemplates(BytecodeCache):
    """Templates compiled once for every environment of one language: a first page in another zone waits for nothing.

    Not for every language: the compiler works out filters of constant words, such as a translation.
    """

    def __init__(self) -> None:
        """Nothing is compiled yet."""
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Jinja asks for a template; a changed source is another one."""
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Jinja has compiled a template."""
        assert bucket.code is not None
        self._codes[bucket.key, bucket.checksum] = bucket.code


@functools.cache
def compiled_templates(language_code: str) -> CompiledTemplates:
    """What the environments of a language share in this process."""
    return CompiledTemplates()


class Renderer:
    """Templates bound to the process: assets with content hashes, icons, formats, the clock."""

    def __init__(self, clock: Clock, *, reload: bool = False, more_globals: dict[str, Any] | None = None) -> None:
        """`reload` re-reads changed templates (developers); `more_globals` come from the composition root."""
        self._clock = clock
        self.assets = {} if reload else _hash_assets()
        self._reload = reload
        self._globals = {
            "asset": self.asset,
            "icon": self.icon,
            "languages": [(code, NAMES[code]) for code in CODES],
            **(more_globals or {}),
        }
        self._by_place: dict[tuple[str, str], Environment] = {}

    def page(self, view: View, template: str, /, **values: Any) -> str:
        """A whole page."""
        return self._draw(view, template, values)

    def partial(self, view: View, template: str, /, **values: Any) -> str:
        """A fragment; the same templates that pages include."""
        return self._draw(view, template, values)

    def asset(self, name: str) -> str:
        """The URL of a static file; its content hash lets browsers keep it for ever."""
        version = self.assets.get(name)
        return f"/static/{name}?v={version}" if version else f"/static/{name}"

    def icon(self, name: str, size: int = 20) -> Markup:
        """An icon of the sprite; it is decoration, the control around it carries the name."""
        kind = "i" if size == 20 else f"i i-{size}"
        return Markup('<svg class="{}" aria-hidden="true"><use href="{}#i-{}"></use></svg>').format(
            kind, self.asset("sprite.svg"), name
        )

    def _draw(self, view: View, template: str, values: dict[str, Any]) -> str:
        environment = self._environment(view.language, view.time_zone)
        return environment.get_template(template).render(view=view, now=self._clock.now(), **values)

    def _environment(self, spoken: Language, time_zone: str) -> Environment:
        """An environment per language and zone: words and formats are bound once, not on every drawing."""
        place = (spoken.code, time_zone)
        if place not in self._by_place:
            made = Environment(
                loader=FileSystemLoader(TEMPLATES),
                autoescape=True,
                undefined=StrictUndefined,
                auto_reload=self._reload,
                trim_blocks=True,
                lstrip_blocks=True,
                extensions=["jinja2.ext.i18n"],
                cache_size=-1,
                bytecode_cache=compiled_templates(spoken.code),
            )
            made.globals.update(self._globals)
            made.filters.update(
                template_filters(), filter_query=filter_query, **_formats(spoken, time_zone, self._clock)
            )
            # It teaches the parser; the functions themselves are ours, which look into no context.
            made.install_gettext_callables(spoken.gettext, spoken.ngettext, newstyle=True)  # type: ignore[attr-defined]
            made.globals.update(phrases(spoken))
            self._by_place[place] = made
        return self._by_place[place]


def _formats(spoken: Language, time_zone: str, clock: Clock) -> dict[str, Callable[..., Any]]:
    """The filters of one language and zone."""
    return {
        "time": lambda moment: spoken.time(moment, time_zone),
        "day": lambda moment: spoken.day(moment, time_zone, clock.now()),
        "short": lambda moment: spoken.short(moment, time_zone, clock.now()),
        "full": lambda moment: spoken.moment(moment, time_zone),
        "local_input": lambda moment: moment.astimezone(zone(time_zone)).strftime("%Y-%m-%dT%H:%M"),
        "date": spoken.date,
        "duration": spoken.duration,
        "size": spoken.size,
        "number": spoken.number,
        "percent": spoken.percent,
        "translate": spoken.gettext,
        "browser": describe_browser,
        "initials": initials,
        "phone": format_phone,
        "linkify": linkify,
        "iso": datetime.isoformat,
        "ms": lambda moment: int(moment.timestamp() * 1000),
    }


def _hash_assets() -> dict[str, str]:
    return {
        path.relative_to(STATIC).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        for path in STATIC.rglob("*")
        if path.is_file()
    }

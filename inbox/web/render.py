"""Drawing pages and fragments: one Jinja environment for the process, fast enough for the stream.

Templates never see a request. They get a `View` (who looks: language, zone, theme) and plain values.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from inbox.queries.sessions import SignedIn
from inbox.rules.names import initials
from inbox.runtime.clock import Clock
from inbox.runtime.languages import CODES, NAMES, Language, language
from inbox.runtime.phones import format_phone
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

    def without_agent(self) -> View:
        """The same language and zone with nobody in it: what viewer-neutral fragments are drawn for."""
        return replace(self, agent=None, csrf_token="", path="")


class Renderer:
    """Templates bound to the process: assets with content hashes, icons, formats, the clock."""

    def __init__(self, clock: Clock, *, reload: bool = False, more_globals: dict[str, Any] | None = None) -> None:
        """`reload` re-reads changed templates (developers); `more_globals` come from the composition root."""
        self._clock = clock
        self.assets = {} if reload else _hash_assets()
        self.environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=reload,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
            cache_size=-1,
        )
        self.environment.globals.update(
            asset=self.asset, icon=self.icon, languages=[(code, NAMES[code]) for code in CODES], **(more_globals or {})
        )
        self.environment.filters.update(_filters(clock))
        self._by_language = {code: self._overlay(language(code)) for code in CODES}

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
        environment = self._by_language[view.language.code]
        return environment.get_template(template).render(view=view, now=self._clock.now(), **values)

    def _overlay(self, spoken: Language) -> Environment:
        """An environment per language: translations are bound once, not per drawing."""
        made = self.environment.overlay()
        made.globals = dict(self.environment.globals)
        made.install_gettext_callables(spoken.gettext, spoken.ngettext, newstyle=True)  # type: ignore[attr-defined]
        return made


def _filters(clock: Clock) -> dict[str, Callable[..., Any]]:
    @pass_context
    def time(context: Context, moment: datetime) -> str:
        view: View = context["view"]
        return view.language.time(moment, view.time_zone)

    @pass_context
    def day(context: Context, moment: datetime) -> str:
        view: View = context["view"]
        return view.language.day(moment, view.time_zone, clock.now())

    @pass_context
    def short(context: Context, moment: datetime) -> str:
        view: View = context["view"]
        return view.language.short(moment, view.time_zone, clock.now())

    @pass_context
    def full(context: Context, moment: datetime) -> str:
        view: View = context["view"]
        return view.language.moment(moment, view.time_zone)

    @pass_context
    def duration(context: Context, seconds: float) -> str:
        return str(context["view"].language.duration(seconds))

    @pass_context
    def size(context: Context, count: int) -> str:
        return str(context["view"].language.size(count))

    @pass_context
    def number(context: Context, value: float) -> str:
        return str(context["view"].language.number(value))

    @pass_context
    def percent(context: Context, share: float) -> str:
        return str(context["view"].language.percent(share))

    return {
        "time": time,
        "day": day,
        "short": short,
        "full": full,
        "duration": duration,
        "size": size,
        "number": number,
        "percent": percent,
        "initials": initials,
        "phone": format_phone,
        "linkify": linkify,
        "iso": lambda moment: moment.isoformat(),
        "ms": lambda moment: int(moment.timestamp() * 1000),
    }


def _hash_assets() -> dict[str, str]:
    return {
        path.relative_to(STATIC).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        for path in STATIC.rglob("*")
        if path.is_file()
    }

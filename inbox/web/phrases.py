"""The words of templates: the functions behind `_()` and {% trans %}."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from inbox.runtime.languages import Language

# Texts of one language whose markup is kept; the product has some two thousand.
_MOST = 4096


def phrases(spoken: Language) -> dict[str, Callable[..., Markup]]:
    """What Jinja's own functions of the new style do (texts are markup with %-places), without a look into the context.

    A text without places, which most are, is made once: a list of fifty rows says the same words fifty times.
    """

    @lru_cache(maxsize=_MOST)
    def plain(message: str) -> Markup:
        return Markup(spoken.gettext(message)) % {}  # noqa: S704 - our own catalogue.

    def gettext(message: str, /, **values: Any) -> Markup:
        return Markup(spoken.gettext(message)) % values if values else plain(message)  # noqa: S704 - the same.

    def ngettext(singular: str, plural: str, number: float, /, **values: Any) -> Markup:
        return Markup(spoken.ngettext(singular, plural, number)) % {"num": number, **values}  # noqa: S704 - the same.

    return {"_": gettext, "gettext": gettext, "ngettext": ngettext}

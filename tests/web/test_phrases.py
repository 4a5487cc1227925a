"""The words of templates are what Jinja's own functions make of them: our markup, with escaped values in its places."""

from __future__ import annotations

import pytest
from jinja2 import Environment

from inbox.runtime.languages import language
from inbox.web.phrases import phrases

CASES = {
    '{{ _("Waiting") }} {{ _("Waiting") }}': "Ждут Ждут",
    '{{ _("Visitor %(number)s", number="<b>") }}': "Посетитель &lt;b&gt;",
    '{{ _("<100%%>") }}': "<100%>",
    '{{ "<" ~ _("Waiting") }}': "&lt;Ждут",
    "{% trans %}Waiting{% endtrans %}": "Ждут",
    '{% trans number="<" %}Visitor {{ number }}{% endtrans %}': "Посетитель &lt;",
    '{{ ngettext("%(num)s client waits", "%(num)s clients wait", 2) }}': "2 клиента ждут",
    '{{ ngettext("%(num)s client waits", "%(num)s clients wait", 5) }}': "5 клиентов ждут",
    '{{ gettext("%(a)s%(b)s", a=1, b="&") }}': "1&amp;",
}


@pytest.mark.parametrize(("template", "drawn"), CASES.items())
def test_ours_say_what_jinjas_say(template: str, drawn: str) -> None:
    spoken = language("ru")
    jinjas, ours = (Environment(autoescape=True, extensions=["jinja2.ext.i18n"]) for _ in range(2))
    for environment in (jinjas, ours):
        environment.install_gettext_callables(spoken.gettext, spoken.ngettext, newstyle=True)  # type: ignore[attr-defined]
    ours.globals.update(phrases(spoken))
    assert ours.from_string(template).render() == jinjas.from_string(template).render() == drawn

"""Variables of reply templates: what is put in, what is missing, and what is never run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.rules.reply_templates import VARIABLES, Part, PartKind, check, expand, variables

VALUES = {"contact.name": "Вера", "company": "Дубрава", "agent.name": "", "contact.city": "Пермь"}

EXPANSIONS = {
    "plain": ("Здравствуйте!", "Здравствуйте!", ()),
    "a value": ("Здравствуйте, {{contact.name}}!", "Здравствуйте, Вера!", ()),
    "spaces inside": ("{{ contact.name | друг }}", "Вера", ()),
    "a fallback": ("{{contact.phone|без телефона}}", "без телефона", ()),
    "an empty value takes the fallback": ("{{agent.name|менеджер}}", "менеджер", ()),
    "an empty fallback leaves it out": ("{{contact.phone|}}!", "!", ()),
    "missing stays visible": ("{{contact.phone}}, {{agent.name}}", "{{contact.phone}}, {{agent.name}}",
                              ("contact.phone", "agent.name")),
    "missing twice is said once": ("{{contact.phone}} {{contact.phone}}", "{{contact.phone}} {{contact.phone}}",
                                   ("contact.phone",)),
    "the company's own field": ("{{contact.city}}", "Пермь", ()),
    "single braces are text": ("{contact.name} {% if %}", "{contact.name} {% if %}", ()),
    "not over lines": ("{{contact\n.name}}", "{{contact\n.name}}", ()),
    "nested braces are text around a variable": ("{{{contact.name}}}", "{Вера}", ()),
    "a second bar belongs to the fallback": ("{{x|a|b}}", "a|b", ()),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "missing"), EXPANSIONS.values(), ids=EXPANSIONS.keys())
def test_expand(text: str, expected: str, missing: tuple[str, ...]) -> None:
    found = expand(text, VALUES)
    assert (found.text, found.missing) == (expected, missing)


def test_the_parts_are_for_the_preview() -> None:
    assert expand("Да, {{contact.name}}: {{contact.phone}}.", VALUES).parts == (
        Part(PartKind.TEXT, "Да, "),
        Part(PartKind.VALUE, "Вера", "contact.name"),
        Part(PartKind.TEXT, ": "),
        Part(PartKind.MISSING, "{{contact.phone}}", "contact.phone"),
        Part(PartKind.TEXT, "."),
    )


def test_a_lone_variable_is_one_part() -> None:
    assert expand("{{company}}", VALUES).parts == (Part(PartKind.VALUE, "Дубрава", "company"),)


def test_a_value_is_never_read_as_a_template() -> None:
    found = expand("{{contact.name}}", {"contact.name": "{{company}} {{7*7}}", "company": "secret"})
    assert found.text == "{{company}} {{7*7}}"
    assert found.missing == ()


def test_variables() -> None:
    assert variables("{{ a }} {{b|c}} {{a}} {d}") == ("a", "b")


PROBLEMS = {
    "good": ("{{contact.name|друг}} {{contact.city}} {ok}", []),
    "unknown": ("Hi {{contact.nmae}}", [("There is no variable “contact.nmae”.", 3)]),
    "empty": ("{{}}", [("A pair of braces is empty.", 0)]),
    "only a fallback": ("{{|x}}", [("A pair of braces is empty.", 0)]),
    "an expression": ("{{7*7}}", [("“7*7” is not the name of a variable.", 0)]),
    "a call": ("{{contact.name.upper()}}", [("“contact.name.upper()” is not the name of a variable.", 0)]),
    "never closed": ("Hi {{contact.name", [("Braces are opened and never closed.", 3)]),
    "never opened": ("contact.name}} Hi", [("Closing braces close nothing.", 12)]),
    "in order of place": (
        "}} {{x}} {{",
        [("Closing braces close nothing.", 0), ("There is no variable “x”.", 3), ("Braces are opened and never closed.", 9)],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), PROBLEMS.values(), ids=PROBLEMS.keys())
def test_check(text: str, expected: list[tuple[str, int]]) -> None:
    found = check(text, ["city"])
    assert [(problem.key.format(**problem.params), problem.position) for problem in found] == expected


def test_a_field_is_known_only_when_the_company_has_it() -> None:
    assert check("{{contact.city}}") != ()


@pytest.mark.parametrize("name", VARIABLES)
def test_every_variable_can_be_used(name: str) -> None:
    assert check(f"{{{{{name}}}}}") == ()


TEMPLATES = st.lists(
    st.sampled_from(["{{", "}}", "|", "{", "}", "\n", "contact.name", "company", " ", "я", "{{contact.name|a}}"])
).map("".join)


@given(TEMPLATES, st.dictionaries(st.sampled_from(["contact.name", "company"]), TEMPLATES))
def test_the_parts_are_the_text_and_without_values_nothing_changes(text: str, values: dict[str, str]) -> None:
    found = expand(text, values)
    assert "".join(part.text for part in found.parts) == found.text
    assert expand(text.replace("|", ""), {}).text == text.replace("|", "")


@given(st.text(max_size=80))
def test_any_text_can_be_checked(text: str) -> None:
    problems = check(text)
    assert [problem.position for problem in problems] == sorted(problem.position for problem in problems)

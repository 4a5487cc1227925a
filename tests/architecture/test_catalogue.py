"""Every text is there in Russian, whole, once, and nothing stale is kept."""

from __future__ import annotations

import ast
import re

from tests.architecture.catalogue import declared_texts, translations, untranslatable, used_texts
from tests.architecture.source import python_files

_PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")


def test_every_text_is_translated_and_none_is_stale() -> None:
    used, known = used_texts(), translations("ru")
    missing = sorted(f"{place}: {text!r}" for text, place in used.items() if text not in known)
    assert not missing, "not in inbox/locales/ru/*.po:\n" + "\n".join(missing)
    stale = sorted(str(text) for text in known if text not in used)
    assert not stale, "used nowhere:\n" + "\n".join(stale)


def test_translations_are_whole_and_keep_their_placeholders() -> None:
    for text, message in translations("ru").items():
        forms = [message.string] if isinstance(message.string, str) else list(message.string)
        assert not message.fuzzy, text
        assert all(forms), text
        assert len(forms) == (1 if isinstance(text, str) else 3), text
        wanted = set(_PLACEHOLDER.findall(text if isinstance(text, str) else text[1]))
        for form in forms:
            found = set(_PLACEHOLDER.findall(form))
            assert found == wanted, f"{text!r}: {form!r}"


def test_the_finder_finds() -> None:
    source = 'x = Field(title="A", description="B"); raise Rejected("C"); Health("ok", "D"); Other("E")'
    assert [text for _, text in declared_texts(source.replace("; ", "\n"))] == ["A", "B", "C", "D"]


def hidden_texts(source: str) -> list[int]:
    """Lines of f-strings with a text inside, which the extraction does not see."""
    texts = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.JoinedStr))
    calls = ((text.lineno, node) for text in texts for node in ast.walk(text) if isinstance(node, ast.Call))
    return [line for line, call in calls if isinstance(call.func, ast.Name) and call.func.id == "N_"]


def test_no_text_hides_in_an_f_string() -> None:
    found = {name: hidden_texts(source) for name, source in python_files("inbox", "connectors", "widget")}
    assert {name: lines for name, lines in found.items() if lines} == {}
    assert hidden_texts("x = f\"{say(N_('A'))}: {y}\"") == [1]


def test_what_connectors_tell_people_can_be_translated() -> None:
    found = {name: list(untranslatable(source)) for name, source in python_files("connectors", "widget")}
    assert {name: lines for name, lines in found.items() if lines} == {}
    for wrong in ('Rejected(f"A {x}")', 'Health("ok", f"A {x}" if x else "B")', 'Echo(unsupported=x or "A")'):
        assert list(untranslatable(wrong)) == [1], wrong
    right = 'Rejected(with_detail("A", f"{x}")); Echo(unsupported=kind_name(x or "A"))'
    assert list(untranslatable(right)) == []
    assert [text for _, text in declared_texts(right)] == ["A", "A"]

"""Every text is there in Russian, whole, once, and nothing stale is kept."""

from __future__ import annotations

import re

from tests.architecture.catalogue import declared_texts, translations, used_texts

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

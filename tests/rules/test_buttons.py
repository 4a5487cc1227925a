"""Buttons as a person types them."""

from __future__ import annotations

import pytest

from inbox.rules.buttons import MAX_BUTTONS, ReplyButton, read_buttons


def test_a_line_is_a_button() -> None:
    typed = " Да \n\nКаталог | https://shop.example/a|b\n"
    assert read_buttons(typed) == (ReplyButton("Да"), ReplyButton("Каталог", "https://shop.example/a|b"))


@pytest.mark.parametrize("line", ["| https://shop.example", "Каталог | shop.example", "x" * 41, "a | javascript:x"])
def test_a_line_that_is_no_button_is_named(line: str) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        read_buttons(f"Да\n{line}")
    assert str(raised.value) == line.strip()


def test_there_is_a_most() -> None:
    assert len(read_buttons("\n".join("абвгдежзик"))) == MAX_BUTTONS
    with pytest.raises(ValueError, match="л"):
        read_buttons("\n".join("абвгдежзикл"))

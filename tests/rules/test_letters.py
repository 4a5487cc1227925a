from __future__ import annotations

import pytest

from inbox.rules.letters import answer_subject, clean_subject, join_addresses, read_addresses, split_addresses


@pytest.mark.parametrize(
    ("subject", "answered"),
    [
        ("Стол", "Re: Стол"),
        ("Re: Стол", "Re: Стол"),
        ("RE: re[2]: Стол", "Re: Стол"),
        ("Отв: Ответ: Стол", "Re: Стол"),
        ("Рекламация: стол", "Re: Рекламация: стол"),
        ("Fwd: Счёт", "Re: Fwd: Счёт"),
        ("  ", ""),
        ("Re:", ""),
    ],
)
def test_an_answer_has_one_mark(subject: str, answered: str) -> None:
    assert answer_subject(subject) == answered


def test_a_subject_is_one_bounded_line() -> None:
    assert clean_subject("a\r\nBcc: b@c.ru") == "a Bcc: b@c.ru"
    assert len(clean_subject("ы" * 1000)) == len(answer_subject("ы" * 1000)) == 250


def test_addresses_are_read_as_people_type_them() -> None:
    assert read_addresses("A@x.ru; b@y.ru,a@x.ru <c@z.ru>") == (("a@x.ru", "b@y.ru", "c@z.ru"), ())
    assert read_addresses("Марина, b@y.ru x@") == (("b@y.ru",), ("марина", "x@"))
    assert read_addresses(" , ") == ((), ())


def test_a_kept_line_comes_back() -> None:
    assert split_addresses(join_addresses(("a@x.ru", "b@y.ru"))) == ("a@x.ru", "b@y.ru")
    assert split_addresses("") == ()

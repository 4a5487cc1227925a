"""The family of expected failures."""

from __future__ import annotations

import pytest

from inbox.rules.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, TooLarge, TooMany
from inbox.rules.events import EventKind
from inbox.rules.texts import N_

STATUSES: dict[type[DomainError], int] = {NotFound: 404, NotAllowed: 403, Conflict: 409, TooLarge: 413}


@pytest.mark.parametrize(("kind", "status"), STATUSES.items(), ids=str)
def test_each_failure_has_a_status_and_a_sentence(kind: type[DomainError], status: int) -> None:
    error = kind()
    assert (error.status, error.key, str(error)) == (status, kind.default_key, kind.default_key)
    assert kind("{name} is gone.", {"name": "A"}).params == {"name": "A"}


def test_invalid_speaks_with_its_first_field() -> None:
    error = Invalid({"email": "No such address.", "name": "Say who you are."}, {"limit": 3})
    assert (error.status, error.key, error.params) == (422, "No such address.", {"limit": 3})
    assert error.fields == {"email": "No such address.", "name": "Say who you are."}
    assert Invalid({}).key == Invalid.default_key


def test_too_many_says_how_long() -> None:
    error = TooMany(7)
    assert (error.status, error.retry_after, error.params) == (429, 7, {"seconds": 7})


def test_sentences_differ() -> None:
    kinds: list[type[DomainError]] = [DomainError, *DomainError.__subclasses__()]
    sentences = [kind.default_key for kind in kinds]
    assert len(sentences) == len(set(sentences))


def test_marking_changes_nothing() -> None:
    assert N_("A sentence.") == "A sentence."


def test_facts_are_named_noun_and_change() -> None:
    for kind in EventKind:
        noun, change = kind.value.split(".")
        assert kind.name.lower().startswith(noun)
        assert change.replace("_", "").isalpha()

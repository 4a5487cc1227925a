from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from inbox.rules.identity import Evidence, Known, common_evidence, who_stays

START = datetime(2026, 11, 24, tzinfo=UTC)
PHONE, MAIL = "+79171234567", "marina@x.ru"


def known(contact_id: int = 1, **more: Any) -> Known:
    values = {"created_at": START, "phone": None, "email": None}
    return Known(contact_id, **{**values, **more})


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ({"phone": PHONE}, {"phone": PHONE}, [("phone", False)]),
        ({"phone": PHONE}, {"phone": PHONE, "addresses": ("79171234567",)}, [("phone", True)]),
        ({"phone": "8 917"}, {"phone": "8 917"}, []),
        ({"phone": PHONE}, {"phone": "+79170000000"}, []),
        ({"email": MAIL}, {"email": MAIL}, []),
        ({"email": MAIL}, {"email": MAIL, "addresses": ("Marina@x.ru",)}, [("email", True)]),
        ({"email": MAIL, "signed": True}, {"email": MAIL}, [("email", True)]),
        (
            {"phone": PHONE, "email": MAIL, "signed": True},
            {"phone": PHONE, "email": MAIL},
            [("phone", False), ("email", True)],
        ),
        ({}, {}, []),
        ({"email": ""}, {"email": "", "signed": True}, []),
    ],
)
def test_what_connects_two_clients(one: dict[str, Any], other: dict[str, Any], found: list[tuple[str, bool]]) -> None:
    for first, second in ((one, other), (other, one)):
        evidence = common_evidence(known(1, **first), known(2, **second))
        assert [(proof.kind, proof.proved) for proof in evidence] == found
        assert all(isinstance(proof, Evidence) and proof.value in (PHONE, MAIL) for proof in evidence)


def test_who_has_been_a_client_for_longer_stays() -> None:
    old, new = known(7), known(3, created_at=START + timedelta(days=1))
    assert who_stays((old, new)) is who_stays((new, old)) is old
    assert who_stays((known(7), known(3))).contact_id == 3

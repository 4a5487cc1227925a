"""When two clients may be one person, and which of them stays when they become one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a client. `addresses` are their ids on channels; `signed`: a site has proved who they are."""

    contact_id: int
    created_at: datetime
    phone: str | None
    email: str | None
    addresses: tuple[str, ...] = ()
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """What two clients have in common: `kind` is phone or email. `proved`: one of them writes from it themselves."""

    kind: str
    value: str
    proved: bool


def common_evidence(one: Known, other: Known) -> tuple[Evidence, ...]:
    """Why two clients may be one person; nothing when nothing connects them.

    A phone connects by itself, in E.164 only. An e-mail address connects when at least one of the two has proved it:
    anybody can type anybody's address into a form.
    """
    found: list[Evidence] = []
    if one.phone and one.phone == other.phone and one.phone.startswith("+"):
        found.append(Evidence("phone", one.phone, _is_theirs(one, one.phone[1:]) or _is_theirs(other, one.phone[1:])))
    if one.email and one.email == other.email:
        proved = any(_is_theirs(known, one.email) or known.signed for known in (one, other))
        if proved:
            found.append(Evidence("email", one.email, proved))
    return tuple(found)


def who_stays(known: Sequence[Known]) -> Known:
    """The client who has been one for longest: their "client since" is the true one."""
    return min(known, key=lambda one: (one.created_at, one.contact_id))


def _is_theirs(known: Known, value: str) -> bool:
    return any(address.lstrip("+").lower() == value for address in known.addresses)

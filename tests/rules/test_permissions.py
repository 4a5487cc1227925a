"""Who may do what."""

from __future__ import annotations

import pytest

from inbox.rules.errors import NotAllowed
from inbox.rules.permissions import GRANTS, Actor, ActorKind, Permission, Role, allows, require

ANNA = Actor.agent(1, Role.AGENT)
BORIS = Actor.agent(2, Role.MANAGER)
ADMIN = Actor.agent(3, Role.ADMIN)


def test_each_role_includes_the_one_below() -> None:
    assert GRANTS[Role.AGENT] < GRANTS[Role.MANAGER] < GRANTS[Role.ADMIN] == frozenset(Permission)
    assert set(GRANTS) == set(Role)


TABLE = {
    "an agent answers": (ANNA, Permission.CONVERSATION_REPLY, True),
    "an agent keeps own templates": (ANNA, Permission.TEMPLATE_OWN, True),
    "an agent leaves the shared ones": (ANNA, Permission.TEMPLATE_SHARED, False),
    "an agent reads no reports": (ANNA, Permission.REPORT_READ, False),
    "an agent blocks nobody": (ANNA, Permission.CONTACT_BLOCK, False),
    "a manager reads reports": (BORIS, Permission.REPORT_READ, True),
    "a manager answers too": (BORIS, Permission.CONVERSATION_REPLY, True),
    "a manager hires nobody": (BORIS, Permission.AGENT_MANAGE, False),
    "a manager connects no channel": (BORIS, Permission.CHANNEL_MANAGE, False),
    "an administrator hires": (ADMIN, Permission.AGENT_MANAGE, True),
    "the product routes by itself": (Actor.system(), Permission.CONVERSATION_ASSIGN, True),
    "a channel reads nothing": (Actor.channel(1), Permission.CONVERSATION_READ, False),
    "a visitor reads nothing": (Actor.contact(1), Permission.CONTACT_READ, False),
    "an agent without a role": (Actor(ActorKind.AGENT, agent_id=1), Permission.INBOX_READ, False),
}


@pytest.mark.parametrize(("actor", "permission", "expected"), TABLE.values(), ids=TABLE.keys())
def test_allows(actor: Actor, permission: Permission, expected: bool) -> None:
    assert allows(actor, permission) is expected


@pytest.mark.parametrize("permission", list(Permission))
def test_a_stranger_gets_nothing(permission: Permission) -> None:
    for actor in (Actor.channel(1), Actor.contact(1)):
        with pytest.raises(NotAllowed):
            require(actor, permission)


def test_require_lets_through() -> None:
    require(ANNA, Permission.INBOX_READ)


def test_actors_say_who_they_are() -> None:
    assert (ANNA.kind, ANNA.agent_id, ANNA.role) == (ActorKind.AGENT, 1, Role.AGENT)
    assert (Actor.channel(7).kind, Actor.channel(7).channel_id) == (ActorKind.CHANNEL, 7)
    assert (Actor.contact(8).kind, Actor.contact(8).contact_id) == (ActorKind.CONTACT, 8)
    assert Actor.system() == Actor(ActorKind.SYSTEM)


def test_every_kind_of_actor_is_in_the_table() -> None:
    for kind in ActorKind:
        assert allows(Actor(kind, role=Role.ADMIN), Permission.INBOX_READ) in (True, False)

"""The people, channels, tags and sources of the demo: found in the database, or made by the usual actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError
from sqlalchemy import insert, select

import connectors
from inbox.actions.channels import add_channel
from inbox.actions.events import new_id, record
from inbox.actions.setup import FirstRun, is_set_up, set_up
from inbox.actions.tags import add_tag
from inbox.actions.touch import lead_source
from inbox.channel_work import locked_config
from inbox.demo.people import Arrival, Cast, Player, Stage
from inbox.demo.texts import CAST, COMPANY, TAGS, VISITS
from inbox.models import Agent, Channel, Company, Tag
from inbox.rules.attribution import touch_from_visit
from inbox.rules.events import EventKind
from inbox.rules.permissions import Actor
from inbox.rules.search_text import normalise
from inbox.runtime.database import Tx
from inbox.runtime.secrets import Vault
from inbox.web.starter_packs import PACKS, starters

MAIL_HOST = "domdub.example"
LOGIN = f"{CAST[0][1]}@{MAIL_HOST}"
TIME_ZONE = "Europe/Moscow"
_OPENS, _CLOSES = 9 * 60, 20 * 60
_SYSTEM = Actor.system()


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the demo needs to begin; `made_company` tells whether it found an empty database."""

    cast: Cast
    made_company: bool


def prepare(tx: Tx, password_hash: str, configs: Mapping[str, dict[str, object]]) -> Prepared:
    """Make what is missing. In a company that exists nothing is changed, and nobody new can sign in."""
    fresh = not is_set_up(tx) and tx.execute(select(Company.id)).first() is None
    if fresh:
        _set_up(tx, password_hash, configs)
    elif tx.execute(select(Company.id)).first() is None:
        raise RuntimeError("there are agents but no company")
    players = [_player(tx, line, password_hash if fresh else None) for line in CAST]
    stages = _stages(tx, configs)
    return Prepared(
        Cast(
            players=players,
            stages=stages,
            tags=_tags(tx),
            arrivals=[_arrival(tx, landing, referrer) for _, landing, referrer in VISITS],
            arrival_weights=[weight for weight, _, _ in VISITS],
            time_zone=tx.execute(select(Company.time_zone)).scalar_one(),
        ),
        fresh,
    )


def channel_configs(vault: Vault | None) -> dict[str, dict[str, object]]:
    """Locked configurations of the channels that can be made without an account somewhere, by kind.

    Without a vault only those that keep no secret.
    """
    found: dict[str, dict[str, object]] = {}
    for kind in connectors.kinds():
        declared = connectors.find(kind)
        if declared.connect is not None:
            continue
        needs_secret = any(declared.config.model_fields[name].is_required() for name in declared.secrets)
        if vault is None and needs_secret:
            continue
        try:
            found[kind] = locked_config(vault or Vault(""), kind, {})
        except ValidationError:
            continue
    return found


def _set_up(tx: Tx, password_hash: str, configs: Mapping[str, dict[str, object]]) -> None:
    name, local, _, _ = CAST[0]
    kind = next(kind for kind in configs if connectors.find(kind).capabilities.stored_is_sent)
    set_up(
        tx,
        _SYSTEM,
        FirstRun(
            company=COMPANY,
            language="ru",
            time_zone=TIME_ZONE,
            name=name,
            email=f"{local}@{MAIL_HOST}",
            password_hash=password_hash,
            channel_kind=kind,
            channel_name="Чат на сайте",
            channel_config={**configs[kind], "title": COMPANY},
            weekdays=range(7),
            opens_minute=_OPENS,
            closes_minute=_CLOSES,
            starters=starters("ru", PACKS),
        ),
    )
    for other, config in configs.items():
        declared = connectors.find(other)
        title = "Site chat (EN)" if declared.capabilities.stored_is_sent else declared.title
        add_channel(tx, _SYSTEM, other, title, dict(config))


def _player(tx: Tx, line: tuple[str, str, str, int], password_hash: str | None) -> Player:
    name, local, role, pace = line
    mail = f"{local}@{MAIL_HOST}"
    found = tx.execute(select(Agent.id, Agent.name).where(Agent.email == mail)).one_or_none()
    if found is not None:
        return Player(found.id, found.name, pace)
    language = "ru" if normalise(name) != name.lower() or not name.isascii() else "en"
    values = {
        "email": mail,
        "name": name,
        "role": role,
        "password_hash": password_hash,
        "language": language,
        "time_zone": TIME_ZONE,
        "created_at": tx.now,
    }
    agent_id = new_id(tx.execute(insert(Agent), values))
    record(tx, _SYSTEM, EventKind.AGENT_INVITED, agent_id=agent_id)
    return Player(agent_id, name, pace)


def _stages(tx: Tx, configs: Mapping[str, dict[str, object]]) -> list[Stage]:
    """The connected channels. The first two site chats get most clients; of two the second one speaks English."""
    alive = select(Channel.id, Channel.kind, Channel.name).where(Channel.removed_at.is_(None)).order_by(Channel.id)
    rows = tx.execute(alive).all()
    if not rows:
        kind, config = next(iter(configs.items()))
        add_channel(tx, _SYSTEM, kind, connectors.find(kind).title, dict(config))
        rows = tx.execute(alive).all()
    stages: list[Stage] = []
    for row in rows:
        own = connectors.find(row.kind).capabilities.stored_is_sent
        english = own and any(stage.stored_is_sent for stage in stages)
        stages.append(Stage(row.id, "en" if english else "ru", 3 if english else 10 if own else 4, own))
    return stages


def _tags(tx: Tx) -> dict[str, int]:
    known = {row.name_key: row.id for row in tx.execute(select(Tag.id, Tag.name_key))}
    return {name: known.get(normalise(name)) or add_tag(tx, _SYSTEM, name, colour) for name, colour in TAGS}


def _arrival(tx: Tx, landing: str, referrer: str) -> Arrival:
    seen = touch_from_visit(landing, referrer, landing)
    return Arrival(
        lead_source_id=lead_source(tx, seen.lead_source),
        confidence=seen.confidence.value,
        click_id_kind=seen.click_id_kind or None,
        landing_url=seen.landing_url or None,
        referrer=seen.referrer or None,
    )

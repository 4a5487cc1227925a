"""Who takes part in the demo: what the cast module found or made, and the clients as they come and come back."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from inbox.demo.calendar import HOUR
from inbox.demo.rows import Rows
from inbox.demo.texts import MAIL_HOSTS, NAMES
from inbox.models import Address, Contact

# How many former clients may come back, and how often one does.
_REMEMBERED = 4000
_RETURNS = 0.3


@dataclass(frozen=True, slots=True)
class Player:
    """An agent of the demo: how fast they usually answer, in seconds."""

    id: int
    name: str
    pace: int


@dataclass(frozen=True, slots=True)
class Stage:
    """A channel of the demo. `language` of its clients; `stored_is_sent`: nobody has to hand answers over."""

    id: int
    language: str
    weight: int
    stored_is_sent: bool


@dataclass(frozen=True, slots=True)
class Arrival:
    """A lead source with the visit that proves it."""

    lead_source_id: int
    confidence: str
    click_id_kind: str | None
    landing_url: str | None
    referrer: str | None


@dataclass(frozen=True, slots=True)
class Cast:
    """Everything that dialogs refer to."""

    players: Sequence[Player]
    stages: Sequence[Stage]
    tags: Mapping[str, int]
    arrivals: Sequence[Arrival]
    arrival_weights: Sequence[int]
    time_zone: str


@dataclass(frozen=True, slots=True)
class Client:
    """A person at one address."""

    contact_id: int
    address_id: int
    stage: Stage
    language: str
    first_name: str
    new: bool
    free_from: int = 0


class Clients:
    """New people, and those whose dialogs are over and who come back."""

    def __init__(self, stages: Sequence[Stage], rng: Random) -> None:
        """Nobody has come yet."""
        self._stages = stages
        self._weights = [stage.weight for stage in stages]
        self._rng = rng
        self._former: deque[Client] = deque(maxlen=_REMEMBERED)

    def come(self, rows: Rows, at: int, touch_id: int | None) -> Client:
        """Somebody who begins a dialog at this moment: one who was here before, or a new contact with an address."""
        rng = self._rng
        if self._former and rng.random() < _RETURNS:
            self._former.rotate(-rng.randrange(7))
            client = self._former.popleft()
            # Within the reopening window a client would have come back to their old dialog.
            if client.free_from + 24 * HOUR < at:
                return client
            self._former.append(client)
        return self._meet(rows, at, touch_id)

    def leave(self, client: Client, at: int) -> None:
        """Their dialog is resolved: they may come back later, as somebody known."""
        known = Client(
            client.contact_id,
            client.address_id,
            client.stage,
            client.language,
            client.first_name,
            new=False,
            free_from=at,
        )
        self._former.append(known)

    def _meet(self, rows: Rows, at: int, touch_id: int | None) -> Client:
        rng = self._rng
        stage = rng.choices(self._stages, self._weights)[0]
        language = stage.language
        first, last = (rng.choice(names) for names in NAMES[language])
        said = rng.random()
        name = f"{first} {last}" if said < 0.6 else first if said < 0.85 else ""
        contact_id = rows.reserve(Contact)
        phone = email = None
        if rng.random() < 0.45:
            digits = rng.randrange(10**7)
            phone = f"+7900{digits:07}" if language == "ru" else f"+3530{digits:08}"
        if rng.random() < 0.4:
            email = f"client{contact_id}@{rng.choice(MAIL_HOSTS[language])}"
        rows.put(Contact, contact_id, name, phone, email, "", language, None, touch_id, touch_id, at, at)
        address_id = rows.reserve(Address)
        rows.put(Address, address_id, stage.id, f"demo-{address_id}", contact_id, name, False, at, at)
        return Client(contact_id, address_id, stage, language, first, new=True)

"""The plot of the demo: who writes what and when, how long people take to answer, and how it ends.

Everything is drawn from one generator, so a seed and a moment give the same dialogs. Moments are milliseconds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from random import Random

import orjson

from inbox.demo.calendar import HOUR, WorkingTime
from inbox.demo.dialogs import Dialog
from inbox.demo.people import Cast, Client, Clients, Player
from inbox.demo.rows import Rows
from inbox.demo.texts import AGAIN, DISMISSED, FIELDS, NOTES, NUDGES, PAGES, SCENES, THANKS, Scene, Variants
from inbox.models import Touch, Visitor

SECOND, MINUTE, DAY = 1000, 60_000, 24 * HOUR

# English keys of the catalogue, as the worker writes them.
_NO_ANSWER = "The channel did not answer in time."


class _Over(Exception):
    """The next step would be in the future: the dialog stands as it is."""


class Story:
    """Tells dialogs one after another."""

    def __init__(self, cast: Cast, hours: Mapping[int, WorkingTime], now: int, rng: Random) -> None:
        """Nothing has been told."""
        self._cast, self._hours, self._now, self._rng = cast, hours, now, rng
        self._clients = Clients(cast.stages, rng)
        self._answering = [player for player in cast.players if player.pace]
        self._weights = [1.0 / player.pace**0.3 for player in self._answering]
        self._scenes = {language: [scene.weight for scene in scenes] for language, scenes in SCENES.items()}

    def tell(self, rows: Rows, at: int, *, lingers: bool) -> None:
        """One dialog that begins at this moment. One that lingers is not resolved yet, whatever happens in it."""
        rng = self._rng
        client, touch_id, source = self._arrive(rows, at)
        dialog = Dialog(rows, self._hours, client, at)
        dialog.source, dialog.touch_id = source, touch_id
        if touch_id is not None:
            self._put_touch(rows, touch_id, client, dialog, at)
        scene = rng.choices(SCENES[client.language], self._scenes[client.language])[0]
        with suppress(_Over):
            self._play(dialog, scene, lingers)
        dialog.end()
        if dialog.status == "resolved":
            self._clients.leave(client, dialog.at)
        elif client.new and client.stage.stored_is_sent:
            self._put_visitor(rows, client, at)

    def _play(self, dialog: Dialog, scene: Scene, lingers: bool) -> None:
        rng, client = self._rng, dialog.client
        fields = {name: rng.choice(values) for name, values in FIELDS[client.language].items()}
        fields["order"] = str(4100 + rng.randrange(700))
        agent = rng.choices(self._answering, self._weights)[0]
        silent = rng.random() < 0.035
        for number, (asks, answers) in enumerate(scene.exchanges):
            self._client(dialog, asks, fields, first=number == 0)
            if number == 0 and rng.random() < 0.8 and self._open_at(dialog, dialog.at):
                dialog.assign(dialog.at, agent, None, "in_turn", _why(agent, rng))
            if silent or (lingers and number and rng.random() < 0.2):
                self._abandon(dialog, agent, lingers)
                return
            agent = self._hand_over(dialog, agent)
            self._agent(dialog, agent, answers, fields)
            if number == 0 and rng.random() < 0.5:
                dialog.tag(agent, self._cast.tags[scene.tag], scene.tag)
            if rng.random() < 0.18:
                # Not every client goes on after an answer.
                break
        else:
            self._thank(dialog, agent)
        self._finish(dialog, agent, lingers)

    def _finish(self, dialog: Dialog, agent: Player, lingers: bool) -> None:
        rng = self._rng
        if lingers:
            if rng.random() < 0.2 and not dialog.waiting:
                until = self._hours[dialog.client.stage.id].opening(self._now + rng.randrange(2, 40) * HOUR)
                dialog.snooze(self._step(dialog, 2 * MINUTE), agent, until)
            return
        dialog.resolve(self._step(dialog, int(rng.lognormvariate(0, 1.0) * 25 * MINUTE)), agent)
        if rng.random() < 0.04:
            asks, answers = AGAIN[dialog.client.language]
            dialog.reopen(self._step(dialog, int((0.1 + rng.random() * 0.8) * DAY)))
            self._client(dialog, asks, {}, first=True)
            self._agent(dialog, agent, answers, {})
            dialog.resolve(self._step(dialog, int(rng.lognormvariate(0, 1.0) * 20 * MINUTE)), agent)

    def _client(self, dialog: Dialog, texts: Variants, fields: Mapping[str, str], *, first: bool = False) -> None:
        rng = self._rng
        at = dialog.at if first else self._step(dialog, int(rng.lognormvariate(0, 0.9) * 2 * MINUTE))
        dialog.client_writes(at, rng.choice(texts).format_map(fields))
        if rng.random() < 0.12:
            words = NUDGES[dialog.client.language]
            dialog.client_writes(self._step(dialog, rng.randrange(20, 400) * SECOND), rng.choice(words))

    def _agent(self, dialog: Dialog, agent: Player, texts: Variants, fields: Mapping[str, str]) -> None:
        rng = self._rng
        at = self._answered_at(dialog, agent)
        fate, error = self._fate(dialog)
        dialog.agent_writes(at, agent, rng.choice(texts).format_map(fields), fate, error)
        if rng.random() < 0.06:
            dialog.note(self._step(dialog, rng.randrange(5, 90) * SECOND), agent, rng.choice(NOTES))

    def _hand_over(self, dialog: Dialog, agent: Player) -> Player:
        """Now and then somebody else answers: the dialog is given to them by hand."""
        rng = self._rng
        if dialog.holder is None or rng.random() > 0.05:
            return agent
        other = rng.choice(self._answering)
        if other.id == agent.id:
            return agent
        dialog.assign(self._step(dialog, rng.randrange(10, 200) * SECOND), other, agent, "by_hand")
        return other

    def _thank(self, dialog: Dialog, agent: Player) -> None:
        rng = self._rng
        if rng.random() > 0.45:
            return
        thanks, welcome = THANKS[dialog.client.language]
        self._client(dialog, thanks, {})
        if rng.random() < 0.55:
            dialog.dismiss(self._answered_at(dialog, agent), agent, rng.choice(DISMISSED))
        else:
            self._agent(dialog, agent, welcome, {})

    def _abandon(self, dialog: Dialog, agent: Player, lingers: bool) -> None:
        """Nobody answers. A dialog that lingers still waits; another one is resolved the next day all the same."""
        if not lingers:
            opening = self._hours[dialog.client.stage.id].opening(dialog.at + int((0.3 + self._rng.random()) * DAY))
            dialog.resolve(self._step(dialog, max(MINUTE, opening - dialog.at)), agent)

    def _answered_at(self, dialog: Dialog, agent: Player) -> int:
        """When this agent answers: quickly in working hours, in the morning otherwise, seldom from home."""
        rng = self._rng
        pause = int(rng.lognormvariate(0, 0.95) * agent.pace * SECOND) + 4 * SECOND
        opening = self._hours[dialog.client.stage.id].opening(dialog.at)
        if opening > dialog.at:
            pause = pause * 4 if rng.random() < 0.12 else opening - dialog.at + pause * 2
        return self._step(dialog, pause)

    def _fate(self, dialog: Dialog) -> tuple[str, str | None]:
        said = self._rng.random()
        if dialog.client.stage.stored_is_sent:
            return ("read" if said < 0.85 else "sent"), None
        if said < 0.97:
            return ("read" if said < 0.55 else "delivered"), None
        return ("failed", _NO_ANSWER) if said < 0.992 else ("unknown", _NO_ANSWER)

    def _open_at(self, dialog: Dialog, at: int) -> bool:
        return self._hours[dialog.client.stage.id].opening(at) == at

    def _step(self, dialog: Dialog, pause: int) -> int:
        at = dialog.at + max(SECOND, pause)
        if at > self._now:
            raise _Over
        return at

    def _arrive(self, rows: Rows, at: int) -> tuple[Client, int | None, int | None]:
        """The client with the lead source of their arrival, if there is one."""
        touch_id = rows.reserve(Touch) if self._rng.random() < 0.72 else None
        client = self._clients.come(rows, at, touch_id)
        if touch_id is None:
            return client, None, None
        self._arrival = self._rng.choices(self._cast.arrivals, self._cast.arrival_weights)[0]
        if not client.new:
            rows.last_touches.append((touch_id, client.contact_id))
        return client, touch_id, self._arrival.lead_source_id

    def _put_touch(self, rows: Rows, touch_id: int, client: Client, dialog: Dialog, at: int) -> None:
        arrival = self._arrival
        click = str(self._rng.randrange(10**17, 10**18)) if arrival.click_id_kind else None
        rows.put(
            Touch, touch_id, client.contact_id, dialog.id, arrival.lead_source_id, at, arrival.confidence,
            arrival.click_id_kind, click, arrival.landing_url, arrival.landing_url, arrival.referrer,
        )  # fmt: skip

    def _put_visitor(self, rows: Rows, client: Client, at: int) -> None:
        """The browser of somebody whose dialog goes on; its token is nobody's."""
        url, title = self._rng.choice(PAGES)
        token = hashlib.sha256(f"demo-{client.address_id}-{self._rng.random()}".encode()).hexdigest()
        rows.put(Visitor, client.address_id, token, url, title, at, "", at, at + 180 * DAY)


def _why(agent: Player, rng: Random) -> str:
    params = {"open": rng.randrange(7), "capacity": 10, "minutes": rng.randrange(1, 90)}
    reason = {"agent_id": agent.id, "name": agent.name, "code": "in_turn", "params": params}
    return orjson.dumps([reason]).decode()

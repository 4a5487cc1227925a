"""One visitor talking to us: what each frame does. The same for a socket, a poll and a test."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from inbox.rules.errors import DomainError, Invalid, NotAllowed, TooMany
from inbox.rules.texts import N_
from inbox.runtime.languages import Language, language
from widget.history import Known, Snapshot, earlier, find_visitor, snapshot
from widget.identity import Person, address_of, customer, identity_is_right, returning, stranger
from widget.protocol import (
    VERSION,
    About,
    BadFrameError,
    Hello,
    History,
    Identify,
    Identity,
    Moved,
    Page,
    Ping,
    Said,
    Seen,
    Send,
    Told,
    Typing,
)
from widget.push import Group, revision
from widget.surface import Chat, Surface
from widget.texts import DEFAULT_CONSENT
from widget.visitors import Terms, come, identify, introduce, mark_seen, move, profile_of, write_message

PAGE_SECONDS = 1.0
_PAGES_PER_MINUTE = 60
_TYPING_PER_MINUTE = 120
_IDENTIFIES_PER_MINUTE = 30
_UNSIGNED = N_("Sign in on the site to write here.")


@dataclass(slots=True)
class Session:
    """A visitor between hello and goodbye. `known` is None until they first write."""

    surface: Surface
    chat: Chat
    network: str
    spoken: Language
    person: Person
    about: About
    identity: Identity | None = None
    known: Known | None = None
    conversation_id: int | None = None
    group: Group | None = None
    _next_page: Page | None = None
    _page_timer: asyncio.TimerHandle | None = None

    @property
    def address(self) -> str:
        """The name of this visitor's group."""
        return self.known.address if self.known else self.person.address

    async def welcome(self, since: int) -> Told:
        """The answer to hello: the newest messages and how things stand."""
        found = await self.surface.database.read(
            snapshot, self.chat.id, self.known.address_id if self.known else None, since
        )
        self.conversation_id = found.conversation_id
        if self.group is not None and self.known is not None:
            self.surface.push.know(self.group, self.known, found.conversation_id)
            self.group.cursor = max(self.group.cursor, *(item.id for item in found.messages), since, 0)
        if self.group is not None:
            self.group.state = found.state
        return Told("welcome", self._welcome(found, since))

    def _welcome(self, found: Snapshot, since: int) -> dict[str, Any]:
        return {
            "v": VERSION,
            "token": self.person.token,
            "state": found.state,
            "messages": found.messages,
            "more": found.more,
            "rev": revision(found.state, [item for item in found.messages if item.id <= since]),
        }

    async def hear(self, said: Said) -> list[Told]:
        """Do what a frame asks; the answers. What is refused becomes an error frame in the visitor's language."""
        try:
            match said:
                case Send():
                    return await self._send(said)
                case Seen():
                    await self._see(said)
                case Typing():
                    self._type(on=said.on)
                case Moved():
                    await self._move(said)
                case Identify():
                    return await self._identify(said.identity)
                case History():
                    return await self._look_back(said)
                case Ping():
                    return [Told("pong")]
                case Hello():
                    return [await self.welcome(said.since)]
        except DomainError as error:
            return [refusal(error, self.spoken, said.client_id if isinstance(said, Send) else None)]
        return []

    async def come(self) -> None:
        """Note that a visitor with a dialog is here, and on which page."""
        if self.known is None:
            return
        await self.surface.database.write(come, self.chat.id, self.known)
        await self._introduce()
        if self.about.page is not None:
            await self._move(Moved(url=self.about.page.url, title=self.about.page.title))

    async def _send(self, said: Send) -> list[Told]:
        config = self.chat.config
        if config.identity_required and not (self.person.verified or (self.known and self.known.verified)):
            raise NotAllowed(_UNSIGNED)
        self._count("say", self.address, config.visitor_per_minute)
        self._count("network", self.network, config.network_per_minute)
        written = await self.surface.database.write(
            write_message,
            self.chat.id,
            self.person,
            said,
            about=self.about,
            profile=profile_of(self.identity, said.prechat, self.about),
            terms=self._terms(said),
        )
        first = self.known is None or self.conversation_id != written.conversation_id
        self.known, self.conversation_id = written.visitor, written.conversation_id
        if self.group is not None:
            if first:
                self.surface.push.know(self.group, written.visitor, written.conversation_id)
            if first or written.message_id <= self.group.cursor:
                self.surface.push.mark(self.group, written.message_id)
        self._type(on=False)
        return []

    def _terms(self, said: Send) -> Terms:
        config = self.chat.config
        asked = {"name": config.ask_name, "phone": config.ask_phone, "email": config.ask_email}
        consent = ("consent",) if config.ask_consent == "required" else ()
        # What the visitor saw beside the box is what they agreed to.
        shown = f"{config.consent or self.spoken.gettext(DEFAULT_CONSENT)} {config.policy_url}".strip()
        if said.prechat is not None and self.group is not None and not self.group.state.open:
            # Outside working hours the form asks for one way back instead of the fields of the day.
            return Terms(consent, reach=True, consent_text=shown)
        return Terms((*(name for name, ask in asked.items() if ask == "required"), *consent), consent_text=shown)

    async def _see(self, said: Seen) -> None:
        if self.known is not None:
            state = "read" if said.type == "read" else "delivered"
            await self.surface.database.write(mark_seen, self.chat.id, self.known, said.message, state)

    def _type(self, *, on: bool) -> None:
        if self.conversation_id is None:
            return
        if not on or not self.surface.limits.take(("typing", self.address), _TYPING_PER_MINUTE):
            self.surface.visitor_typing(self.conversation_id, on)

    async def _move(self, said: Moved) -> None:
        """Keep the page at most once a second; the last one of a burst is never dropped."""
        self.about.page = Page(url=said.url, title=said.title)
        if self.known is None or self._page_timer is not None:
            return
        if self.surface.limits.take(("page", self.address), _PAGES_PER_MINUTE):
            self._page_timer = asyncio.get_running_loop().call_later(PAGE_SECONDS, self._move_later)
            return
        await self.surface.database.write(move, self.chat.id, self.known, said.url, said.title)

    def _move_later(self) -> None:
        self._page_timer = None
        page = self.about.page
        if page is not None and self.known is not None:
            task = asyncio.create_task(self._move(Moved(url=page.url, title=page.title)))
            self.surface.moves.add(task)
            task.add_done_callback(self.surface.moves.discard)

    def end(self) -> None:
        """The line is closed."""
        if self._page_timer is not None:
            self._page_timer.cancel()

    async def _identify(self, identity: Identity) -> list[Told]:
        self.identity = identity
        before = self.person
        wrong = await recognise(self, identity)
        if wrong is not None:
            return [wrong]
        if self.person is before and self.known is None:
            return []
        # Whose dialog it is may have changed: the page starts anew with the right one.
        if self.person is not before:
            return [Told("refresh")]
        if not self.surface.limits.take(("identify", self.address), _IDENTIFIES_PER_MINUTE):
            await self._introduce()
        return []

    async def _introduce(self) -> None:
        """Put what the site says of a visitor with a dialog into the card now; for others it waits for their words."""
        if self.known is not None and self.identity is not None:
            profile = profile_of(self.identity, None, self.about)
            await self.surface.database.write(introduce, self.chat.id, self.known, profile)

    async def _look_back(self, said: History) -> list[Told]:
        if self.known is None:
            return [Told("history", {"messages": (), "more": False})]
        messages, more = await self.surface.database.read(earlier, self.known.address_id, said.before)
        return [Told("history", {"messages": messages, "more": more})]

    def _count(self, what: str, whose: str, per_minute: int) -> None:
        wait = self.surface.limits.take((what, self.chat.id, whose), per_minute)
        if wait:
            raise TooMany(wait, N_("You write faster than we can read. It will go in {seconds} s."))


async def open_session(surface: Surface, chat: Chat, hello: Hello, network: str) -> tuple[Session, list[Told]]:
    """The session that a hello asks for, and what was wrong with it.

    A forged signature or an old token does not keep anybody out: they are a stranger then.
    """
    secret, now = chat.config.identity_secret, surface.clock.now()
    signed = returning(secret, hello.token, now) if hello.token and hello.token.startswith("s.") else None
    person = signed or stranger(hello.token)
    # Only what was said: pydantic keeps the names of everything that it was given.
    about = About(**{name: getattr(hello, name) for name in hello.model_fields_set & About.model_fields.keys()})
    session = Session(surface, chat, network, language(hello.language), person, about, hello.identity)
    session.known = await surface.database.read(find_visitor, chat.id, person)
    if session.known is not None and session.known.expired:
        session.person, session.known = stranger(), None
    wrong = await recognise(session, hello.identity)
    return session, [wrong] if wrong else []


async def recognise(session: Session, identity: Identity | None) -> Told | None:
    """Turn a stranger into the customer whose signature the site gave; an error frame when the signature is wrong."""
    if identity is None or not identity.id:
        return None
    secret, database, chat = session.chat.config.identity_secret, session.surface.database, session.chat
    if not identity_is_right(secret, identity.id, identity.hash):
        # Without a secret nobody promised signatures: the id is simply not believed.
        return Told("error", {"code": "identity", "text": ""}) if secret and identity.hash else None
    if session.known is not None and session.known.address == address_of(identity.id):
        return None
    became = False
    if session.known is not None and not session.known.verified:
        became = await database.write(identify, chat.id, session.person, identity.id)
    if not became:
        session.person = customer(secret, identity.id, session.surface.clock.now())
    session.known = await database.read(find_visitor, chat.id, session.person)
    return None


def refusal(error: DomainError, spoken: Language, client_id: str | None = None) -> Told:
    """An expected failure as a frame."""
    codes = {413: "large", 422: "invalid", 429: "busy", 403: "session"}
    body: dict[str, Any] = {
        "code": codes.get(error.status, "invalid"),
        "text": spoken.gettext(error.key).format(**error.params) if error.params else spoken.gettext(error.key),
    }
    if error.key == _UNSIGNED:
        body["code"] = "identity"
    if client_id is not None:
        body["client_id"] = client_id
    if isinstance(error, Invalid):
        body["fields"] = {name: spoken.gettext(key) for name, key in error.fields.items()}
    if isinstance(error, TooMany):
        body["retry_after"] = error.retry_after
    return Told("error", body)


def misread(error: BadFrameError, spoken: Language) -> Told:
    """A frame that is not of the protocol."""
    body: dict[str, Any] = {"code": "invalid", "text": spoken.gettext(N_("The chat sent something we cannot read."))}
    if error.client_id is not None:
        body["client_id"] = error.client_id
    return Told("error", body)

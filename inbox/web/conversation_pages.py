"""Writing in a dialog: messages, assignee, snooze, resolution, verdict, priority, tags, failed deliveries."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from inbox.actions.assign import assign
from inbox.actions.judge import judge
from inbox.actions.prioritise import prioritise
from inbox.actions.reply import Draft, NewerReply, note, reply
from inbox.actions.resolve import dismiss, reopen, resolve, snooze
from inbox.actions.retry import confirm_arrived, retry_delivery
from inbox.actions.see_mentions import see_mentions
from inbox.actions.tag import tag_by_name, untag
from inbox.queries.filter_choices import colleagues
from inbox.queries.timeline import timeline_around
from inbox.rules.errors import Invalid, NotFound
from inbox.rules.mentions import mentioned
from inbox.rules.texts import N_
from inbox.runtime.languages import zone
from inbox.web.inbox_pages import conversation_number
from inbox.web.visit import Visit, visit

MORNING = 9


async def write_message(request: web.Request) -> web.StreamResponse:
    """A reply or a note. A script gets the bubbles, a plain form goes back to the dialog; 409 shows who was first."""
    here = visit(request)
    number = conversation_number(request)
    form = await request.post()
    draft = _draft(form)
    if form.get("kind") == "note":
        people = await here.read(colleagues)
        named = mentioned(draft.text, [(person.id, person.name) for person in people])
        message_id = await here.write(note, number, draft, named)
    else:
        try:
            message_id = await here.write(reply, number, draft)
        except NewerReply as newer:
            return await _show_newer(here, newer)
    here.resources.hub.presence.stopped_typing(number, here.agent.agent_id)
    if form.get("resolve"):
        await here.write(resolve, number)
    if here.partial_wanted:
        return await bubbles(here, message_id)
    return here.see_other(f"/conversations/{number}")


async def change_assignee(request: web.Request) -> web.StreamResponse:
    """Take, transfer, or return to the queue (an empty `agent_id`)."""
    here = visit(request)
    number = conversation_number(request)
    chosen = str((await request.post()).get("agent_id", ""))
    if chosen and not (chosen.isdecimal() and len(chosen) < 10):
        raise Invalid({"agent_id": N_("Choose who answers.")})
    await here.write(assign, number, int(chosen) if chosen else None)
    return _done(here, number)


async def change_resolution(request: web.Request) -> web.StreamResponse:
    """Resolve (`status=dismissed`: the client needs no answer), or with `status=open` reopen."""
    here = visit(request)
    number = conversation_number(request)
    status = (await request.post()).get("status")
    if status == "open":
        await here.write(reopen, number)
    else:
        await here.write(resolve, number, no_answer_needed=status == "dismissed")
    return _done(here, number)


async def change_snooze(request: web.Request) -> web.StreamResponse:
    """Put aside until a preset or a moment in the agent's own zone."""
    here = visit(request)
    number = conversation_number(request)
    form = await request.post()
    until = _until(here, str(form.get("preset", "")), str(form.get("until", "")))
    await here.write(snooze, number, until)
    return _done(here, number)


async def add_dismissal(request: web.Request) -> web.StreamResponse:
    """No answer needed."""
    here = visit(request)
    number = conversation_number(request)
    await here.write(dismiss, number, str((await request.post()).get("reason", "")))
    return _done(here, number)


async def see_here(request: web.Request) -> web.StreamResponse:
    """The agent has the dialog in front of them: mentions of them in it are seen."""
    here = visit(request)
    number = conversation_number(request)
    await here.write(see_mentions, number)
    return _done(here, number)


async def change_verdict(request: web.Request) -> web.StreamResponse:
    """Say what the dialog turned out to be; an empty verdict takes it back."""
    here = visit(request)
    number = conversation_number(request)
    form = await request.post()
    verdict = str(form.getall("verdict", [""])[-1])
    await here.write(judge, number, verdict or None, str(form.get("reason", "")))
    return _done(here, number)


async def change_priority(request: web.Request) -> web.StreamResponse:
    """Say how urgent the dialog is."""
    here = visit(request)
    number = conversation_number(request)
    await here.write(prioritise, number, str((await request.post()).get("priority", "")))
    return _done(here, number)


async def change_tags(request: web.Request) -> web.StreamResponse:
    """Add a tag by its name (made when new) or remove one by its id."""
    here = visit(request)
    number = conversation_number(request)
    form = await request.post()
    removed, added = str(form.get("remove", "")), str(form.get("add", "")).strip()
    if removed.isdecimal() and len(removed) < 10:
        await here.write(untag, number, int(removed))
    elif added:
        await here.write(tag_by_name, number, added)
    return _done(here, number)


async def change_delivery(request: web.Request) -> web.StreamResponse:
    """Send a failed message again, or say that an uncertain one arrived."""
    here = visit(request)
    delivery = request.match_info["delivery_id"]
    if not delivery.isdecimal() or len(delivery) > 18:
        raise NotFound
    action = confirm_arrived if (await request.post()).get("arrived") else retry_delivery
    message_id = await here.write(action, int(delivery))
    return await bubbles(here, message_id)


def _draft(form: Any) -> Draft:
    client_id = str(form.get("client_id", ""))[:64]
    if not client_id or not client_id.replace("-", "").replace("_", "").isalnum() or not client_id.isascii():
        client_id = secrets.token_urlsafe(12)
    seen, template = str(form.get("seen_message_id", "")), str(form.get("reply_template_id", ""))
    answered = str(form.get("reply_to_id", ""))
    return Draft(
        client_id=client_id,
        text=str(form.get("text", "")).replace("\r\n", "\n"),
        seen_message_id=int(seen) if seen.isdecimal() and len(seen) < 19 else 0,
        upload_tokens=tuple(str(token) for token in form.getall("file", ()) if isinstance(token, str))[:20],
        reply_to_id=int(answered) if answered.isdecimal() and len(answered) < 19 else None,
        reply_template_id=int(template) if template.isdecimal() and len(template) < 10 else None,
        force=bool(form.get("force")),
        subject=str(form["subject"]) if "subject" in form else None,
        cc=str(form.get("cc", "")),
        bcc=str(form.get("bcc", "")),
    )


async def bubbles(here: Visit, message_id: int) -> web.Response:
    """A message and its neighbours, as the page puts them in their places."""
    items = await here.read(timeline_around, message_id, zone(here.view.time_zone))
    neutral = here.view.without_agent()
    draw = here.resources.renderer.partial
    return here.html("".join(draw(neutral, "conversations/_message.html", item=item) for item in items))


async def _show_newer(here: Visit, newer: NewerReply) -> web.Response:
    items = await here.read(timeline_around, newer.message_id, zone(here.view.time_zone))
    item = next(item for item in items if item.id == newer.message_id)
    if here.partial_wanted:
        return here.partial("conversations/_conflict.html", status=409, item=item)
    return here.page("conversations/conflict.html", status=409, item=item, event_id=0, section="inbox")


def _done(here: Visit, number: int) -> web.Response:
    """The stream redraws the page of a script; a plain form goes back to the dialog."""
    return web.Response(status=204) if here.partial_wanted else here.see_other(f"/conversations/{number}")


def _until(here: Visit, preset: str, typed: str) -> datetime:
    local = here.resources.clock.now().astimezone(zone(here.view.time_zone))
    morning = local.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    if preset in ("1h", "3h"):
        return local + timedelta(hours=int(preset[0]))
    if preset == "tomorrow":
        return morning + timedelta(days=1)
    if preset == "monday":
        return morning + timedelta(days=7 - local.weekday())
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=zone(here.view.time_zone))
    except ValueError as error:
        raise Invalid({"until": N_("Choose a moment in the future.")}) from error

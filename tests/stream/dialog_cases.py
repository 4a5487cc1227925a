"""What is done with a dialog and its client: who holds it, where it stands, tags, card, the visitor's doings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update

from connectors.contract import Profile, Referral, Started
from inbox.actions.agents import change_status
from inbox.actions.amend import delete_reply, edit_reply
from inbox.actions.assign import assign, drain, release, release_absent, route
from inbox.actions.business_hours import change_hours
from inbox.actions.company import change_company
from inbox.actions.contacts import edit_contact
from inbox.actions.entry_links import note_click
from inbox.actions.judge import judge
from inbox.actions.presence import be_present
from inbox.actions.prioritise import prioritise
from inbox.actions.rate import ask_rating, keep_rating
from inbox.actions.receive_changes import receive_event
from inbox.actions.resolve import dismiss, open_again, reopen, resolve, snooze, wake_snoozed
from inbox.actions.sla import run_clocks
from inbox.actions.sla_policies import PolicyDraft, add_policy, remove_policy
from inbox.actions.tag import tag_by_name, untag
from inbox.actions.threads import join_addresses, join_thread, move_to
from inbox.actions.turns import hold
from inbox.models import Address, Agent, Channel, Conversation, SlaClock
from inbox.rules.attribution import touch_from_visit
from inbox.rules.business_hours import Interval
from inbox.rules.permissions import Actor
from inbox.rules.schedules import COMPANY, Schedule
from inbox.rules.sla import Conditions
from inbox.runtime.database import Tx
from tests.stream.cases import shows
from tests.stream.stage import Stage
from widget.history import Known
from widget.identity import Person
from widget.visitors import come, enter, identify, leave, mark_seen, move

SYSTEM = Actor.system()


@shows(assign, hold)
async def an_agent_takes(stage: Stage) -> AsyncIterator[None]:
    await stage.do(assign, stage.dialog, stage.gleb)
    yield
    await stage.do(assign, stage.dialog, stage.anna)


@shows(assign)
async def an_agent_transfers(stage: Stage) -> AsyncIterator[None]:
    await stage.do(assign, stage.dialog, stage.anna)
    yield
    await stage.do(assign, stage.dialog, stage.gleb)


@shows(assign)
async def an_agent_gives_back(stage: Stage) -> AsyncIterator[None]:
    await stage.do(assign, stage.dialog, stage.anna)
    yield
    await stage.do(assign, stage.dialog, None)


def begin_earlier(tx: Tx, seconds: int) -> None:
    """Let the clocks have begun some seconds earlier; to move the time itself would age everybody's presence."""
    begun = tx.now - timedelta(seconds=seconds)
    due = begun + timedelta(seconds=20)
    tx.execute(update(SlaClock).values(running_since=begun, due_at=due, next_at=tx.now, target_seconds=20))


@shows(prioritise)
async def a_dialog_becomes_urgent(stage: Stage) -> AsyncIterator[None]:
    yield
    await stage.do(prioritise, stage.dialog, "urgent")


@shows(run_clocks)
async def a_deadline_comes(stage: Stage) -> AsyncIterator[None]:
    draft = PolicyDraft("Всем", 20, 20, 3600, in_hours=False)
    policy_id = await stage.do(add_policy, draft, by="Вера")
    await stage.world.client_writes()
    yield
    await stage.do(prioritise, stage.dialog, "high")
    for seconds in (10, 16, 20):
        await stage.world.write(begin_earlier, seconds)
        await stage.world.write(run_clocks, SYSTEM)
    await stage.world.client_writes()
    await stage.do(remove_policy, policy_id, by="Вера")


@shows(change_hours)
async def working_hours_change_while_a_target_runs(stage: Stage) -> AsyncIterator[None]:
    night = tuple(Interval(weekday, 180, 181) for weekday in range(7))
    await stage.do(change_hours, COMPANY, Schedule("Europe/Moscow", night), by="Вера")
    urgent = PolicyDraft("Срочно", 600, 600, None, conditions=Conditions(priority="urgent"))
    policy_id = await stage.do(add_policy, urgent, by="Вера")
    await stage.do(prioritise, stage.dialog, "urgent")
    yield
    await stage.do(change_hours, COMPANY, None, by="Вера")
    await stage.do(remove_policy, policy_id, by="Вера")


@shows(drain, route)
async def the_queue_is_given_out(stage: Stage) -> AsyncIterator[None]:
    await stage.do(change_company, {"assignment_mode": "by_hand"}, by="Вера")
    await stage.do(assign, stage.dialog, None)
    yield
    await stage.do(change_company, {"assignment_mode": "least_loaded"}, by="Вера")
    await stage.world.write(drain, SYSTEM)
    await stage.do(change_company, {"assignment_mode": "by_hand"}, by="Вера")


@shows(release)
async def dialogs_return(stage: Stage) -> AsyncIterator[None]:
    await stage.do(assign, stage.dialog, stage.gleb)
    yield
    await stage.world.write(release, SYSTEM, stage.gleb, waiting_only=True)


@shows(release_absent)
async def somebody_is_gone_too_long(stage: Stage) -> AsyncIterator[None]:
    gone = update(Agent).where(Agent.id == stage.gleb).values(last_seen_at=stage.world.clock.now() - timedelta(hours=1))
    await stage.world.write(lambda tx: tx.execute(gone))
    await stage.do(assign, stage.dialog, stage.gleb)
    yield
    await stage.world.write(release_absent, SYSTEM, 120)


@shows(ask_rating, keep_rating)
async def a_client_is_asked_and_rates(stage: Stage) -> AsyncIterator[None]:
    await stage.do(change_company, {"asks_rating": True}, by="Вера")
    await stage.world.agent_replies(stage.dialog)
    yield
    await stage.do(resolve, stage.dialog)
    await stage.settle()
    await stage.writes("5")
    await stage.settle()
    await stage.do(change_company, {"asks_rating": False}, by="Вера")


@shows(judge)
async def a_dialog_is_judged(stage: Stage) -> AsyncIterator[None]:
    yield
    await stage.do(judge, stage.dialog, "target")
    await stage.settle()
    await stage.do(judge, stage.dialog, "other", "ищет работу")


@shows(be_present)
async def somebody_comes(stage: Stage) -> AsyncIterator[None]:
    gone = update(Agent).where(Agent.id == stage.gleb).values(last_seen_at=None)
    await stage.world.write(lambda tx: tx.execute(gone))
    yield
    await stage.do(be_present, by="Глеб")


@shows(change_status)
async def a_colleague_takes_a_break(stage: Stage) -> AsyncIterator[None]:
    await stage.world.online("Глеб")
    await stage.do(change_status, "available", by="Глеб")
    yield
    await stage.do(change_status, "busy", by="Глеб")


@shows(change_status)
async def an_agent_takes_a_break(stage: Stage) -> AsyncIterator[None]:
    await stage.do(change_status, "available", by="Анна")
    yield
    await stage.do(change_status, "away", by="Анна")


@shows(resolve)
async def an_agent_resolves(stage: Stage) -> AsyncIterator[None]:
    yield
    await stage.do(resolve, stage.dialog)


@shows(reopen, open_again)
async def an_agent_reopens(stage: Stage) -> AsyncIterator[None]:
    await stage.do(resolve, stage.dialog)
    yield
    await stage.do(reopen, stage.dialog)


@shows(snooze)
async def an_agent_snoozes(stage: Stage) -> AsyncIterator[None]:
    yield
    await stage.do(snooze, stage.dialog, stage.world.clock.now() + timedelta(hours=1))


@shows(wake_snoozed)
async def a_snoozed_dialog_comes_back(stage: Stage) -> AsyncIterator[None]:
    await stage.do(snooze, stage.dialog, stage.world.clock.now() + timedelta(seconds=1))
    await stage.later(seconds=2)
    yield
    await stage.world.write(wake_snoozed, SYSTEM)


@shows(dismiss)
async def no_answer_is_needed(stage: Stage) -> AsyncIterator[None]:
    yield
    await stage.do(dismiss, stage.dialog, "Спасибо")


@shows(tag_by_name)
async def a_known_tag_is_put(stage: Stage) -> AsyncIterator[None]:
    yield
    await stage.do(tag_by_name, stage.other, "VIP")


@shows(tag_by_name)
async def a_new_tag_is_put(stage: Stage) -> AsyncIterator[None]:
    yield
    await stage.do(tag_by_name, stage.dialog, f"Опт {stage.number}")


@shows(untag)
async def a_tag_is_taken_off(stage: Stage) -> AsyncIterator[None]:
    yield
    await stage.do(untag, stage.dialog, stage.tag)


@shows(edit_contact)
async def the_card_is_edited(stage: Stage) -> AsyncIterator[None]:
    yield
    card = {"name": "Марина Ивановна", "phone": "+7 916 123-45-67", "email": "m@example.com", "note": "Оптом"}
    await stage.do(edit_contact, stage.contact, card, {stage.field_id: "Тула"})


@shows(edit_reply)
async def an_agent_corrects_an_answer(stage: Stage) -> AsyncIterator[None]:
    message_id = await stage.world.agent_replies(stage.dialog, "Тысячу рублей.")
    yield
    await stage.do(edit_reply, message_id, "Две тысячи рублей.")


@shows(delete_reply)
async def an_agent_takes_an_answer_back(stage: Stage) -> AsyncIterator[None]:
    message_id = await stage.world.agent_replies(stage.dialog, "Тысячу рублей.")
    yield
    await stage.do(delete_reply, message_id)


async def _visitor(stage: Stage) -> tuple[int, Known]:
    """The client of the case moves to the site chat: the dialog of the tabs is theirs."""
    rows = await stage.world.rows(select(Channel.id).where(Channel.kind == "widget", Channel.removed_at.is_(None)))
    if not rows:
        values = {
            "kind": "widget",
            "name": "Сайт",
            "token": "site",
            "config": {},
            "created_at": stage.world.clock.now(),
        }
        await stage.world.write(lambda tx: tx.execute(insert(Channel), values))
        rows = await stage.world.rows(select(Channel.id).where(Channel.kind == "widget"))
    channel_id = int(rows[0][0])
    person = Person(f"visitor-{stage.number}", "token", f"hash-{stage.number}")
    known = await stage.world.write(enter, channel_id, person, Profile(name="Посетитель"))
    await stage.world.write(_write_in_chat, channel_id, known)
    dialogs = select(Conversation.id).where(Conversation.address_id == known.address_id)
    stage.dialog = int((await stage.world.rows(dialogs))[0][0])
    return channel_id, known


def _write_in_chat(tx: Any, channel_id: int, known: Known) -> None:
    from connectors.contract import MessageReceived
    from inbox.actions.receive import receive

    receive(tx, Actor.channel(channel_id), channel_id, MessageReceived(known.address, f"w-{known.address}", "Из чата"))


@shows(move)
async def a_visitor_goes_to_another_page(stage: Stage) -> AsyncIterator[None]:
    channel_id, known = await _visitor(stage)
    yield
    await stage.world.write(move, channel_id, known, "https://shop.example/pricing", "Цены")


@shows(leave)
async def a_visitor_leaves(stage: Stage) -> AsyncIterator[None]:
    channel_id, known = await _visitor(stage)
    yield
    await stage.world.write(leave, channel_id, known)


@shows(come)
async def a_visitor_comes_back(stage: Stage) -> AsyncIterator[None]:
    channel_id, known = await _visitor(stage)
    await stage.world.write(leave, channel_id, known)
    stage.world.clock.advance(seconds=1)
    yield
    await stage.world.write(come, channel_id, known)


@shows(identify)
async def a_visitor_proves_who_they_are(stage: Stage) -> AsyncIterator[None]:
    channel_id, _ = await _visitor(stage)
    person = Person(f"visitor-{stage.number}", "token", f"hash-{stage.number}")
    yield
    assert await stage.world.write(identify, channel_id, person, f"customer-{stage.number}")


@shows(enter)
async def a_visitor_says_their_name(stage: Stage) -> AsyncIterator[None]:
    channel_id, _ = await _visitor(stage)
    person = Person(f"visitor-{stage.number}", "token", f"hash-{stage.number}")
    yield
    await stage.world.write(enter, channel_id, person, Profile(phone="+79161112233"))


@shows(mark_seen)
async def a_visitor_reads(stage: Stage) -> AsyncIterator[None]:
    channel_id, known = await _visitor(stage)
    message_id = await stage.world.agent_replies(stage.dialog, "Здравствуйте!")
    yield
    await stage.world.write(mark_seen, channel_id, known, message_id, "read")


@shows(join_thread, move_to)
async def a_visitor_goes_on_in_a_messenger(stage: Stage) -> AsyncIterator[None]:
    values = {"kind": "api", "name": "Мессенджер", "token": f"way-{stage.number}", "config": {}}
    created = {"created_at": stage.world.clock.now()}
    messenger = await stage.world.write(
        lambda tx: int(tx.execute(insert(Channel), {**values, **created}).inserted_primary_key[0])
    )
    address = (await stage.world.conversation(stage.dialog)).address_id
    token = await stage.world.write(note_click, Actor.system(), messenger, touch_from_visit("", ""), address_id=address)
    yield
    started = Started(f"way-{stage.number}", None, Referral(token=token))
    await stage.world.write(receive_event, Actor.channel(messenger), messenger, started)


@shows(join_addresses)
async def a_client_turns_out_to_have_another_address(stage: Stage) -> AsyncIterator[None]:
    conversation = await stage.world.conversation(stage.dialog)
    known = select(Address.external_id, Address.channel_id).where(Address.id == conversation.address_id)
    address, channel_id = (await stage.world.rows(known))[0]
    yield
    started = Started(f"second-{stage.number}", None, also=(address,))
    await stage.world.write(receive_event, Actor.channel(channel_id), channel_id, started)

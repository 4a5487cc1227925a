"""What changes the company itself: people, tags, fields, channels, settings."""

from __future__ import annotations

from collections.abc import AsyncIterator

from inbox.actions.agents import change_role, change_self, deactivate, invite_agent, reactivate, use_link
from inbox.actions.assign import assign
from inbox.actions.channels import add_channel, change_channel, remove_channel
from inbox.actions.company import change_company
from inbox.actions.contact_fields import add_field, change_field, remove_field
from inbox.actions.contacts import edit_contact
from inbox.actions.tags import add_tag, change_tag, remove_tag
from inbox.rules.permissions import Actor
from tests.stream.cases import shows
from tests.stream.stage import Stage

SYSTEM = Actor.system()


@shows(use_link, invite_agent)
async def somebody_joins(stage: Stage) -> AsyncIterator[None]:
    mark = f"{stage.number:064}"
    await stage.do(invite_agent, "Дарья", f"d{stage.number}@example.com", "agent", token_hash=mark, by="Вера")
    yield
    await stage.world.write(use_link, SYSTEM, mark, "!")


@shows(deactivate)
async def somebody_is_let_go(stage: Stage) -> AsyncIterator[None]:
    await stage.do(assign, stage.dialog, stage.gleb)
    yield
    await stage.do(deactivate, stage.gleb, by="Вера")
    await stage.settle()
    await stage.do(reactivate, stage.gleb, by="Вера")


@shows(reactivate)
async def somebody_is_taken_back(stage: Stage) -> AsyncIterator[None]:
    await stage.do(deactivate, stage.gleb, by="Вера")
    yield
    await stage.do(reactivate, stage.gleb, by="Вера")


@shows(change_self)
async def a_colleague_is_renamed(stage: Stage) -> AsyncIterator[None]:
    await stage.world.agent_replies(stage.dialog, name="Глеб")
    yield
    await stage.do(change_self, {"name": f"Глеб {stage.number}"}, by="Глеб")


@shows(change_self)
async def an_agent_is_renamed(stage: Stage) -> AsyncIterator[None]:
    await stage.world.agent_replies(stage.dialog)
    yield
    await stage.do(change_self, {"name": f"Анна {stage.number}"})


@shows(add_tag)
async def a_tag_is_added(stage: Stage) -> AsyncIterator[None]:
    yield
    await stage.do(add_tag, f"Тег {stage.number}", "#3366cc", by="Вера")


@shows(change_tag)
async def a_tag_is_renamed(stage: Stage) -> AsyncIterator[None]:
    yield
    await stage.do(change_tag, stage.tag, f"VIP {stage.number}", "#cc3366", by="Вера")
    await stage.settle()
    await stage.do(change_tag, stage.tag, "VIP", "#3366cc", by="Вера")
    await stage.do(add_tag, f"Ещё {stage.number}", "#cc3366", by="Вера")


@shows(remove_tag)
async def a_tag_is_removed(stage: Stage) -> AsyncIterator[None]:
    from inbox.actions.tag import tag_by_name

    tag_id = await stage.do(tag_by_name, stage.dialog, "Лишний")
    yield
    await stage.do(remove_tag, tag_id, by="Вера")


@shows(add_field)
async def a_field_is_added(stage: Stage) -> AsyncIterator[None]:
    yield
    await stage.do(add_field, f"field_{stage.number}", "Размер", "text", by="Вера")


@shows(change_field)
async def a_field_is_renamed(stage: Stage) -> AsyncIterator[None]:
    await stage.do(edit_contact, stage.contact, {"name": "Марина"}, {stage.field_id: "Тула"})
    yield
    await stage.do(change_field, stage.field_id, f"Город {stage.number}", "", by="Вера")


@shows(remove_field)
async def a_field_is_removed(stage: Stage) -> AsyncIterator[None]:
    field_id = await stage.do(add_field, f"gone_{stage.number}", "Лишнее", "text", by="Вера")
    await stage.do(edit_contact, stage.contact, {"name": "Марина"}, {field_id: "да"})
    yield
    await stage.do(remove_field, field_id, by="Вера")


@shows(add_channel)
async def a_channel_is_added(stage: Stage) -> AsyncIterator[None]:
    yield
    await stage.do(add_channel, "api", f"Склад {stage.number}", {}, by="Вера")


@shows(change_channel)
async def a_channel_is_renamed(stage: Stage) -> AsyncIterator[None]:
    yield
    await stage.do(change_channel, stage.world.channel_id, {"name": f"CRM {stage.number}"}, by="Вера")


@shows(change_channel)
async def the_targets_of_a_channel_change(stage: Stage) -> AsyncIterator[None]:
    await stage.do(change_channel, stage.world.channel_id, {"first_response_target_seconds": 600}, by="Вера")
    yield
    await stage.do(change_channel, stage.world.channel_id, {"first_response_target_seconds": 1200}, by="Вера")


@shows(remove_channel)
async def a_channel_is_removed(stage: Stage) -> AsyncIterator[None]:
    channel_id = await stage.do(add_channel, "api", f"Лишний {stage.number}", {}, by="Вера")
    yield
    await stage.do(remove_channel, channel_id, by="Вера")


@shows(change_company)
async def the_targets_of_the_company_change(stage: Stage) -> AsyncIterator[None]:
    none = {"first_response_target_seconds": None, "next_response_target_seconds": None}
    await stage.do(change_channel, stage.world.channel_id, none, by="Вера")
    yield
    await stage.do(change_company, {"first_response_target_seconds": 1000 + stage.number}, by="Вера")


@shows(change_role)
async def an_agent_becomes_a_manager(stage: Stage) -> AsyncIterator[None]:
    """The sections on the rail are another's now: the tab comes again and reads all of its page."""
    yield
    await stage.do(change_role, stage.anna, "manager", None, by="Вера")
    await stage.settle()
    await stage.do(change_role, stage.anna, "agent", 7, by="Вера")
    await stage.do(change_self, {"name": f"Анна {stage.number}"})

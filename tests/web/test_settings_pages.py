"""The company's settings: general, tags, own fields."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from inbox.models import Company, ContactField, Tag
from tests.desk import Desk

GENERAL = {
    "name": "Дубрава",
    "language": "ru",
    "time_zone": "Europe/Moscow",
    "assignment_mode": "least_loaded",
    "capacity": "7",
    "first_response_target_seconds": "3",
    "next_response_target_seconds": "15",
    "reopen_window_seconds": "48",
}


async def company(desk: Desk) -> Company:
    return (await desk.world.rows(select(Company.__table__)))[0]


async def test_minutes_and_hours_of_the_form_are_stored_as_seconds_and_shown_again(desk: Desk) -> None:
    vera = await desk.browser("Вера")
    answer = await vera.post("/settings", GENERAL)
    assert (answer.status, answer.location) == (303, "/settings")
    row = await company(desk)
    assert (row.capacity, row.assignment_mode) == (7, "least_loaded")
    assert (row.first_response_target_seconds, row.next_response_target_seconds) == (180, 900)
    assert row.reopen_window_seconds == 48 * 3600
    page = await vera.get("/settings")
    for name in ("capacity", "first_response_target_seconds", "reopen_window_seconds", "name"):
        assert page.one(f"#{name}").attributes["value"] == GENERAL[name]
    assert page.one("#assignment_mode option[selected]").attributes["value"] == "least_loaded"
    changed = sorted([*GENERAL, "asks_rating"])
    assert [event.details["changed"] for event in await desk.events("settings.changed")] == [changed]


async def test_asking_for_ratings_is_a_switch(desk: Desk) -> None:
    vera = await desk.browser("Вера")
    assert not (await company(desk)).asks_rating
    for form, asks in (({**GENERAL, "asks_rating": "on"}, True), (GENERAL, False)):
        assert (await vera.post("/settings", form)).status == 303
        assert (await company(desk)).asks_rating is asks
        assert ("checked" in (await vera.get("/settings")).one("[name=asks_rating]").attributes) is asks


@pytest.mark.parametrize(
    "name, typed",
    [
        ("name", "  "),
        ("capacity", "0"),
        ("capacity", "ten"),
        ("capacity", "²"),
        ("first_response_target_seconds", "99999999"),
        ("reopen_window_seconds", "-1"),
        ("time_zone", "Europe/Atlantis"),
        ("assignment_mode", "by_luck"),
        ("language", "xx"),
    ],
)
async def test_a_mistake_stands_at_its_field_with_what_was_typed_and_nothing_is_saved(
    desk: Desk, name: str, typed: str
) -> None:
    vera = await desk.browser("Вера")
    before = await company(desk)
    answer = await vera.post("/settings", {**GENERAL, "name": "Роща", name: typed})
    assert answer.status == 422
    assert answer.one(f"#{name}").attributes.get("aria-invalid") == "true"
    if name != "name":
        assert answer.one("#name").attributes["value"] == "Роща"
    assert await company(desk) == before


async def test_settings_lead_everybody_to_what_they_may_change(desk: Desk) -> None:
    assert (await (await desk.browser("Анна")).get("/settings")).location == "/profile"
    assert (await (await desk.browser("Борис")).get("/settings")).location == "/settings/tags"
    boris = await (await desk.browser("Борис")).get("/settings/tags")
    tabs = [node.attributes["href"] for node in boris.tree.css("#settings-tabs a")]
    assert tabs == ["/settings/tags", "/settings/links", "/settings/channels", "/profile"]


async def test_tags_are_made_renamed_coloured_and_removed(desk: Desk) -> None:
    boris = await desk.browser("Борис")
    assert (await boris.post("/settings/tags", {"name": "Срочно", "colour": "#C2410C"})).status == 303
    tag = (await desk.world.rows(select(Tag.__table__)))[0]
    assert (tag.name, tag.colour) == ("Срочно", "#c2410c")
    await boris.post(f"/settings/tags/{tag.id}", {"name": "Очень срочно", "colour": "#0f8a8a"})
    page = await boris.get("/settings/tags")
    assert page.one(f"form[action='/settings/tags/{tag.id}'] input[name=name]").attributes["value"] == "Очень срочно"
    await boris.post(f"/settings/tags/{tag.id}", {"remove": "yes"})
    assert await desk.world.rows(select(Tag.id)) == []
    assert [event.kind for event in await desk.events("tag.added", "tag.changed", "tag.removed")] == [
        "tag.added",
        "tag.changed",
        "tag.removed",
    ]


async def test_a_refused_tag_says_why_where_it_is(desk: Desk) -> None:
    boris = await desk.browser("Борис")
    await boris.post("/settings/tags", {"name": "Ёлка", "colour": "#c2410c"})
    again = await boris.post("/settings/tags", {"name": "елка", "colour": "#c2410c"})
    assert again.status == 422
    assert again.one("#name").attributes["aria-invalid"] == "true"
    await boris.post("/settings/tags", {"name": "Опт", "colour": "#c2410c"})
    ids = [row[0] for row in await desk.world.rows(select(Tag.id).order_by(Tag.id))]
    taken = await boris.post(f"/settings/tags/{ids[1]}", {"name": "ЁЛКА", "colour": "#c2410c"})
    assert taken.status == 422
    assert taken.one("#tag-error").text(strip=True) != ""
    assert (await boris.post("/settings/tags/999", {"name": "Х", "colour": "#c2410c"})).status == 404


async def test_own_fields_are_added_renamed_and_removed(desk: Desk) -> None:
    vera = await desk.browser("Вера")
    form = {"label": "Город", "key": "city", "kind": "choice", "choices": "Омск\n\n Тверь \nОмск"}
    assert (await vera.post("/settings/fields", form)).status == 303
    row = (await desk.world.rows(select(ContactField.__table__)))[0]
    assert (row.label, row.key, row.kind, row.choices) == ("Город", "city", "choice", "Омск\nТверь")
    await vera.post(f"/settings/fields/{row.id}", {"label": "Где живёт", "choices": "Омск\nТула"})
    row = (await desk.world.rows(select(ContactField.__table__)))[0]
    assert (row.label, row.key, row.choices) == ("Где живёт", "city", "Омск\nТула")
    assert "{{contact.city}}" in (await vera.get("/settings/fields")).words("code")
    refused = await vera.post(f"/settings/fields/{row.id}", {"label": "Где живёт", "choices": ""})
    assert refused.status == 422
    assert refused.one("#field-error").text(strip=True) != ""
    await vera.post(f"/settings/fields/{row.id}/removal")
    assert await desk.world.rows(select(ContactField.id)) == []


@pytest.mark.parametrize(
    "field, form",
    [
        ("key", {"label": "Имя", "key": "name", "kind": "text"}),
        ("key", {"label": "Имя", "key": "Город", "kind": "text"}),
        ("label", {"label": " ", "key": "city", "kind": "text"}),
        ("kind", {"label": "Город", "key": "city", "kind": "colour"}),
        ("choices", {"label": "Город", "key": "city", "kind": "choice", "choices": " \n "}),
    ],
)
async def test_a_wrong_field_is_refused_at_its_control(desk: Desk, field: str, form: dict[str, str]) -> None:
    vera = await desk.browser("Вера")
    answer = await vera.post("/settings/fields", form)
    assert answer.status == 422
    assert answer.one(f".block #{field}").attributes.get("aria-invalid") == "true"
    assert await desk.world.rows(select(ContactField.id)) == []


async def test_a_key_is_taken_once(desk: Desk) -> None:
    vera = await desk.browser("Вера")
    form = {"label": "Город", "key": "city", "kind": "text"}
    await vera.post("/settings/fields", form)
    assert (await vera.post("/settings/fields", form)).status == 422

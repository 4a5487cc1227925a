"""The settings of a channel: words in the reader's language, mistakes at their field, a demo of this very channel."""

from __future__ import annotations

import pytest
from sqlalchemy import select

import connectors
from inbox.models import Channel
from tests.desk import Answer, Browser, Desk


async def connected(vera: Browser) -> str:
    path = "/settings/channels/new/widget"
    answer = await vera.post(path, typed(await vera.get(path), name="Сайт", ask_name="required"))
    assert answer.status == 303
    return answer.location


def typed(page: Answer, **changed: str) -> dict[str, str]:
    """The form as a browser would send it."""
    form = {}
    for control in page.tree.css("form.form input[name], form.form textarea[name]"):
        if control.attributes.get("type") != "checkbox":
            form[control.attributes["name"] or ""] = control.attributes.get("value") or control.text()
    for option in page.tree.css("form.form option[selected]"):
        select_ = option.parent
        assert select_ is not None
        form[select_.attributes["name"] or ""] = option.attributes["value"] or ""
    return {**form, **changed}


async def test_every_option_is_shown_in_words_and_kept(desk: Desk) -> None:
    vera = await desk.browser("Вера")
    path = await connected(vera)
    page = await vera.get(path)
    assert page.words("#ask_name option") == ["нет", "да, можно оставить пустым", "да, обязательно"]
    assert page.words("#side option") == ["справа", "слева"]
    answer = await vera.post(path, typed(page, greeting="Добрый день!\r\nЧем помочь?", side="left"))
    assert answer.status == 303
    page = await vera.get(path)
    assert page.one("textarea#greeting").text().splitlines() == ["Добрый день!", "Чем помочь?"]
    assert page.one("#side option[selected]").attributes["value"] == "left"
    assert page.one("#ask_name option[selected]").attributes["value"] == "required"


@pytest.mark.parametrize(
    "name, value, words",
    [
        ("max_file_mb", "0", "Не меньше 1."),
        ("max_file_mb", "много", "Напишите целое число."),
        ("title", "я" * 81, "Не больше 80 знаков."),
        ("side", "top", "Выберите из списка."),
        ("colour", "{red}", "Напишите цвет так: #2f5d50."),
        ("policy_url", "javascript:alert(1)", "Напишите адрес, который начинается с https://."),
        ("allowed_origins", "ht!tp", "Пишите сайты так: https://shop.example или *.shop.example, через пробел."),
    ],
)
async def test_a_mistake_is_told_in_words(desk: Desk, name: str, value: str, words: str) -> None:
    vera = await desk.browser("Вера")
    path = await connected(vera)
    answer = await vera.post(path, typed(await vera.get(path), **{name: value}))
    assert answer.status == 422
    assert answer.one(f"#{name}-error").text().strip() == words


async def test_the_demo_shows_the_channel_that_is_being_set_up(desk: Desk) -> None:
    vera = await desk.browser("Вера")
    await connected(vera)
    path = await connected(vera)
    token = (await desk.world.rows(select(Channel.token).order_by(Channel.id.desc())))[0][0]
    page = await vera.get(path)
    demo = page.one(f"a[href='/demo?key={token}']").attributes["href"] or ""
    shop = await vera.get(demo)
    assert token in (shop.one("script[async]").attributes["src"] or "")
    assert all(token in (link.attributes["href"] or "") for link in shop.tree.css("a[href^='/demo']"))


async def test_the_form_of_every_kind_begins_with_what_a_person_may_read(desk: Desk) -> None:
    vera = await desk.browser("Вера")
    for kind in connectors.kinds():
        page = await vera.get(f"/settings/channels/new/{kind}")
        assert page.status == 200, kind
        assert "Undefined" not in page.text, kind
        empty = [control.attributes["name"] for control in page.tree.css("form.form input[required]")]
        assert "name" in empty, kind


async def test_what_is_hardly_ever_changed_is_folded_and_may_be_left_empty(desk: Desk) -> None:
    vera = await desk.browser("Вера")
    path = "/settings/channels/new/twilio"
    page = await vera.get(path)
    folded = [node.attributes["name"] for node in page.tree.css("details [name]")]
    assert folded == ["base_url", "content_url", "messaging_url"]
    assert page.tree.css("details[open]") == []
    sid, token = "AC" + "0" * 32, "0" * 32
    form = typed(
        page, name="SMS", account_sid=sid, auth_token=token, sender="+12025550100", base_url="", content_url="x"
    )
    wrong = await vera.post(path, form)
    assert wrong.status == 422
    assert wrong.words("details[open] .error") == ["нужен адрес с https://"], "only the one that is no address"

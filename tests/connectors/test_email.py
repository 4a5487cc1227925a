"""What letters mean: one row per captured letter, then the parts that a row cannot say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.contract import BadPayload, Echo, MessageReceived, Request, StatusChanged, Unauthorized
from connectors.email import CONNECTOR, inline_media, original, parse, verify
from tests.connectors.accounts import NOW, bodies, config_of

CONFIG = config_of(CONNECTOR)
LETTERS = bodies("email")
OURS = "<m12.680a534d5045ce5e@dubrava.example>"


def request(name: str) -> Request:
    return Request("POLL", {}, {}, LETTERS[name], NOW)


def event(name: str) -> Any:
    (found,) = parse(request(name), CONFIG).events
    return found


# Name of the letter -> who, what they wrote, and what it answers.
MESSAGES: dict[str, tuple[str, str, str | None]] = {
    "first_letter_from_yandex_in_html": (
        "marina.kim@yandex.ru",
        "Здравствуйте!\n\nЕсть ли стол из дуба 160×80?\nСмотрю этот (https://dubrava.example/stol).",
        None,
    ),
    "answer_from_gmail_in_russian": ("marina.kim@gmail.com", "Да, подходит. Когда привезёте?", OURS),
    "answer_from_gmail_in_english": ("john@gmail.com", "Sounds great, thank you!", OURS),
    "answer_from_mailru": ("oleg@mail.ru", "Хорошо, жду счёт.", OURS),
    "answer_from_yandex": ("ira@ya.ru", "Спасибо, оплатила.", OURS),
    "answer_from_outlook_in_russian": (
        "petrov@firma.ru",
        "Принято, подпишем завтра.\n\nС уважением,\nПётр Петров",
        OURS,
    ),
    "answer_from_outlook_as_plain_text": ("petrov@firma.ru", "Ок, ждём.", OURS),
    "answer_from_a_phone": ("anna@icloud.com", "Во сколько открываетесь?", OURS),
    "answer_from_thunderbird_in_windows_1251": ("ivan@corp.ru", "Беру два.", OURS),
    "answer_between_the_quotes": (
        "ivan@corp.ru",
        "24.11.2026 9:00, Анна пишет:\n> Какой цвет?\nТёмный.\n> Нужна доставка?\nДа, в субботу.",
        OURS,
    ),
    "answer_by_the_numbered_address": ("lost@exchange.example", "А можно светлее?", OURS),
    "letter_with_files": ("buh@firma.ru", "Реквизиты во вложении.", None),
    "letter_with_a_picture_in_the_text": ("marina@x.ru", "Вот такой:\n\nЕсть?", None),
    "form_of_a_site": ("misha@bk.ru", "Имя: Миша\nТелефон: +7 917 123-45-67\nКомментарий: перезвоните", None),
    "copies_to_colleagues": ("marina@x.ru", "Ставлю в копию бухгалтера.", None),
    "stranger_answers_a_known_letter": ("eve@evil.example", "Перешлите мне переписку.", OURS),
    "out_of_office": ("marina@x.ru", "Я в отпуске до 1 декабря.", OURS),
    "newsletter": ("news@shop.example", "Скидки!", None),
    "letter_of_a_robot_without_marks": ("no-reply@bank.example", "Выписка готова.", None),
    "letter_without_name_and_date": ("marina@x.ru", "Когда открыты?", None),
    "letter_with_raw_headers_in_windows_1251": ("marina@x.ru", "Сколько стоит?", None),
    "invitation_to_a_meeting": ("ivan@corp.ru", "Приглашаю.", None),
    "very_large_letter": ("ivan@corp.ru", "Чертежи во вложении.", None),
}
STATUSES: dict[str, tuple[str, str | None]] = {
    "bounce_no_such_mailbox": ("failed", "The letter came back: 550 5.1.1 No such user!"),
    "bounce_with_headers_alone": ("failed", "The letter came back: 5.2.2"),
    "delivery_is_delayed": ("sent", None),
    "delivery_is_confirmed": ("delivered", None),
    "read_receipt": ("read", None),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_letter_is_a_message_of_its_writer(name: str) -> None:
    found = event(name)
    assert isinstance(found, MessageReceived)
    assert (found.address, found.text, found.reply_to) == MESSAGES[name]
    assert found.original


@pytest.mark.parametrize("name", STATUSES)
def test_a_report_moves_the_delivery(name: str) -> None:
    found = event(name)
    assert isinstance(found, StatusChanged)
    assert (found.external_id, found.state, found.error) == (OURS, *STATUSES[name])


def test_a_bounce_in_plain_words_is_a_failure_too() -> None:
    found = event("bounce_in_plain_words")
    assert (found.external_id, found.state) == (OURS, "failed")
    assert "no mailbox here by that name" in found.error


def test_a_forwarded_letter_is_kept_whole() -> None:
    assert event("forwarded_letter").text.endswith("Счёт оплачен.")


AUTOMATIC = {"out_of_office", "newsletter", "letter_of_a_robot_without_marks"}


def test_machines_and_lists_are_told_from_people() -> None:
    assert {name for name in MESSAGES if event(name).automatic} == AUTOMATIC


def test_who_else_got_it_is_told_without_ourselves() -> None:
    found = event("copies_to_colleagues")
    assert found.cc == ("boss@x.ru", "buh@x.ru")
    assert found.subject == "Заказ"


def test_the_mailbox_server_s_clock_counts_and_not_the_sender_s() -> None:
    assert event("answer_from_gmail_in_russian").at == datetime(2026, 11, 24, 6, 5, 12, tzinfo=UTC)
    assert event("letter_without_name_and_date").at is None


def test_names_and_subjects_are_read_in_every_encoding() -> None:
    assert event("answer_from_outlook_in_russian").profile.name == "Петров Пётр"
    assert event("answer_from_outlook_in_russian").subject == "RE: Стол"
    raw = event("letter_with_raw_headers_in_windows_1251")
    assert (raw.profile.name, raw.subject) == ("Марина", "Стол и стулья")


def test_a_stranger_with_a_known_message_id_begins_a_letter_of_their_own() -> None:
    known, stranger = event("first_letter_from_yandex_in_html"), event("stranger_answers_a_known_letter")
    assert known.external_id == "<170001@mail.yandex.ru> marina.kim@yandex.ru"
    assert stranger.external_id == "<170001@mail.yandex.ru> eve@evil.example"
    keys = {parse(request(name), CONFIG).dedupe_key for name in LETTERS}
    assert len(keys) == len(LETTERS)


def test_a_letter_without_a_name_is_named_by_its_place() -> None:
    found = event("letter_without_name_and_date").external_id
    assert found.startswith("INBOX 1700000001.")


def test_a_colleague_s_letter_from_the_mail_program_is_an_answer() -> None:
    found = event("colleague_answers_from_the_mail_program")
    assert isinstance(found, Echo)
    assert (found.address, found.text, found.author) == ("marina@x.ru", "Привезём в среду.", "Борис")
    assert (found.cc, found.dedup_key) == (("boss@x.ru",), None)
    assert event("our_answer_in_the_folder_of_sent_letters").dedup_key == "m12"


def test_a_report_of_ours_among_the_sent_letters_is_nobodys_message() -> None:
    known = LETTERS["our_answer_in_the_folder_of_sent_letters"]
    report = known.replace(b"<m12.", b"<report12.")
    assert report != known
    parsed = parse(replace(request("our_answer_in_the_folder_of_sent_letters"), body=report), CONFIG)
    assert parsed.events == ()
    # Somebody else's name is somebody's letter.
    strange = report.replace(b"5e@dubrava.example>", b"5e@other.example>")
    assert len(parse(replace(request("our_answer_in_the_folder_of_sent_letters"), body=strange), CONFIG).events) == 1


def test_files_come_with_their_names_and_bytes() -> None:
    found = event("letter_with_files").media
    assert [file.name for file in found] == ["Реквизиты.pdf", "Счёт.xls", "note.txt"]
    first = inline_media(request("letter_with_files"), CONFIG, found[0].ref or "")
    assert first == b"%PDF-1.4 pretend"
    assert [file.name for file in event("invitation_to_a_meeting").media] == ["invite.ics"]


def test_pictures_of_the_text_are_files_and_dots_are_not() -> None:
    (picture,) = event("letter_with_a_picture_in_the_text").media
    assert (picture.kind, picture.name) == ("image", "photo.png")


def test_the_whole_letter_can_be_read() -> None:
    whole = original(request("letter_with_a_picture_in_the_text"), CONFIG)
    assert ("Subject", "Фото") in whole.fields
    assert "tracker.example" in whole.html
    assert set(whole.pictures) == {"photo1", "dot"}
    quoted = original(request("answer_from_a_phone"), CONFIG)
    assert "Ждём вас в салоне." in quoted.text


def test_nobody_posts_letters_to_us() -> None:
    with pytest.raises(Unauthorized):
        verify(Request("POST", {}, {}, LETTERS["newsletter"], NOW), CONFIG)


def test_a_file_that_is_not_there_is_refused_in_words() -> None:
    with pytest.raises(Exception, match="not in the letter"):
        inline_media(request("letter_with_files"), CONFIG, "part:77")


def test_a_body_that_is_no_letter_is_called_so() -> None:
    with pytest.raises(BadPayload):
        parse(Request("POLL", {}, {}, b"From: a@b.ru\r\n\r\nx", NOW), CONFIG)


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "no address"},
        {"password": ""},
        {"imap_host": ""},
        {"oauth_token_url": "ftp://x"},
        {"folders": ["a"] * 11},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_form_that_cannot_work_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        CONNECTOR.config.model_validate({**CONFIG.model_dump(), **wrong})


def test_the_large_services_need_no_servers() -> None:
    known = CONNECTOR.config.model_validate({"provider": "mailru", "address": "A@Mail.ru", "password": "x"})
    assert (known.imap.host, known.smtp.host, known.address) == ("imap.mail.ru", "smtp.mail.ru", "a@mail.ru")

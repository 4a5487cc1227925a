"""What is left of an answer: every mailer quotes in its own way."""

from __future__ import annotations

import time

import pytest

from connectors.email_html import text_of_html
from connectors.email_quotes import written

OLD = "Здравствуйте!\nСтол стоит 48 000 ₽."
QUOTED = "> Здравствуйте!\n> Стол стоит 48 000 ₽."
HEADS = {
    "Gmail, Russian": f"вт, 24 нояб. 2026 г. в 09:00, Анна <a@dubrava.ru>:\n\n{QUOTED}",
    "Gmail, wrapped": f"вт, 24 нояб. 2026 г. в 09:00, Анна из мебельной мастерской «Дубрава»\n<a@dubrava.ru>:\n\n{QUOTED}",
    "Gmail, English": f"On Tue, Nov 24, 2026 at 9:00 AM Anna <a@dubrava.ru> wrote:\n{QUOTED}",
    "Gmail, English, wrapped": f"On Tue, Nov 24, 2026 at 9:00 AM Anna Petrova, Dubrava <\na@dubrava.ru> wrote:\n{QUOTED}",
    "Yandex": f'24.11.2026, 09:00, "Анна" <a@dubrava.ru>:\n{OLD}',
    "Mail.ru": f"Вторник, 24 ноября 2026, 9:00 +03:00 от Анна <a@dubrava.ru>:\n{OLD}",
    "Outlook, Russian": f"От: Анна <a@dubrava.ru>\nОтправлено: 24 ноября 2026 г. 9:00\nКому: Марина\nТема: Стол\n\n{OLD}",
    "Outlook, English": f"From: Anna <a@dubrava.ru>\nSent: Tuesday, November 24, 2026 9:00 AM\nTo: Marina\nSubject: RE\n\n{OLD}",
    "Outlook for Android": f"________________________________\nFrom: Anna <a@dubrava.ru>\nSent: Tuesday\nTo: M\n{OLD}",
    "Outlook Express": f"-----Исходное сообщение-----\nFrom: Анна\n{OLD}",
    "Original message": f"----- Original Message -----\n{OLD}",
    "Thunderbird, Russian": f"24.11.2026 9:00, Анна пишет:\n{QUOTED}",
    "Thunderbird, English": f"On 11/24/26 9:00 AM, Anna wrote:\n{QUOTED}",
    "The Bat!": f"Вы писали 24 ноября 2026 г., 9:00:\n{QUOTED}",
    "iPhone": f"Отправлено с iPhone\n\n> 24 нояб. 2026 г., в 09:00, Анна <a@dubrava.ru> написал(а):\n> \n{QUOTED}",
    "iPhone, English": f"Sent from my iPhone\n\n> On Nov 24, 2026, at 9:00 AM, Anna <a@dubrava.ru> wrote:\n> \n{QUOTED}",
    "Apple Mail": f"24 нояб. 2026 г., в 09:00, Анна <a@dubrava.ru> написал(а):\n\n{QUOTED}",
    "Mail.ru for phones": f"Отправлено из мобильной Почты Mail\n\nВторник, 24 ноября 2026, 09:00 от Анна <a@dubrava.ru>:\n{OLD}",
    "quotes alone": QUOTED,
    "signature": "-- \nМарина Ким\nООО «Клиент»",
}


@pytest.mark.parametrize("mailer", HEADS)
def test_the_answered_letter_is_left_out(mailer: str) -> None:
    assert written(f"Да, беру!\n\nКогда привезёте?\n\n{HEADS[mailer]}\n") == "Да, беру!\n\nКогда привезёте?"


KEPT = {
    "words that look like a head": "Мне ваш мастер написал:\nприходите в субботу.",
    "a time and a colon": "Приду 24.11.2026 в 10:00, вот вопросы:\n1. Цена\n2. Срок",
    "an address in the text": "Пишите на a@b.ru:\nтам быстрее",
    "a forwarded letter": "Посмотрите\n\n---------- Forwarded message ---------\nОт: Банк\nДата: вчера\nТема: x\n\nтекст",
    "answers between the quotes": "24.11.2026 9:00, Анна пишет:\n> Цвет?\nТёмный\n> Доставка?\nДа",
    "a list of people": "От: меня\nпривет всем",
    "quotes first": "> Цвет?\nТёмный",
    "nothing but a quote": QUOTED,
}


@pytest.mark.parametrize("case", KEPT)
def test_own_words_are_kept(case: str) -> None:
    assert written(KEPT[case]) == KEPT[case]


@pytest.mark.parametrize(
    "text",
    [
        "24.11.2026, " * 40_000,
        "24.11.2026 " + "a" * 500_000,
        ("On " * 100 + "\n") * 3000,
        "> " * 200_000,
        ("От: a\n" * 60_000),
        ("24.11.2026, 10:00\n" * 30_000),
        "\n" * 500_000,
    ],
    ids=["dates", "one line", "on", "marks", "from", "many dates", "empty"],
)
def test_the_time_is_linear(text: str) -> None:
    started = time.process_time()
    written(text)
    assert time.process_time() - started < 3


def test_html_of_mailers_is_read_as_people_see_it() -> None:
    html = "<table><tr><td>Имя</td><td>Миша</td></tr><tr><td>Тел</td><td>+7</td></tr></table><ol><li>раз</li><li>два</li></ol>"
    assert text_of_html(html) == "Имя Миша\nТел +7\n\n- раз\n- два"
    assert text_of_html("<pre>a\n  b</pre><p>c<br>d</p><div style='display: none'>preheader</div>") == "a\n  b\n\nc\nd"
    assert text_of_html("<p>a</div></p><b>b") == "a\n\nb"
    assert text_of_html("<blockquote><p>старое</p></blockquote><p>новое</p>") == "> старое\n\nновое"
    assert text_of_html("<div>ответ</div><div class='gmail_quote'>старое<div>x</div></div>") == "ответ"

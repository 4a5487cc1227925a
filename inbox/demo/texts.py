"""What people of the demo say: a furniture shop that sells in Russia and abroad.

A scene is a list of exchanges: what the client may write, what the agent may answer. Fields in braces are filled by
inbox/demo/dialogs.py. Few distinct texts are on purpose: their stems are worked out once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Variants = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """A kind of dialog: its tag, its exchanges, and how common it is among the others."""

    tag: str
    exchanges: tuple[tuple[Variants, Variants], ...]
    weight: int = 1


COMPANY = "Дом и дуб"
# (name, e-mail's local part, role, median seconds to an answer)
CAST = (
    ("Вера Лебедева", "vera", "admin", 240),
    ("Борис Котов", "boris", "manager", 400),
    ("Анна Соколова", "anna", "agent", 70),
    ("Глеб Орлов", "gleb", "agent", 150),
    ("Ирина Мельник", "irina", "agent", 110),
    ("Олег Дьяков", "oleg", "agent", 420),
    ("Kate Miller", "kate", "agent", 130),
)
TAGS = (
    ("заказ", "#2f5d50"), ("доставка", "#1d4ed8"), ("возврат", "#b91c1c"), ("оплата", "#7c3aed"),
    ("опт", "#b45309"), ("гарантия", "#0e7490"), ("замер", "#4d7c0f"),
)  # fmt: skip

NAMES: Mapping[str, tuple[Variants, Variants]] = {
    "ru": (
        ("Мария", "Елена", "Ольга", "Наталья", "Татьяна", "Светлана", "Юлия", "Алёна", "Ксения", "Дарья", "Полина",
         "Екатерина", "Людмила", "Галина", "Вероника", "Алина", "Жанна", "Инна", "Лидия", "Зоя"),
        ("Кравченко", "Ткаченко", "Шевчук", "Гуляева", "Ершова", "Фёдорова", "Щербакова", "Юрьева", "Белая", "Дюма",
         "Мороз", "Бондаренко", "Черных", "Седых", "Зайцева", "Королёва", "Тихая", "Рябых", "Хомич", "Ким"),
    ),
    "en": (
        ("Emma", "James", "Olivia", "Liam", "Sophie", "Daniel", "Grace", "Thomas", "Hannah", "Jack", "Chloe"),
        ("Walker", "Hughes", "Bennett", "Clarke", "Morris", "Reed", "Foster", "Nolan", "Price", "Shaw", "Webb"),
    ),
}  # fmt: skip
MAIL_HOSTS: Mapping[str, Variants] = {"ru": ("mail.example", "pochta.example"), "en": ("inbox.example", "post.example")}

FIELDS: Mapping[str, Mapping[str, Variants]] = {
    "ru": {
        "product": ("стол «Дубрава»", "кресло «Лофт»", "кровать «Север»", "комод «Ольха»", "стеллаж «Линия»",
                    "диван «Берег»", "стул «Венский»", "шкаф «Простор»"),
        "city": ("Казань", "Пермь", "Самару", "Тулу", "Омск", "Сочи", "Уфу", "Тверь", "Минск", "Екатеринбург"),
        "colour": ("натуральный дуб", "орех", "белый", "графит", "серый"),
        "price": ("18 900", "24 500", "39 900", "52 000", "7 990", "64 300"),
        "day": ("завтра", "в среду", "в четверг", "в пятницу", "в субботу", "на следующей неделе"),
    },
    "en": {
        "product": ("the Oakwood table", "the Loft armchair", "the North bed", "the Alder chest", "the Line shelf"),
        "city": ("Berlin", "Dublin", "Tbilisi", "Yerevan", "Prague", "Belgrade"),
        "colour": ("natural oak", "walnut", "white", "graphite"),
        "price": ("€210", "€480", "€95", "€640", "€320"),
        "day": ("tomorrow", "on Wednesday", "on Friday", "next week"),
    },
}  # fmt: skip

SCENES: Mapping[str, tuple[Scene, ...]] = {
    "ru": (
        Scene("заказ", (
            (("Здравствуйте! {product} есть в наличии?", "Добрый день, а {product} сейчас можно купить?",
              "Подскажите, пожалуйста, {product} в цвете {colour} есть?"),
             ("Здравствуйте! Да, есть на складе, цвет {colour} тоже. Оформить заказ?",
              "Добрый день! В наличии две штуки. Отложить для вас?")),
            (("А сколько будет стоить с доставкой в {city}?", "Какая цена?", "Сколько стоит и какие сроки?"),
             ("{price} ₽, доставка за 3–5 дней. Подъём на этаж бесплатно.",
              "Сейчас {price} ₽. С доставкой и сборкой выйдет немного дороже, посчитать?")),
            (("Да, давайте оформим", "Хорошо, беру. Что нужно от меня?"),
             ("Отлично! Напишите, пожалуйста, адрес и телефон для курьера.",
              "Оформляю. Ссылку на оплату пришлю сюда через минуту.")),
        ), 6),
        Scene("доставка", (
            (("Где мой заказ №{order}? Обещали привезти вчера 😕", "Здравствуйте, когда доставят заказ {order}?",
              "Заказ {order} до сих пор не приехал. Что случилось?"),
             ("Здравствуйте! Сейчас узнаю у транспортной компании и вернусь с ответом.",
              "Добрый день! Вижу ваш заказ: он в пути, курьер позвонит за час.")),
            (("Жду уже третий день, хотелось бы точное время", "И какое время?"),
             ("Приедут {day} с 10 до 14. Простите за ожидание!",
              "Доставка {day} после обеда. Номер водителя пришлю утром.")),
        ), 5),
        Scene("возврат", (
            (("Хочу вернуть {product}, не подошёл цвет", "Как оформить возврат по заказу {order}?"),
             ("Жаль, что не подошло. Возврат возможен в течение 14 дней, пришлите фото упаковки.",
              "Понимаю. Заполните, пожалуйста, заявление, курьер заберёт {day}.")),
            (("Фото отправила на почту. Деньги когда вернёте?", "А деньги вернутся на карту?"),
             ("Да, на ту же карту, обычно за 3–7 дней после приёмки.",)),
        ), 2),
        Scene("оплата", (
            (("Оплатила заказ {order}, а статус не меняется", "Не проходит оплата картой, что делать?",
              "Можно счёт на организацию?"),
             ("Проверил: платёж видим, заказ передан на склад.",
              "Пришлю счёт в течение часа. Напишите, пожалуйста, ИНН.")),
        ), 3),
        Scene("опт", (
            (("Добрый день! Мы открываем кафе, нужно 40 стульев. Есть скидка на опт?",
              "Нужна мебель в офис на 25 человек, кто у вас занимается оптом?"),
             ("Здравствуйте! От 20 штук скидка 12 %. Подготовлю коммерческое предложение.",
              "Добрый день! Этим занимаюсь я. На какой срок нужна мебель и какой бюджет?")),
            (("Срок до конца месяца. Нужны ещё столы, цвет {colour}", "Бюджет до миллиона, безналичный расчёт"),
             ("Принято, пришлю расчёт {day}.", "Понял. Отправлю предложение на почту сегодня до шести.")),
            (("Получили, обсуждаем с директором", "Спасибо, расчёт устроил. Готовим договор"),
             ("Буду на связи. Условия держим две недели.",)),
        ), 2),
        Scene("гарантия", (
            (("У стола через месяц разошёлся шов. Это гарантия?", "Скрипит {product}, можно вызвать мастера?"),
             ("Да, это гарантийный случай. Пришлите фото и номер заказа, пожалуйста.",
              "Конечно. Мастер может приехать {day}, вам удобно?")),
            (("Номер {order}, фото прикладываю чуть позже", "Удобно после 18:00"),
             ("Записал. Мастер позвонит накануне.",)),
        ), 2),
        Scene("замер", (
            (("Можно заказать замер для шкафа под потолок?", "Делаете шкафы по своим размерам? Город — {city}"),
             ("Да, замер бесплатный. Когда вам удобно?", "Делаем! Запишу на замер {day}, подойдёт?")),
            (("Подойдёт", "Лучше утром"), ("Записал вас, мастер позвонит за час до приезда.",)),
        ), 2),
    ),
    "en": (
        Scene("заказ", (
            (("Hi! Is {product} in stock?", "Hello, do you have {product} in {colour}?"),
             ("Hello! Yes, we have it in {colour}. Shall I put one aside for you?",
              "Hi there! It is in stock, two left.")),
            (("How much is it with delivery to {city}?", "Great, what is the price?"),
             ("{price} with delivery, 5 to 7 days.", "It is {price}. Delivery to {city} is free this week.")),
            (("Perfect, I'll take it", "Let me think about it, thanks"),
             ("Wonderful! I will send the payment link here.", "Of course. We keep it for you until Friday.")),
        ), 4),
        Scene("доставка", (
            (("Where is my order {order}? It was due yesterday", "Can I change the delivery date of {order}?"),
             ("Sorry about that! Let me check with the courier.", "Sure. Which day suits you?")),
            (("Thanks, I'm waiting", "Any day next week works"),
             ("It arrives {day} between 10 and 14. The driver will call you.", "Done: {day} it is.")),
        ), 3),
        Scene("возврат", (
            (("I'd like to return {product}, the colour is not what I expected",
              "One leg of {product} is damaged 😔"),
             ("I am sorry! Please send a photo and we will arrange a pickup.",
              "That should not happen. We will replace it free of charge.")),
            (("Photo sent. How long does the refund take?",), ("Three to five days after we receive it.",)),
        ), 2),
        Scene("оплата", (
            (("My card was declined but the money is gone", "Could you send an invoice for order {order}?"),
             ("The bank holds it for a day, then it comes back. I will watch it for you.",
              "Just sent it to your e-mail.")),
        ), 2),
    ),
}  # fmt: skip

THANKS: Mapping[str, tuple[Variants, Variants]] = {
    "ru": (
        ("Спасибо большое!", "Спасибо, всё понятно", "Благодарю 🙏", "Ок, спасибо", "Супер, спасибо за помощь!"),
        ("Пожалуйста! Пишите, если что-то понадобится.", "Рады помочь!", "Всегда пожалуйста. Хорошего дня!"),
    ),
    "en": (
        ("Thank you!", "Thanks, that helps", "Great, thanks 👍"),
        ("You are welcome!", "Happy to help. Have a nice day!"),
    ),
}
AGAIN: Mapping[str, tuple[Variants, Variants]] = {
    "ru": (
        ("И ещё вопрос: можно забрать самому?", "Добрый день! А самовывоз есть?"),
        ("Да, конечно! Самовывоз со склада каждый день до 20:00.",),
    ),
    "en": (("One more thing: can I pick it up myself?",), ("Sure, our store is open every day until 8 pm.",)),
}
NUDGES: Mapping[str, Variants] = {
    "ru": ("Вы здесь?", "Ау", "Очень жду ответа", "Ответьте, пожалуйста 🙂"),
    "en": ("Are you there?", "Hello?", "Please let me know"),
}
NOTES = (
    "Клиент просит перезвонить после 18:00", "Скидка 5 % согласована с Борисом", "Второй раз за неделю, внимательнее",
    "Склад подтвердил: отгрузка завтра", "Ждём фото от клиента", "Asked for an invoice, accounting is on it",
)  # fmt: skip
DISMISSED = ("благодарность", "ответ не нужен", "реклама", "")

# Where visitors come from: (weight, landing page, referrer). "" and "" is a visit about which nothing is known.
VISITS = (
    (30, "https://domdub.example/?utm_source=yandex&utm_medium=cpc&utm_campaign=столы+из+дуба&yclid=1", "https://yandex.ru/"),
    (14, "https://domdub.example/?utm_source=yandex&utm_medium=cpc&utm_campaign=диваны&yclid=1", "https://yandex.ru/"),
    (12, "https://domdub.example/sale?utm_source=vk&utm_medium=cpc&utm_campaign=распродажа", "https://vk.com/"),
    (6, "https://domdub.example/?utm_source=telegram&utm_medium=post&utm_campaign=дизайнеры", "https://t.me/"),
    (6, "https://domdub.example/en/?utm_source=google&utm_medium=cpc&utm_campaign=oak+tables&gclid=1", "https://www.google.com/"),
    (5, "https://domdub.example/?utm_source=email&utm_medium=newsletter&utm_campaign=осень", ""),
    (18, "https://domdub.example/catalog", "https://yandex.ru/"),
    (9, "https://domdub.example/catalog/beds", "https://www.google.com/"),
    (4, "https://domdub.example/", "https://dzen.ru/"),
    (3, "https://domdub.example/wholesale", "https://interior-blog.example/best-oak"),
    (22, "https://domdub.example/", ""),
)  # fmt: skip
PAGES = (("https://domdub.example/catalog", "Каталог"), ("https://domdub.example/delivery", "Доставка и оплата"),
         ("https://domdub.example/sale", "Распродажа"), ("https://domdub.example/cart", "Корзина"))  # fmt: skip

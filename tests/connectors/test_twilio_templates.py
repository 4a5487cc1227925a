"""Which contents of an account of Twilio are offered as approved templates, and as what."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.contract import ApprovedTemplate, TemplateVariable, Unreachable
from connectors.twilio import CONNECTOR
from connectors.twilio_templates import template_of
from tests.connectors.test_twilio_sending import CHAT, account
from tests.platforms.loopback import Answer
from tests.platforms.twilio import SERVICE, refusal

BODY = "{{1}}, ваш стол готов. Привезём {{2}}?"
LISTED: dict[str, Any] = {
    "sid": "HX7",
    "friendly_name": "order_ready",
    "language": "ru",
    "variables": {"1": "Марина", "2": "в пятницу"},
    "types": {"twilio/text": {"body": BODY}},
    "approval_requests": {
        "name": "order_ready",
        "status": "approved",
        "category": "UTILITY",
        "content_type": "twilio/text",
        "rejection_reason": "",
    },
}
GAPS = (TemplateVariable("body", "1"), TemplateVariable("body", "2"))
READ = ApprovedTemplate("order_ready", "ru", BODY, "utility", variables=GAPS, external_id="HX7")


def listed(kind: str, content: Any, **approval: Any) -> dict[str, Any]:
    """The template with another content."""
    return {
        **LISTED,
        "types": {"twilio/text": {"body": "for SMS"}, kind: content},
        "approval_requests": {**LISTED["approval_requests"], "content_type": kind, **approval},
    }


def test_a_template_is_what_whatsapp_has_approved_of_it() -> None:
    assert template_of(LISTED) == READ
    answers = [{"title": "Да", "id": "yes"}, {"title": "Нет", "id": "no"}]
    replies = template_of(listed("twilio/quick-reply", {"body": "Берёте?", "actions": answers}))
    assert replies is not None
    assert (replies.text, replies.buttons, replies.variables) == ("Берёте?", ("Да", "Нет"), ())
    call = [{"type": "PHONE_NUMBER", "title": "Звонок", "phone": "+12025550100"}]
    card = {"header_text": "Заказ {{1}}", "body": "Заказ {{1}} готов", "footer": "Дубрава", "actions": call}
    shown = template_of(listed("whatsapp/card", card))
    assert shown is not None
    assert (shown.text, shown.footer, shown.buttons) == ("Заказ {{1}}\n\nЗаказ {{1}} готов", "Дубрава", ("Звонок",))
    assert shown.variables == GAPS[:1], "one gap, asked for once"


@pytest.mark.parametrize(
    "raw",
    [
        listed("twilio/text", {"body": BODY}, status="pending"),
        listed("twilio/text", {"body": ""}),
        listed("twilio/card", {"title": "Стол", "media": ["https://shop.example/{{1}}.jpg"]}),
        listed("twilio/call-to-action", {"body": "Сайт", "actions": [{"type": "URL", "title": "x", "url": "h/{{1}}"}]}),
        listed("whatsapp/authentication", {"actions": [{"type": "COPY_CODE", "copy_code_text": "Copy"}]}),
        listed("twilio/text", {"body": BODY}, content_type="twilio/flows"),
        {**LISTED, "approval_requests": None},
        {**LISTED, "types": []},
        {"sid": "HX8"},
        None,
    ],
)
def test_what_texts_alone_cannot_send_is_not_offered(raw: Any) -> None:
    assert template_of(raw) is None


async def test_every_page_is_read_at_the_server_that_was_asked() -> None:
    for sender, found in ((CHAT["sender"], [READ, READ]), (SERVICE, [READ, READ]), ("+12025550100", [])):
        async with account(sender=sender) as (platform, line):
            platform.contents = [LISTED, {"sid": "HX8"}, LISTED]
            assert list(await CONNECTOR.approved_templates(line.config, line.net)) == found
            if found:
                platform.answers(refusal(20003, 403))
                with pytest.raises(Unreachable, match="does not show"):
                    await CONNECTOR.approved_templates(line.config, line.net)
                platform.answers(Answer(200, b"[]"))
                with pytest.raises(Unreachable):
                    await CONNECTOR.approved_templates(line.config, line.net)

"""Leads of VK that are no messages: filled forms of advertisements, and orders in the community's shop. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.contract import Card, CardKind, InboundEvent, MessageReceived, Profile, Referral
from connectors.unshown import kind_name
from connectors.vk_wire import Lead, LeadAnswer, Order, OrderItem
from connectors.wire import each, moment

Events = tuple[InboundEvent, ...]


def lead(body: Any, now: datetime) -> Events:
    """A filled lead form of an advertisement: the client's words, and their phone and e-mail."""
    filled = Lead.model_validate(body)
    answers = list(each(LeadAnswer, filled.answers))
    told = {answer.key: answer.answer for answer in answers if answer.key and answer.answer}
    name = " ".join(part for part in (told.get("first_name"), told.get("last_name")) if part)
    lines = [f"{answer.question or answer.key or ''}: {answer.answer or ''}".removeprefix(": ") for answer in answers]
    phone, email = told.get("phone_number") or told.get("phone") or "", told.get("email") or ""
    source = Referral(
        kind="ad",
        source="vk",
        campaign=(filled.form_name or "")[:200],
        ad_id=str(filled.ad_id) if filled.ad_id else "",
        confidence="ad",
    )
    said = MessageReceived(
        address=str(filled.user_id),
        external_id=f"{filled.user_id}:lead-{filled.lead_id}",
        text="\n".join([filled.form_name or "", *lines]).strip(),
        at=now,
        profile=Profile(name=name, phone=phone[:64], email=email[:200], wanted=True),
        referral=source,
        unsupported=None if filled.form_name or lines else kind_name("lead form"),
    )
    return (said,)


def ordered(body: Any, now: datetime) -> Events:
    """An order in the community's shop."""
    order = Order.model_validate(body)
    cost = order.total_price.text or "" if order.total_price else ""
    lines = [
        f"{item.title} × {item.quantity}" if item.quantity and item.quantity > 1 else item.title
        for item in each(OrderItem, order.preview_order_items)
        if item.title
    ]
    number = order.display_order_id or str(order.id)
    who = order.recipient
    said = MessageReceived(
        address=str(order.user_id),
        external_id=f"{order.user_id}:order-{order.id}",
        text=order.comment or "",
        at=moment(order.date) or now,
        profile=Profile(phone=(who.phone or "")[:64] if who else "", wanted=True),
        referral=Referral(kind="listing", source="vk", content=lines[0][:200], confidence="ad") if lines else None,
        cards=(Card(CardKind.LISTING, f"№ {number[:60]}", "\n".join([*lines[:20], cost]).strip()),),
    )
    return (said,)

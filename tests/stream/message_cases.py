"""What arrives and what is answered: messages, statuses, files."""

from __future__ import annotations

from collections.abc import AsyncIterator

from sqlalchemy import select

from connectors.contract import (
    Card,
    CardKind,
    ChannelMisconfigured,
    ContactStopped,
    ContactStoppedUs,
    Echo,
    Media,
    MediaKind,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Profile,
    Reacted,
    Referral,
    Rejected,
    Started,
    StatusChanged,
    Unreachable,
)
from inbox.actions.activity import record_activity
from inbox.actions.attach import attach_media, copy_files, take_uploads, upload
from inbox.actions.channels import set_channel_state
from inbox.actions.contacts import take_shared_phone
from inbox.actions.deliver import Owed, claim_deliveries, mark_failed, mark_sent
from inbox.actions.events import record
from inbox.actions.fetched import PendingFile, claim_files, keep_file, put_off_file
from inbox.actions.ingest import RawRequest, ingest, replayed
from inbox.actions.meet import meet
from inbox.actions.parts import join_album, keep_cards
from inbox.actions.receive import receive
from inbox.actions.receive_changes import receive_event
from inbox.actions.reply import Draft, note, reply
from inbox.actions.reply_templates import TemplateDraft, save_template
from inbox.actions.retry import confirm_arrived, retry_delivery
from inbox.actions.touch import lead_source, touch
from inbox.actions.turns import client_wrote, close_turn
from inbox.models import Delivery, Inbound, Message
from inbox.rules.permissions import Actor
from inbox.runtime.blobs import StoredBlob
from tests.stream.cases import shows
from tests.stream.stage import Stage

PICTURE = StoredBlob("b" * 64, 1234, "image/png", "image", 40, 30)
SYSTEM = Actor.system()


async def owed(stage: Stage) -> Owed:
    """An answer of ours, claimed by the worker that the test plays."""
    message_id = await stage.world.agent_replies(stage.dialog, "Тысячу рублей.")
    claimed = await stage.world.write(claim_deliveries, SYSTEM)
    return next(item for item in claimed if item.message_id == message_id)


async def delivery(stage: Stage, message_id: int) -> int:
    """The delivery of a message."""
    return int((await stage.world.rows(select(Delivery.id).where(Delivery.message_id == message_id)))[0][0])


async def external_id(stage: Stage, message_id: int) -> str:
    """A message's id on the channel."""
    return str((await stage.world.rows(select(Message.external_id).where(Message.id == message_id)))[0][0])


async def awaited_file(stage: Stage) -> PendingFile:
    """A picture that the client sent and that is still with the platform."""
    await stage.writes("", media=(Media(MediaKind.IMAGE, "cat.png", "image/png", 1234, ref="cat"),))
    return (await stage.world.write(claim_files, SYSTEM))[-1]


@shows(receive, client_wrote, record)
async def a_client_asks_again(stage: Stage) -> AsyncIterator[None]:
    await stage.world.agent_replies(stage.dialog)
    yield
    await stage.writes("И ещё вопрос")


@shows(receive)
async def a_burst_goes_on(stage: Stage) -> AsyncIterator[None]:
    yield
    await stage.writes("Алло?")


@shows(receive, meet)
async def a_stranger_writes(stage: Stage) -> AsyncIterator[None]:
    yield
    await stage.writes("Здравствуйте", f"stranger-{stage.number}", profile=Profile(name="Новый клиент"))


@shows(receive, record_activity)
async def a_resolved_dialog_is_reopened(stage: Stage) -> AsyncIterator[None]:
    from inbox.actions.resolve import resolve

    await stage.do(resolve, stage.dialog)
    yield
    await stage.writes("Я ещё тут")


@shows(receive)
async def a_snoozed_dialog_wakes(stage: Stage) -> AsyncIterator[None]:
    from datetime import timedelta

    from inbox.actions.resolve import snooze

    await stage.do(snooze, stage.dialog, stage.world.clock.now() + timedelta(hours=3))
    yield
    await stage.writes("Я ещё тут")


@shows(receive)
async def a_new_dialog_of_the_same_client(stage: Stage) -> AsyncIterator[None]:
    from inbox.actions.resolve import resolve

    await stage.do(resolve, stage.dialog)
    await stage.later(hours=3)
    yield
    await stage.writes("Через три часа")


@shows(receive, touch, lead_source)
async def a_new_source_brings_a_client(stage: Stage) -> AsyncIterator[None]:
    yield
    advert = Referral(source=f"vesna-{stage.number}", medium="cpc", campaign="spring")
    await stage.writes("По рекламе", f"advert-{stage.number}", referral=advert)


@shows(receive)
async def a_client_comes_by_another_advert(stage: Stage) -> AsyncIterator[None]:
    yield
    await stage.writes("Снова я", referral=Referral(source="google", medium="cpc", campaign="winter"))


@shows(receive)
async def a_client_answers_a_message(stage: Stage) -> AsyncIterator[None]:
    yield
    await stage.writes("Вот это", reply_to=await external_id(stage, stage.question))


@shows(receive)
async def a_client_sends_what_we_cannot_show(stage: Stage) -> AsyncIterator[None]:
    yield
    await stage.writes("", unsupported="sticker")


@shows(receive)
async def a_message_comes_late(stage: Stage) -> AsyncIterator[None]:
    from datetime import timedelta

    yield
    await stage.writes("Вчерашнее", at=stage.world.clock.now() - timedelta(days=1))


@shows(receive, meet)
async def a_client_becomes_known(stage: Stage) -> AsyncIterator[None]:
    yield
    await stage.writes("Это я", profile=Profile(phone="+79161234567", attributes={"city": "Тула"}))


@shows(meet)
async def only_an_own_field_becomes_known(stage: Stage) -> AsyncIterator[None]:
    yield
    known = Profile(name="Марина", attributes={"city": "Тверь"})
    await stage.world.write(meet, stage.world_channel, stage.world.channel_id, stage.address, known)


@shows(receive_event, touch)
async def a_client_starts_again_by_an_advert(stage: Stage) -> AsyncIterator[None]:
    yield
    await stage.told(Started(stage.address, referral=Referral(source="vk", campaign="repeat")))


@shows(receive_event)
async def a_client_edits(stage: Stage) -> AsyncIterator[None]:
    yield
    await stage.told(MessageEdited(await external_id(stage, stage.question), "А сколько стоит доставка?"))


@shows(receive_event)
async def a_client_deletes(stage: Stage) -> AsyncIterator[None]:
    yield
    await stage.told(MessageDeleted(await external_id(stage, stage.question)))


@shows(receive_event)
async def a_quoted_message_is_edited(stage: Stage) -> AsyncIterator[None]:
    await stage.writes("Вот это", reply_to=await external_id(stage, stage.question))
    await stage.writes("Первое")
    await stage.writes("Второе")
    yield
    await stage.told(MessageEdited(await external_id(stage, stage.question), "А сколько стоит доставка?"))


@shows(receive_event)
async def a_quoted_message_is_deleted(stage: Stage) -> AsyncIterator[None]:
    await stage.writes("Вот это", reply_to=await external_id(stage, stage.question))
    await stage.writes("Первое")
    yield
    await stage.told(MessageDeleted(await external_id(stage, stage.question)))


@shows(receive_event)
async def a_person_answers_in_the_channels_app(stage: Stage) -> AsyncIterator[None]:
    yield
    await stage.told(Echo(stage.address, f"echo-{stage.number}", "Отвечаю с телефона"))


@shows(receive_event)
async def a_client_stops_us(stage: Stage) -> AsyncIterator[None]:
    yield
    await stage.told(ContactStoppedUs(stage.address, stopped=True))


@shows(receive_event)
async def a_client_lets_us_in_again(stage: Stage) -> AsyncIterator[None]:
    await stage.told(ContactStoppedUs(stage.address, stopped=True))
    yield
    await stage.told(ContactStoppedUs(stage.address, stopped=False))


@shows(receive_event, mark_sent)
async def everything_is_read_up_to_here(stage: Stage) -> AsyncIterator[None]:
    """The watermark reaches into the earlier dialog, whose page must show it too."""
    await stage.world.agent_replies(stage.dialog, "Тысячу рублей.")
    last = await stage.deliver()
    yield
    await stage.told(StatusChanged(last, "read", address=stage.address, watermark=True))


@shows(receive_event)
async def the_platform_refuses_later(stage: Stage) -> AsyncIterator[None]:
    item = await owed(stage)
    await stage.world.write(mark_sent, SYSTEM, item, ["refused"])
    yield
    await stage.told(StatusChanged("refused", "failed", error="The person cannot be reached."))


@shows(ingest)
async def a_platforms_request(stage: Stage) -> AsyncIterator[None]:
    yield
    raw = RawRequest(f"raw-{stage.number}", {}, b"{}", stage.world.clock.now())
    event = MessageReceived(stage.address, f"raw-{stage.number}", "Из запроса")
    await stage.world.write(ingest, stage.world_channel, stage.world.channel_id, raw, [event])


@shows(replayed)
async def a_kept_request_is_read_again(stage: Stage) -> AsyncIterator[None]:
    raw = RawRequest(f"kept-{stage.number}", {}, b"{", stage.world.clock.now())
    await stage.world.write(ingest, stage.world_channel, stage.world.channel_id, raw, [], "broken")
    kept = (await stage.world.rows(select(Inbound.id).order_by(Inbound.id.desc())))[0][0]
    yield
    event = MessageReceived(stage.address, f"kept-{stage.number}", "Прочитано снова")
    await stage.do(replayed, kept, [event], None, by="Вера")


@shows(reply, close_turn)
async def an_agent_answers(stage: Stage) -> AsyncIterator[None]:
    yield
    await stage.world.agent_replies(stage.dialog, "Тысячу рублей.")


@shows(reply)
async def an_agent_answers_a_resolved_dialog(stage: Stage) -> AsyncIterator[None]:
    from inbox.actions.resolve import resolve

    await stage.do(resolve, stage.dialog)
    yield
    await stage.world.agent_replies(stage.dialog, "Добавлю ещё.", name="Глеб")


@shows(reply, copy_files)
async def an_agent_answers_with_a_template_and_its_file(stage: Stage) -> AsyncIterator[None]:
    draft = TemplateDraft("Прайс", f"price-{stage.number}", "Прайс", personal=False, files=((PICTURE, "price.png"),))
    template = await stage.do(save_template, None, draft, by="Вера")
    yield
    answer = Draft(f"tpl-{stage.number}", "Прайс", 10**9, reply_template_id=template)
    await stage.do(reply, stage.dialog, answer)


@shows(reply, upload, take_uploads)
async def an_agent_sends_a_file_and_quotes(stage: Stage) -> AsyncIterator[None]:
    token = await stage.world.write(upload, PICTURE, "cat.png", agent_id=stage.anna)
    yield
    draft = Draft(f"file-{stage.number}", "", 10**9, upload_tokens=(token,), reply_to_id=stage.question)
    await stage.do(reply, stage.dialog, draft)


@shows(note)
async def an_agent_notes_and_mentions(stage: Stage) -> AsyncIterator[None]:
    yield
    draft = Draft(f"note-{stage.number}", "@Глеб, посмотри")
    await stage.do(note, stage.dialog, draft, [stage.gleb])


@shows(mark_sent)
async def an_answer_is_sent(stage: Stage) -> AsyncIterator[None]:
    item = await owed(stage)
    yield
    await stage.world.write(mark_sent, SYSTEM, item, [f"sent-{item.delivery_id}"])


@shows(mark_failed)
async def an_answer_is_refused(stage: Stage) -> AsyncIterator[None]:
    item = await owed(stage)
    yield
    await stage.world.write(mark_failed, SYSTEM, item, Rejected("No."), idempotent=False)


@shows(mark_failed)
async def nobody_knows_whether_it_arrived(stage: Stage) -> AsyncIterator[None]:
    item = await owed(stage)
    yield
    await stage.world.write(mark_failed, SYSTEM, item, Unreachable("Cut.", maybe_sent=True), idempotent=False)


@shows(mark_failed)
async def the_client_turns_out_to_have_stopped_us(stage: Stage) -> AsyncIterator[None]:
    item = await owed(stage)
    yield
    await stage.world.write(mark_failed, SYSTEM, item, ContactStopped("Blocked."), idempotent=False)


@shows(mark_failed, set_channel_state)
async def the_channel_turns_out_to_be_broken(stage: Stage) -> AsyncIterator[None]:
    item = await owed(stage)
    yield
    await stage.world.write(mark_failed, SYSTEM, item, ChannelMisconfigured("Token."), idempotent=False)
    await stage.world.write(set_channel_state, SYSTEM, stage.world.channel_id, "ok", None)


@shows(retry_delivery)
async def an_agent_tries_again(stage: Stage) -> AsyncIterator[None]:
    item = await owed(stage)
    await stage.world.write(mark_failed, SYSTEM, item, Rejected("No."), idempotent=False)
    yield
    await stage.do(retry_delivery, item.delivery_id)


@shows(confirm_arrived)
async def an_agent_believes_that_it_arrived(stage: Stage) -> AsyncIterator[None]:
    item = await owed(stage)
    await stage.world.write(mark_failed, SYSTEM, item, Unreachable("Cut.", maybe_sent=True), idempotent=False)
    yield
    await stage.do(confirm_arrived, item.delivery_id)


@shows(attach_media)
async def a_client_sends_a_picture(stage: Stage) -> AsyncIterator[None]:
    yield
    await awaited_file(stage)


@shows(keep_file)
async def a_picture_is_here(stage: Stage) -> AsyncIterator[None]:
    file = await awaited_file(stage)
    yield
    await stage.world.write(keep_file, SYSTEM, file, PICTURE)


@shows(put_off_file)
async def a_picture_will_never_come(stage: Stage) -> AsyncIterator[None]:
    file = await awaited_file(stage)
    yield
    await stage.world.write(put_off_file, SYSTEM, file, "Gone.", final=True)


@shows(receive_event)
async def a_client_reacts(stage: Stage) -> AsyncIterator[None]:
    yield
    await stage.told(Reacted(await external_id(stage, stage.question), "👍"))


@shows(join_album)
async def an_album_grows(stage: Stage) -> AsyncIterator[None]:
    picture = (Media(MediaKind.IMAGE, "cat.png", "image/png", 1234, ref="cat"),)
    await stage.writes("Смотрите", media=picture, group=f"album-{stage.number}")
    yield
    arrived = MessageReceived(stage.address, f"al-{stage.number}", media=picture, group=f"album-{stage.number}")
    await stage.told(arrived)


@shows(keep_cards, take_shared_phone)
async def a_shared_phone_goes_into_the_card(stage: Stage) -> AsyncIterator[None]:
    card = Card(CardKind.PERSON, "Марина", phone="+79161234567")
    message_id = await stage.writes("", cards=(card,))
    yield
    await stage.do(take_shared_phone, message_id)

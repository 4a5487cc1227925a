"""A mailbox: letters come by IMAP and answers go by SMTP.

Nothing is marked as seen in the mailbox, and answers that people write in their mail program come in as theirs (from
the folder of sent letters). docs/channels/email.md says how to connect each service.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from connectors.contract import (
    Capabilities,
    ChannelMisconfigured,
    Connector,
    Health,
    MediaKind,
    Net,
    Original,
    Outgoing,
    Parsed,
    Polled,
    Rejected,
    Request,
    SendError,
    Unauthorized,
    fact,
)
from connectors.email_compose import compose, recipients
from connectors.email_config import PROVIDERS, Config
from connectors.email_fetch import Watched, look, sent_folder
from connectors.email_imap import Imap, Refused, to_wire
from connectors.email_letter import content, header, parts, unwrap_letter
from connectors.email_names import ids, is_report, message_id
from connectors.email_read import MAX_TEXT, original_of, read_letter
from connectors.email_sessions import reading, sending

# The services take letters of 25 MB; base64 makes files a third larger.
MAX_FILE = 18 << 20


def verify(request: Request, config: Config) -> None:
    """Nobody posts letters to us: only what we fetched ourselves is let in."""
    if request.method != "POLL":
        raise Unauthorized


def parse(request: Request, config: Config) -> Parsed:
    """Read a letter of the journal. Raises BadPayload."""
    letter = unwrap_letter(request.body)
    names = ids(header(letter.mail, "Message-ID"))
    ours = letter.role == "sent" and bool(names) and is_report(names[0], config.address)
    events = () if ours else read_letter(letter, config.address)
    senders = header(letter.mail, "From").lower()
    # The same letter in two folders is one; another sender with the same Message-ID is another letter.
    key = f"{letter.role} {names[0]} {senders}" if names else f"{letter.folder} {letter.validity}.{letter.uid}"
    return Parsed(events, dedupe_key=key[:300])


def original(request: Request, config: Config) -> Original:
    """The whole letter of the journal. Raises BadPayload."""
    return original_of(unwrap_letter(request.body))


def inline_media(request: Request, config: Config, ref: str) -> bytes | None:
    """The bytes of a file of a letter."""
    number = ref.removeprefix("part:")
    for position, part in parts(unwrap_letter(request.body).mail):
        if str(position) == number:
            return content(part)
    raise Rejected("The file is not in the letter.")


async def send(outgoing: Outgoing, config: Config, net: Net) -> Sequence[str]:
    """Hand one letter over; its Message-ID is its external id."""
    letter = await compose(outgoing, config.address, config.sender_name, config.signature, plus=config.plus)
    async with sending(config, net) as session:
        await session.submit(config.address, recipients(outgoing), letter)
    name = message_id(outgoing.dedup_key, config.address)
    await _keep_copy(config, net, name, letter)
    return (name,)


async def _keep_copy(config: Config, net: Net, name: str, letter: bytes) -> None:
    """Put what went out into the folder of sent letters, where the service does not do that by itself.

    The client has the letter already: whatever goes wrong here is no trouble of the message.
    """
    known = PROVIDERS.get(config.provider)
    if not config.sent_folder or (known is not None and known.keeps_sent):
        return
    with contextlib.suppress(SendError, TimeoutError, Refused):
        async with reading(config, net) as mailbox:
            await mailbox.examine(config.sent_folder)
            if not await mailbox.search(f'HEADER Message-ID "{name}"'):
                await mailbox.append(config.sent_folder, letter)


async def poll(config: Config, cursor: str | None, net: Net) -> Polled:
    """New letters of the folders, and those that people sent from their mail program."""
    watched = [Watched(to_wire(name), "in") for name in config.folders]
    if config.sent_folder:
        watched.append(Watched(config.sent_folder, "sent"))
    async with reading(config, net) as mailbox:
        return await look(mailbox, watched, cursor)


async def connect(config: Config, url: str, net: Net) -> Config:
    """Try both servers and the folders, and find where sent letters are kept."""
    async with reading(config, net) as mailbox:
        await _check_folders(config, mailbox)
        found = sent_folder(await mailbox.folders())
    async with sending(config, net):
        pass
    return config.model_copy(update={"sent_folder": found})


async def check(config: Config, net: Net) -> Health:
    """Sign in to both servers and look at the folders."""
    async with reading(config, net) as mailbox:
        count = await _check_folders(config, mailbox)
    async with sending(config, net):
        pass
    return Health("ok", "", (fact("Mailbox", config.address), fact("Letters in the first folder", str(count))))


async def _check_folders(config: Config, mailbox: Imap) -> int:
    """How many letters are in the first folder; raises ChannelMisconfigured when a folder is not there."""
    counts = []
    for name in config.folders:
        try:
            counts.append((await mailbox.examine(to_wire(name))).count)
        except Refused as refusal:
            raise ChannelMisconfigured("A folder of this channel is not in the mailbox.") from refusal
    return counts[0] if counts else 0


def account(config: Config) -> str:
    """One mailbox is one channel."""
    return config.address


CONNECTOR = Connector(
    kind="email",
    title="E-mail",
    icon='<path d="M2.500 4h11v8h-11zM2.500 4.500 8 9l5.500-4.500"/>',
    colour="#b45309",
    config=Config,
    secrets=frozenset({"password", "oauth_client_secret", "oauth_refresh_token"}),
    capabilities=Capabilities(
        max_text=MAX_TEXT,
        media=dict.fromkeys(MediaKind, MAX_FILE),
        receipts=True,
        letters=True,
    ),
    verify=verify,
    parse=parse,
    send=send,
    connect=connect,
    check=check,
    poll=poll,
    account=account,
    inline_media=inline_media,
    original=original,
)

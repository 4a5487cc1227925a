"""What a person wrote in an answer, without the letter that they answered: Russian and English mailers.

Every pattern is anchored to one line and has no nested repetition, so that the time is linear in the text.
"""

from __future__ import annotations

import re

# Lines of the head of a quoted letter may be wrapped: a header is looked for in so many lines together.
WRAPPED_LINES = 4
MAX_HEADER_LINE = 400

_SAYS = r"(?:пишет|пишут|написал|написала|написал\(а\)|писал|писала|писали|писал\(а\)|wrote)"
_DAY = (
    r"(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d{2}-\d{2}|\d{1,2}\s+[а-яa-z]{3,9}\.?,?\s+\d{4}"
    r"|[a-z]{3,9}\.?\s+\d{1,2},?\s+\d{4})"
)
_HEADERS = (
    # Gmail and phones say: On Mon, May 5, 2025 at 10:12 AM Anna <a@b> wrote, or 5 мая 2025 г., Анна <a@b> написал(а).
    re.compile(rf"^.{{0,40}}?{_DAY}.{{0,300}}?\b{_SAYS}:?$", re.IGNORECASE),
    # Gmail in Russian and Yandex say: пн, 5 мая 2025 г. в 10:12, Анна <a@b.ru>, or 05.05.2025, 10:12, Анна <a@b.ru>.
    re.compile(rf"^.{{0,20}}?{_DAY}.{{0,200}}?<?[^\s<>@]{{1,64}}@[^\s<>@]{{1,200}}>?\)?:$", re.IGNORECASE),
    # Mail.ru says: Понедельник, 5 мая 2025, 10:12 +03:00 от Анна <a@b.ru>.
    re.compile(rf"^.{{0,20}}?{_DAY}.{{0,60}}? от .{{0,200}}:$", re.IGNORECASE),
)
# Thunderbird, The Bat: "Анна пишет:", "Вы писали 5 мая 2025 г., 10:12:"; a head only where quoted lines follow.
_SAID = re.compile(rf"^[^.!?]{{2,120}}? {_SAYS}(?: {_DAY}.{{0,60}})?:$", re.IGNORECASE)
_BEGINS = re.compile(rf"^.{{0,40}}?{_DAY}", re.IGNORECASE)
_SEPARATOR = re.compile(
    r"^[-_*]{2,}\s*(?:original message|исходное сообщение|оригинальное сообщение|ответ на сообщение|reply message"
    r"|original appointment)\s*[-_*]{0,20}$",
    re.IGNORECASE,
)
_LINE = re.compile(r"^[_-]{20,}$")
# The block of Outlook and of phones: at least a sender and one more of these lines.
_FROM = re.compile(r"^\*?(?:From|От|От кого|Отправитель)\*?:\*?\s*\S", re.IGNORECASE)
_FIELD = re.compile(
    r"^\*?(?:From|Sent|To|Cc|Subject|Date|Reply-To|От|От кого|Отправлено|Дата|Кому|Копия|Тема)\*?:\*?", re.IGNORECASE
)
_FORWARD = re.compile(
    r"^(?:-{2,}\s*)?(?:forwarded message|begin forwarded message|пересылаемое сообщение|пересланное сообщение"
    r"|начало переадресованного сообщения|конец пересылаемого сообщения)\s*:?\s*-*$",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"^(?:sent from (?:my |mail for ).{1,60}|отправлено (?:с|из|от) .{1,80}|get outlook for .{1,40})$", re.IGNORECASE
)


def written(text: str) -> str:
    """The new words of a letter; the whole text when nothing would be left. A forwarded letter is kept."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\u00a0", " ").split("\n")]
    end = _end_of_words(lines)
    kept = _without_tail(lines[:end])
    return "\n".join(kept).strip("\n") or text.strip()


def _end_of_words(lines: list[str]) -> int:
    """Where the answered letter begins; the number of lines when it is not there."""
    for index, line in enumerate(lines):
        bare = line.strip()
        if _FORWARD.match(bare):
            return len(lines)
        if not bare or bare.startswith(">"):
            continue
        if bare == "--" or _SEPARATOR.match(bare):
            return index
        if _is_block(lines, index) or (_LINE.match(bare) and _is_block(lines, _next(lines, index + 1))):
            return index
        length = _header_length(lines, index)
        if length and not _is_answered_between(lines[index + length :]):
            return index
    return len(lines)


def _header_length(lines: list[str], index: int) -> int:
    """How many lines the head of a quote takes here; 0 for none."""
    joined = ""
    for length, line in enumerate(lines[index : index + WRAPPED_LINES], start=1):
        bare = line.strip()
        if not bare or bare.startswith(">"):
            return 0
        joined = f"{joined} {bare}".strip()
        if len(joined) > MAX_HEADER_LINE:
            return 0
        if joined.endswith(":") or joined.lower().endswith("wrote"):
            begins_well = length == 1 or _BEGINS.match(lines[index].strip()) is not None
            if begins_well and any(pattern.match(joined) for pattern in _HEADERS):
                return length
            below = _next(lines, index + length)
            return (
                length
                if length == 1 and below < len(lines) and lines[below].startswith(">") and _SAID.match(joined)
                else 0
            )
    return 0


def _is_block(lines: list[str], index: int) -> bool:
    """Whether a block of From, Sent, To, Subject begins here."""
    if index >= len(lines) or not _FROM.match(lines[index].strip()):
        return False
    following = [line.strip() for line in lines[index + 1 : index + 8] if line.strip()]
    return sum(bool(_FIELD.match(line)) for line in following[:5]) >= 1 and _FIELD.match(following[0]) is not None


def _next(lines: list[str], index: int) -> int:
    while index < len(lines) and not lines[index].strip():
        index += 1
    return index


def _is_answered_between(lines: list[str]) -> bool:
    """Whether words stand between or below the quoted lines: then they are the answer, and the quotes belong to it."""
    quoted = [index for index, line in enumerate(lines) if line.startswith(">")]
    if not quoted:
        return False
    first = _next(lines, 0)
    # Unquoted words right below the head are the old letter of a mailer that marks nothing.
    if not lines[first].startswith(">"):
        return False
    below = [line for line in lines[quoted[0] :] if line.strip() and not line.startswith(">")]
    return any(not _PHONE.match(line.strip()) and line.strip() != "--" for line in below)


def _without_tail(lines: list[str]) -> list[str]:
    """Without quoted lines, a phone's advertisement and empty lines at the end."""
    kept = list(lines)
    while kept and (not kept[-1].strip() or kept[-1].startswith(">") or _PHONE.match(kept[-1].strip())):
        kept.pop()
    return kept

"""What refusals of the Graph API mean, as one of the SendError family with words for the agent.

Sources: https://developers.facebook.com/docs/graph-api/guides/error-handling,
https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes,
https://developers.facebook.com/docs/messenger-platform/error-codes; each channel adds its own table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.contract import ChannelMisconfigured, Rejected, SendError, Throttled, Unreachable, with_detail

# (code, subcode or None for any) and what it means.
Meanings = Mapping[tuple[int, int | None], Callable[[], SendError]]

LONGEST_WORDS = 300
# Failures of a server before the one that carries requests out.
_NOT_TAKEN = frozenset({502, 503})


def _whole_account() -> SendError:
    return Throttled("Meta asks to send more slowly.", 60.0, everybody=True)


def _signed_out() -> SendError:
    return ChannelMisconfigured("Meta does not accept the access token any more. Make a new one and save it.")


def _not_allowed() -> SendError:
    return ChannelMisconfigured("The access token lacks a permission that this channel needs.")


COMMON: Meanings = {
    (1, None): lambda: Unreachable("Meta failed for a moment.", maybe_sent=True),
    (2, None): lambda: Unreachable("Meta failed for a moment."),
    (4, None): _whole_account,
    (17, None): _whole_account,
    (32, None): _whole_account,
    (613, None): _whole_account,
    (80007, None): _whole_account,
    (0, None): _signed_out,
    (102, None): _signed_out,
    (190, None): _signed_out,
    (3, None): _not_allowed,
    (10, None): _not_allowed,
    **{(code, None): _not_allowed for code in range(200, 300)},
    (368, None): lambda: ChannelMisconfigured("Meta has blocked this account for a while: see its quality page."),
    (2200, None): lambda: ChannelMisconfigured(
        "Meta cannot reach this server: check its domain, certificate and port 443."
    ),
}


def refusal(status: int, error: Mapping[str, Any], retry_after: str, meanings: Meanings) -> SendError:
    """The meaning of a refusal: by its code where that is known, else by the status of HTTP."""
    found = meaning(error, meanings)
    if found is not None:
        return found
    if status == 429:
        wait = float(retry_after) if retry_after.isascii() and retry_after.isdecimal() else None
        return Throttled("Meta asks to send more slowly.", wait, everybody=True)
    if status in (401, 403):
        return _signed_out()
    if status >= 500 or error.get("is_transient") is True:
        return Unreachable("Meta failed for a moment.", maybe_sent=status not in _NOT_TAKEN)
    return Rejected(with_detail("Meta refuses this message.", words_of(error)))


def meaning(error: Mapping[str, Any], meanings: Meanings) -> SendError | None:
    """What an error of Meta's means, by its code and subcode; None when neither is known."""
    code, subcode = error.get("code"), error.get("error_subcode")
    if type(code) is not int:
        return None
    for table in (meanings, COMMON):
        made = table.get((code, subcode if type(subcode) is int else None)) or table.get((code, None))
        if made is not None:
            return made()
    return None


def words_of(error: Mapping[str, Any]) -> str:
    """Meta's own words, the most telling ones first; "" when there are none."""
    details = error.get("error_data")
    told = [details.get("details")] if isinstance(details, dict) else []
    told += [error.get(name) for name in ("error_user_msg", "message", "title")]
    return next((text.strip()[:LONGEST_WORDS] for text in told if isinstance(text, str) and text.strip()), "")

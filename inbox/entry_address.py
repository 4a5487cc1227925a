"""The platform's own link into a channel."""

from __future__ import annotations

from pydantic import ValidationError

import connectors
from inbox.queries.entry_links import Way
from inbox.runtime.secrets import Vault, WrongKey


def entry_address(vault: Vault, way: Way, token: str) -> str:
    """A link that opens the channel with this token; "" when the account has none or its settings do not fit."""
    declared = connectors.find(way.kind)
    if declared.entry_url is None:
        return ""
    try:
        return declared.entry_url(declared.config.model_validate(vault.unlock(way.config)), token)
    except (ValidationError, WrongKey):
        return ""

"""What every part of the work on channels is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

import connectors
from connectors.contract import ChannelMisconfigured
from inbox.rules.texts import N_
from inbox.runtime.blobs import Blobs
from inbox.runtime.bus import Bus
from inbox.runtime.clock import Clock
from inbox.runtime.database import Database
from inbox.runtime.net import GuardedNet
from inbox.runtime.secrets import Vault
from inbox.settings import Settings


@dataclass(frozen=True, slots=True)
class Equipment:
    """The database, the network and the rest; the composition root makes it once."""

    database: Database
    bus: Bus
    clock: Clock
    net: GuardedNet
    vault: Vault
    blobs: Blobs
    settings: Settings

    def config(self, kind: str, locked: dict[str, Any]) -> Any:
        """A channel's configuration, unlocked and checked by its declaration; raises ChannelMisconfigured."""
        try:
            return connectors.find(kind).config.model_validate(self.vault.unlock(locked))
        except ValidationError as error:
            # A newer version may ask for more than what was stored; the words must not quote what is there.
            words = N_("The settings of this channel are not complete. Open them, fill in what is missing and save.")
            raise ChannelMisconfigured(words) from error

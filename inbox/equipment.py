"""What every part of the work on channels is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

import connectors
from connectors.contract import AnyConnector, ChannelMisconfigured
from inbox.rules.texts import N_
from inbox.runtime.blobs import Blobs
from inbox.runtime.bus import Bus
from inbox.runtime.clock import Clock
from inbox.runtime.database import Database
from inbox.runtime.net import GuardedNet
from inbox.runtime.secrets import Vault, WrongKey
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

    def config(self, kind: str, locked: Mapping[str, Any]) -> Any:
        """A channel's configuration, unlocked and checked by its declaration; raises ChannelMisconfigured."""
        return usable_config(self.vault, kind, locked)[1]


def usable_config(vault: Vault, kind: str, locked: Mapping[str, Any]) -> tuple[AnyConnector, Any]:
    """The declaration and the checked configuration of a stored channel; raises ChannelMisconfigured in words."""
    try:
        declared = connectors.find(kind)
        return declared, declared.config.model_validate(vault.unlock(locked))
    except connectors.UnknownConnector as error:
        raise ChannelMisconfigured(N_("The connector of this channel is not installed.")) from error
    except WrongKey as error:
        words = N_("The secrets of this channel were encrypted with another key. Enter them again and save.")
        raise ChannelMisconfigured(words) from error
    except ValidationError:
        # A newer version may ask for more than what was stored; neither words nor cause may quote what is there.
        words = N_("The settings of this channel are not complete. Open them, fill in what is missing and save.")
        raise ChannelMisconfigured(words) from None

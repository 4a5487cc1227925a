"""The omnichannel inbox: every place a client writes from, one queue, timed answers."""

from __future__ import annotations

__version__ = "0.1.0"

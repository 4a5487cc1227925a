"""What the migration to moments makes of dialogs that an older version kept."""

from __future__ import annotations

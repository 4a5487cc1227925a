"""What a start has made is out of the collector's sight."""

from __future__ import annotations

import gc

from inbox.runtime.garbage import YOUNG, settle


def test_what_stands_is_not_looked_through_again() -> None:
    before = gc.get_threshold()
    try:
        settle()
        assert gc.get_threshold()[0] == YOUNG
        frozen = gc.get_freeze_count()
        assert frozen > 10_000
        assert len(gc.get_objects()) < frozen / 10
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)

"""Fixtures for all tests live in tests/*_fixtures.py."""

from __future__ import annotations

pytest_plugins = [
    "tests.servers_fixtures",
    "tests.world_fixtures",
    "tests.widget_fixtures",
    "tests.desk_fixtures",
    "tests.chromium_fixtures",
]

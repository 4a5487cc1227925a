"""A start loads what every page needs and nothing else: each of these costs memory at rest and time to the first page."""

from __future__ import annotations

import subprocess
import sys

from inbox.web.channel_looks import colours_version

# Connectors come when their channel does; the others when somebody asks for what only they can do.
_NOT_AT_START = (
    "argon2", "asyncpg", "connectors.api", "connectors.telegram", "cryptography", "PIL", "filetype", "nh3", "numpy",
    "phonenumbers", "prometheus_client", "segno", "snowballstemmer", "sqlalchemy.dialects.postgresql", "sqlalchemy.ext.asyncio",
    "sqlalchemy.orm", "tomllib", "xlsxwriter",
)  # fmt: skip
_ASKED = """
import sys
import inbox.app
from inbox.web.template_words import template_globals
template_globals()["colours_version"]()
print(*[name for name in sys.argv[1:] if name in sys.modules])
"""


def test_a_start_leaves_out_what_few_need() -> None:
    command = [sys.executable, "-c", _ASKED, *_NOT_AT_START]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == []


def test_no_password_is_hashed_at_the_start() -> None:
    asked = "import argon2; argon2.PasswordHasher.hash = None; import inbox.app"
    subprocess.run([sys.executable, "-c", asked], capture_output=True, check=True, timeout=60)


def test_the_version_of_the_looks_stays_in_one_installation() -> None:
    first = colours_version()
    colours_version.cache_clear()
    assert colours_version() == first
    assert len(first) == 12

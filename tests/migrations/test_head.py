"""The newest revision is read off the names of the files, so that a start needs no alembic."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from alembic.script import ScriptDirectory

from inbox.migrations import run


def test_the_newest_file_is_the_head() -> None:
    assert run.newest_revision() == ScriptDirectory(str(Path(run.__file__).parent)).get_current_head()


def test_the_product_starts_without_alembic() -> None:
    asked = "import sys, inbox.app; print('alembic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"

"""`python -m inbox`."""

from __future__ import annotations

import sys

from inbox.cli import main

sys.exit(main())

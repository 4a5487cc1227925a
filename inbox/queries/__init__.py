"""Reads: `def noun(tx, actor, ...)` returning frozen dataclasses ready to render."""

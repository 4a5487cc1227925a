"""Writes: `def verb(tx, actor, ...)`. A change and its event rows; never a commit, never the network."""

"""Alembic migrations; they run by themselves at `inbox serve` and by `inbox migrate`."""

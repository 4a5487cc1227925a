"""Pure rules: standard library only. No I/O, no clock, no database; the same input always gives the same output."""

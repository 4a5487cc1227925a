"""Machinery without product words: database, bus, clock, network, files, secrets, logging, metrics."""

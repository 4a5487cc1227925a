"""Live screens: page + frames == a fresh page. The event log is the truth, sockets are an optimisation of reload."""

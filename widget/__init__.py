"""The chat on the company's own site: a connector and a public surface (loader, frame, sockets)."""

"""Agents' consoles in messengers: showing dialogs there, and telling agents what they would miss."""

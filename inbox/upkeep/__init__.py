"""Looking after an installation: backup, restore, and the doctor. Reached from the command line only."""

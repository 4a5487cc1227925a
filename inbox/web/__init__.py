"""What people's browsers and platforms talk to. No SQL here: reads are queries, writes are actions."""

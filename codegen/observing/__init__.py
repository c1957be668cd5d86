"""A running process: what its topology declares for each thread, and what the kernel says of it."""

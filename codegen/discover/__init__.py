"""A starter topology for a machine: surveyed, sorted into cores, shared out among pools, and written down."""

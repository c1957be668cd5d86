"""What a host needs for a topology: each piece, and whether a host has it."""

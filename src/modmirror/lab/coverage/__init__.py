"""Which modules a mirror has, and whether they are the right ones."""

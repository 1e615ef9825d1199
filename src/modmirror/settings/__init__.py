"""How settings are described, read, converted and checked. What they mean stands beside each component."""

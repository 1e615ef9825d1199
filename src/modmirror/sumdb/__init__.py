"""The checksum database: notes, tree, tiles, records. Verifies; never fetches. Pure."""

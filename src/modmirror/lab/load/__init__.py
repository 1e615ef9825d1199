"""``lab load``: open-loop load on a server of one's own, to its knee."""

"""``lab cache``: what a cache is worth, seen from outside."""

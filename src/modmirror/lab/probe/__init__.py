"""A first look at a mirror: where the time goes, cold and warm."""

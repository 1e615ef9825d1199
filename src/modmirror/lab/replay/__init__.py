"""``lab replay``: what a whole build costs."""

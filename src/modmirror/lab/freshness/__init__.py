"""How long a new version stays invisible."""

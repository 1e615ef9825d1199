"""``modmirror lab``: one file a verb."""

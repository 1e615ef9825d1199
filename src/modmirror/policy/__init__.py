"""Who may have which module version, and why. Pure."""

"""Several measurements as one run that can be interrupted and goes on."""

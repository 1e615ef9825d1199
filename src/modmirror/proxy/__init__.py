"""The orchestrator: serve, fill, verify, single flight, freshness."""

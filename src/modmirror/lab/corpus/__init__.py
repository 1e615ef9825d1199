"""What coverage asks for: module versions by kind, each named by its stratum."""

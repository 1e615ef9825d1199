"""Fossil behind the repository port: kept clones, which are databases, asked by the fossil command."""

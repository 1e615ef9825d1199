"""A small world of Go modules on loopback: mirrors with known faults and a checksum database."""

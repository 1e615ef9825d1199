"""What a mirror can do of the protocol, with evidence."""

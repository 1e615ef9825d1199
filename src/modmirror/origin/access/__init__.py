"""What a route may reach, and with which keys: rules, secrets, and what the tools are given of them."""

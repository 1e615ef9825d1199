"""How bytes get to and from clients: HTTP/1.1 of our own, and ASGI for servers that speak more."""

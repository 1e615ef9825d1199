"""The ASGI edge: routes, conditional and range answers, streaming, the HTTP server."""

"""Routing policies against made-up upstreams, in virtual time: minutes of traffic in a second."""

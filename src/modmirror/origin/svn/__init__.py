"""Subversion behind the repository port: nothing is kept, every question goes to the server."""

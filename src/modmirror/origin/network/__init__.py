"""Connections that repositories and web pages are reached by: judged addresses, pinned; strict URLs."""

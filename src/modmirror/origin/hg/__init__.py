"""Mercurial behind the repository port: kept clones without a working copy, asked by the hg command."""

"""The repository behind a module: discovery, and git, hg, svn and fossil behind one port."""

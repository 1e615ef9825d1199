"""A study that needs nothing but this machine, and whose right verdicts are known beforehand."""

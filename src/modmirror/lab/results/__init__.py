"""What measurements found: the shapes that are stored as ``results/<measurement>.json`` and reported.

Each is made by a pure function of what a run keeps. Times are seconds, sizes bytes, rates bytes or requests
a second.
"""

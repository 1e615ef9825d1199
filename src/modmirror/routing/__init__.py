"""Which upstream is asked, when another one, when none. Pure: clock and chance are given.

The mirror steps these decisions with real time, the simulator with virtual time; the code is the same.
"""

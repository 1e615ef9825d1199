"""What is measured and what it says: samples, quantiles, intervals, comparisons, scores. Pure.

The lab looks back over a run with these; the router looks at the last minutes of live traffic with them.
"""

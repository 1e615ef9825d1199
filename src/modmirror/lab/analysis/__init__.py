"""From stored samples and events to results, each time the same. Pure: no clock, no files."""

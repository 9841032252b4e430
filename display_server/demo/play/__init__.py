"""Visitors and clerks who come by themselves, through the same doors as real ones."""

"""The truth: tickets, calls, counters, and everyone who watches them."""

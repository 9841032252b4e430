"""Plain Python, no I/O: states, numbering, who is next, opening hours, forecasts."""

"""Plain Python without I/O: states, numbering, who is next, opening hours, wait times. Imports nothing of Motcua."""

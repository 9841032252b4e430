"""A printer without a printer: takes ESC/POS apart, answers as a real one would, keeps its paper as pictures."""

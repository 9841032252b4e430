"""Paper. Knows nothing of kiosks, servers or screens."""

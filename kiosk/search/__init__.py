"""Finding procedures and departments by typing: Telex, syllables, scores. Imports `kiosk.api` models only."""

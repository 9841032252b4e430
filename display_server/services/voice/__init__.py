"""The hall's voice: a bank of clips, one a word, joined into one sound per call."""

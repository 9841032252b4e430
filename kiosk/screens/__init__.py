"""What a visitor sees and touches. Each screen has its namesake `.kv`: layout, words, colours."""

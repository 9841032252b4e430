"""What a visitor sees, one module a screen. Each has its namesake `.kv`: layout, words, colours.

Imports `kiosk.ui.widgets`, `kiosk.ui.view_model` and the types that they show.
"""

"""The staff's maintenance functions without a window: PIN, diagnostics, the gesture that opens them. Imports
`kiosk.core` and below; no Kivy.
"""

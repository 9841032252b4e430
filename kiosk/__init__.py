"""The touchscreen. Kivy lives in `kiosk.app` and `kiosk.screens` only."""

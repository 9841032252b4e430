"""The touchscreen kiosk. Kivy is imported in `kiosk.app` and `kiosk.ui` only.

Imports `printer` and `config`; reaches the server over HTTP only.
"""

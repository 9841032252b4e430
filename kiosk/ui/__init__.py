"""The window. Kivy lives here and in `kiosk.app` only. Root layout, view model, theme, speech mode and test
automation stand at its top; screens, widgets and controllers in packages of their own. Imports
`kiosk.maintenance`, `kiosk.core` and below.
"""

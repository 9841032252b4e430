"""Widgets that screens are made of: text that fits, buttons, paging, keyboard, QR code. Imports
`kiosk.ui.view_model` and `kiosk.ui.theme`.
"""

"""What a touch, a scan or idle time does to the visit: controllers between the view model and the core.
Imports `kiosk.ui.view_model`, `kiosk.maintenance`, `kiosk.core` and below; no Kivy widgets.
"""

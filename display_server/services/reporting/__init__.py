"""What supervisors, administrators and the province read: dashboard, call order, audit log, health, devices.
Imports `services.displays` and below.
"""

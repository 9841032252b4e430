"""What the hall holds about people: shown, erased by hand, erased on time. Imports `services.reporting` and
below.
"""

"""What is plugged into a kiosk, except its printer: scanner, citizen card, backlight, speech output. Imports
`config` only.
"""

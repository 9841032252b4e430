"""The process of a kiosk: its watchdog, its environment for Kivy, its periodic threads. Imports `config`
only.
"""

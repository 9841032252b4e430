"""The whole hall on one machine, to look at and to try: `motcua demo`.

Server, kiosk and printer run as processes of their own and are reached through their HTTP APIs only.
"""

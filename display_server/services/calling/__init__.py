"""Calling visitors: the counter session, who is next, actions and undo, call buttons, when a call was
announced. Imports `services.tickets` and below.
"""

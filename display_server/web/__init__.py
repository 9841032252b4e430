"""HTTP: the API, the pages, who may use them, and what every request passes. Routes touch no table.

Imports services; see the packages for their order.
"""

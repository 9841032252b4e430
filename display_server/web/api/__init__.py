"""The HTTP API, a module for each audience. A route validates, asks a service and answers; it touches no
table. Imports `web.http`, `web.auth` and services.
"""

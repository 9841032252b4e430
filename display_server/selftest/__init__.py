"""`motcua selftest`: races, latency and loss, measured against a scratch server over HTTP.

`scratch` prepares its database through services; the measurements use the HTTP API only.
"""

"""Pages: shells that the browser fills from the API. Imports `web.http`, `web.auth` and services."""

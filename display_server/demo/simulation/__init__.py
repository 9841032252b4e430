"""Simulated visitors and clerks, through the same HTTP API as real ones. Imports `display_server.demo` and below."""

"""`motcua selftest`: races, latency and loss against a scratch server. Knows the server only through its doors."""

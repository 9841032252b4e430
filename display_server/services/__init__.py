"""One function = one transaction = one announcement. No service knows Flask."""

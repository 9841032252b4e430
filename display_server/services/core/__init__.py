"""What every service needs: context and unit of work, actors, business day, idempotency, batching, response
models. Below every other service package except `catalogue` and `keys`, whose caches and keys the context
holds.
"""

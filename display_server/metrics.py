"""What the server counts of itself; `GET /metrics` shows it. Each process counts for itself.

Names and units follow Prometheus' conventions. The buckets lie around the aims of
docs/measurements/performance.md: 30 ms for a ticket, 80 ms for a press, 120 ms for a call on a screen.
"""

from prometheus_client import Counter, Histogram

SECONDS = (0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.25, 0.5, 1, 2.5, 5, 10)

REQUESTS = Histogram(
    "motcua_http_request_seconds",
    "From a request's arrival to its answer; streams until their header",
    ["method", "route", "status"],
    buckets=SECONDS,
)
TRANSACTIONS = Histogram(
    "motcua_transaction_seconds", "A write transaction, with the wait for its centre's lock", buckets=SECONDS
)
BROADCAST_SECONDS = Histogram(
    "motcua_hall_publication_seconds", "Building a hall's state and offering it to all who watch", buckets=SECONDS
)
JOURNAL_ACTIONS = Counter(
    "motcua_steps", "Steps in the journal: issued, called, recalled, transferred, …", ["centre", "action"]
)

"""How many are ahead, and how long it will take: a range, never a point.

The range is the central 80 % of a sum of `ahead` independent service times shared by the open counters, by the normal
approximation: mean · ahead / servers ± 1.2816 · deviation · √ahead / servers. One service time is added above, for
the visitor who is at the counter now.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

QUANTILE_90 = 1.2816  # of the standard normal distribution
PRIOR_WEIGHT = 5  # the planned minutes count as much as five observed visits
PRIOR_VARIATION = 0.6  # deviation / mean of a service time before any is observed
FINE_UNTIL_MINUTES = 10  # shorter waits to the minute, longer ones to five


@dataclass(frozen=True, slots=True)
class ServiceTime:
    """Minutes at the counter: mean and standard deviation."""

    mean: float
    deviation: float


@dataclass(frozen=True, slots=True)
class Wait:
    """Whole minutes."""

    low: int
    high: int


def service_time(planned_minutes: float, observed: Sequence[float]) -> ServiceTime:
    """Planned minutes, corrected by the `observed` ones (minutes, any order)."""
    if not observed:
        return ServiceTime(planned_minutes, planned_minutes * PRIOR_VARIATION)
    mean = (planned_minutes * PRIOR_WEIGHT + sum(observed)) / (PRIOR_WEIGHT + len(observed))
    if len(observed) < PRIOR_WEIGHT:
        return ServiceTime(mean, mean * PRIOR_VARIATION)
    return ServiceTime(mean, max(stdev(observed), 0.1 * fmean(observed)))


def wait_range(ahead: int, servers: float, each: ServiceTime) -> Wait:
    """Minutes until somebody with `ahead` visitors before them is called, when `servers` counters share the work."""
    servers = max(servers, 0.1)
    centre = ahead * each.mean / servers
    spread = QUANTILE_90 * each.deviation * math.sqrt(ahead) / servers
    low = max(0.0, centre - spread)
    high = centre + spread + each.mean / servers
    low_step, high_step = _step(low), _step(high)
    low_minutes = int(low // low_step) * low_step
    return Wait(low_minutes, max(math.ceil(high / high_step) * high_step, low_minutes + low_step))


def _step(minutes: float) -> int:
    # Each end by its own size: one more visitor ahead never makes either end smaller.
    return 1 if minutes < FINE_UNTIL_MINUTES else 5


def visitors_ahead(others: int, priority: int, *, is_priority: bool, mode: str, others_between: int) -> int:
    """How many of those who joined earlier are expected to be called first.

    `others`, `priority`: how many of each kind joined the line before. A priority visitor passes others: all of them
    (`strict`), or all but `others_between` for every priority visitor before (`interleaved`).
    """
    if not is_priority:
        return others + priority
    if mode == "strict":
        return priority
    return priority + min(others, others_between * (priority + 1))

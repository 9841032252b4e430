"""The sign that opens the service screen: the four corners, clockwise from the upper left, within some seconds."""

import time

WITHIN_SECONDS = 8.0
# Of the screen's shorter side: a corner is easily hit on purpose, and four in this order never by chance.
REACH = 0.15


class ServiceGesture:
    """Fed with every touch; says when the sign is complete."""

    def __init__(self) -> None:
        self._touched: list[float] = []

    def touch(self, x: float, y: float, width: float, height: float) -> bool:
        """A finger at (x, y) in pixels, y from the bottom, of a screen of `width` by `height`."""
        now = time.monotonic()
        reach = REACH * min(width, height)
        corners = ((0, height), (width, height), (width, 0), (0, 0))
        hit = next((place for place, (cx, cy) in enumerate(corners) if max(abs(x - cx), abs(y - cy)) <= reach), None)
        in_time = not self._touched or now - self._touched[0] <= WITHIN_SECONDS
        if hit is None or hit != len(self._touched) or not in_time:
            self._touched = [now] if hit == 0 else []
            return False
        self._touched.append(now)
        if len(self._touched) < len(corners):
            return False
        self._touched = []
        return True

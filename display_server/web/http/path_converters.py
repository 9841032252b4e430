"""Numbers in paths: ASCII digits, few enough to be read. What no database holds is refused by the endpoint's type."""

from werkzeug.routing import IntegerConverter


class RowNumber(IntegerConverter):
    regex = "[0-9]{1,40}"  # Werkzeug's own takes digits of any script, and fails on more than Python reads

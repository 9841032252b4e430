"""A row of a table as it was read, before anybody knows what it means."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """`place`: the line of a CSV, or "Sheet1 row 5" of a workbook.

    `dates`: columns in which Excel made a date. `troubles`: (column, what is wrong) of cells that hold no value.
    """

    place: int | str
    cells: list[str]
    dates: frozenset[int] = frozenset()
    troubles: tuple[tuple[int, str], ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.troubles and not any(cell.strip() for cell in self.cells)


def column_letter(index: int) -> str:
    """The letter of a column in a spreadsheet; the first one is 0."""
    letters, rest = "", index + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters

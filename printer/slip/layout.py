"""How a slip looks, as data: a TOML file that lists blocks from top to bottom. Plain Python: nothing is drawn here.

A text may hold `{placeholders}`; a block whose texts name something that a slip does not have is left out, so most
blocks need no condition of their own. All sizes are dots of the printer (8 a millimetre) unless the key says `_mm`.
"""

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from config.input.files import parse_toml
from config.input.validation_messages import plain_reason
from config.package_data import package_folder
from config.typefaces import why_not_drawn
from printer.errors import LayoutError

FOLDER = package_folder("config") / "tickets"
DOCUMENTS = "documents"  # the one layout there that is no ticket's

PLACEHOLDERS = frozenset(
    {"number", "department", "centre", "counters", "ahead", "wait", "time", "date", "weekday"}
    | {"priority", "procedure", "note", "fee", "form", "limit"}
)
CONDITIONS = frozenset(
    {"priority", "procedure", "papers", "counters", "ahead", "next", "wait", "status_url", "note", "offline", "copy"}
    | {"emblem", "no_counter", "missing", "ready", "unmarked"}
)

Text = Annotated[dict[str, str], Field(min_length=1)]
Size = Annotated[int, Field(ge=10, le=300)]
Weight = Literal["regular", "semibold", "bold", "extrabold"]
Align = Literal["left", "center", "right"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Block(_Part):
    """`when`: a condition of `CONDITIONS`, or "not " and one; `above`: blank dots before it."""

    when: str | None = None
    above: int = Field(default=0, ge=0, le=400)

    @field_validator("when")
    @classmethod
    def _known_condition(cls, when: str | None) -> str | None:
        if when is not None and when.removeprefix("not ") not in CONDITIONS:
            raise ValueError(f"unknown condition {when!r}; known are {', '.join(sorted(CONDITIONS))}")
        return when


class TextBlock(_Block):
    """A text in the visitor's language at `size`, and below it, where `second_size` is given, in the other one.

    `text` by language; `style`: plain, boxed (a frame around it) or inverse (white on black). `coarse`: in rows of
    double height, half the bytes; for type of 30 dots and more. A text of more than three lines is set in `long_size`,
    coarse; what has no room in `most_lines` then ends in "…".
    """

    kind: Literal["text"]
    text: Text
    size: Size
    second_size: Size | None = None
    long_size: Size | None = None
    most_lines: int = Field(default=12, ge=1, le=40)
    weight: Weight = "regular"
    align: Align = "center"
    style: Literal["plain", "boxed", "inverse"] = "plain"
    coarse: bool = False

    @field_validator("text")
    @classmethod
    def _known_placeholders(cls, text: dict[str, str]) -> dict[str, str]:
        for words in text.values():
            for name in placeholders(words):
                if name not in PLACEHOLDERS:
                    raise ValueError(f"unknown placeholder {{{name}}}; known are {', '.join(sorted(PLACEHOLDERS))}")
        return text


class NumberBlock(_Block):
    """The number, `height_mm` high; a long one is narrowed first and only then made smaller."""

    kind: Literal["number"]
    height_mm: float = Field(ge=5, le=60)
    weight: Weight = "extrabold"
    align: Align = "center"


class SeparatorBlock(_Block):
    """A line across."""

    kind: Literal["rule"]
    thickness: int = Field(default=2, ge=1, le=24)
    style: Literal["solid", "dashed"] = "solid"


class SpaceBlock(_Block):
    """Blank paper."""

    kind: Literal["space"]
    height: int = Field(ge=1, le=800)


class QrBlock(_Block):
    """The visitor's page as a QR code, at most `size_mm` wide: the largest whole number of dots a module that fits."""

    kind: Literal["qr"]
    size_mm: float = Field(ge=10, le=60)
    align: Align = "center"


class EmblemBlock(_Block):
    """The centre's emblem, `height_mm` high."""

    kind: Literal["emblem"]
    height_mm: float = Field(ge=4, le=40)
    align: Align = "center"


class ListBlock(_Block):
    """The papers to bring, each with a box to tick and in at most `most_lines` lines.

    `of`: all of them, or those that the visitor has not ticked (`missing`) or has (`ready`, with a tick in the box).
    """

    kind: Literal["list"]
    of: Literal["all", "missing", "ready"] = "all"
    size: Size
    second_size: Size | None = None
    most_lines: int = Field(default=12, ge=1, le=40)
    weight: Weight = "regular"
    coarse: bool = False


class Column(_Part):
    """`share`: its part of the width, in proportion to the other columns'."""

    share: int = Field(ge=1, le=100)
    block: tuple["Block", ...] = Field(min_length=1)


class ColumnsBlock(_Block):
    """Blocks side by side; a column with nothing to show gives its room to the others."""

    kind: Literal["columns"]
    align: Literal["top", "middle"] = "middle"
    gap: int = Field(default=16, ge=0, le=200)
    column: tuple[Column, ...] = Field(min_length=2, max_length=4)


class CutBlock(_Block):
    """The knife. Only as the last block."""

    kind: Literal["cut"]
    mode: Literal["full", "partial"] = "full"


Block = Annotated[
    TextBlock | NumberBlock | SeparatorBlock | SpaceBlock | QrBlock | EmblemBlock | ListBlock | ColumnsBlock | CutBlock,
    Field(discriminator="kind"),
]


class Layout(_Part):
    """A ticket layout. `width` in dots; `margin` blank dots left and right; `languages`: the first is the fallback.

    `most_bytes`: a slip beyond it loses second languages and gets smaller lists, as far as it takes. `purpose`: of a
    ticket, or of a list of documents without a number.
    """

    purpose: Literal["ticket", "documents"] = "ticket"
    width: int = Field(ge=256, le=832, multiple_of=8)
    dots_per_mm: float = Field(default=8, ge=6, le=12)
    margin: int = Field(default=0, ge=0, le=64)
    languages: tuple[str, ...] = Field(default=("vi", "en"), min_length=1)
    most_bytes: int = Field(default=30_000, ge=1_000)
    block: tuple[Block, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_number_and_the_cut_last(self) -> Self:
        needed, name = (NumberBlock, "number") if self.purpose == "ticket" else (ListBlock, "list")
        if not any(isinstance(block, needed) for block in self.block):
            raise ValueError(f'no block of kind "{name}": a slip without its {name} is no slip')
        if any(isinstance(block, CutBlock) for block in _nested(self.block[:-1])):
            raise ValueError('the block of kind "cut" must be the last one')
        return self

    @property
    def cut(self) -> Literal["full", "partial"] | None:
        """How the slip is cut off; None: it is torn off by hand."""
        last = self.block[-1]
        return last.mode if isinstance(last, CutBlock) else None

    def order(self, language: str) -> tuple[str, str | None]:
        """The leading language of a visitor and the other one on the slip, if any.

        A language that the layout lacks leads where English stands in for its words: names may be known in it.
        """
        leading = language if language in self.languages or "en" in self.languages else self.languages[0]
        return leading, next((other for other in self.languages if other != leading), None)


def _nested(blocks: tuple[Block, ...]) -> list[Block]:
    found = list(blocks)
    for block in blocks:
        if isinstance(block, ColumnsBlock):
            found += [inner for column in block.column for inner in _nested(column.block)]
    return found


def placeholders(text: str) -> list[str]:
    """Names in braces, in order. Raises ValueError for a brace that is not closed."""
    return [name for _, name, _, _ in Formatter().parse(text) if name is not None]


def layout_names() -> list[str]:
    """The layouts for tickets that come with Motcua."""
    return sorted(path.stem for path in FOLDER.glob("*.toml") if path.stem != DOCUMENTS)


@lru_cache(maxsize=16)
def load_layout(name: str) -> Layout:
    """The layout `name` of config/tickets, or the one in the file that `name` is the path of.

    A file with `like = "NAME"` is the layout of that name, with the top keys of this file in place of its own.

    Raises `LayoutError`: one line with file, line, key and reason.
    """
    path = Path(name) if name.endswith(".toml") or "/" in name or "\\" in name else FOLDER / f"{name}.toml"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        known = ", ".join(layout_names())
        raise LayoutError(f"ticket layout {name}: {path} cannot be read ({error}); there are {known}") from error
    return parse_layout(text, str(path))


def parse_layout(text: str, source: str) -> Layout:
    """The layout in TOML `text`; `source` names it in errors. Raises `LayoutError`."""
    try:
        own = parse_toml(text)
        if reason := why_not_drawn(own.get("block")):
            raise LayoutError(f"{source}: {reason}")
        return Layout.model_validate(_base(own.pop("like", None), source) | own)
    except tomllib.TOMLDecodeError as error:
        raise LayoutError(f"{source}: not valid TOML: {error}") from error
    except ValidationError as error:
        problem = error.errors()[0]
        location = _without_tags(problem["loc"])
        line = line_number_of(text, location)
        reason = "no such key" if problem["type"] == "extra_forbidden" else plain_reason(problem)
        raise LayoutError(f"{source}:{line}: {_spelled(location)}{reason}") from error


def _base(name: object, source: str) -> dict[str, Any]:
    """The keys of the layout that another one is like."""
    if name is None:
        return {}
    if name not in layout_names():
        raise LayoutError(f"{source}: like: no layout {name!r}; there are {', '.join(layout_names())}")
    base = parse_toml((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    if "like" in base:
        raise LayoutError(f"{source}: like: {name} is itself like another layout")
    return base


def _without_tags(location: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Pydantic names the kind of a block after its index; the file has no such key."""
    kinds = {"text", "number", "rule", "space", "qr", "emblem", "list", "columns", "cut"}
    after_index = {i for i, part in enumerate(location) if i >= 2 and part in kinds and location[i - 2] == "block"}  # noqa: PLR2004
    return tuple(part for i, part in enumerate(location) if i not in after_index)


def _spelled(location: tuple[int | str, ...]) -> str:
    words = [f"{part + 1}" if isinstance(part, int) else str(part) for part in location]
    return ".".join(words) + ": " if words else ""


def line_number_of(text: str, location: tuple[Any, ...]) -> int:
    """The line (from 1) of the table or key at `location` in TOML `text`; the nearest one above that is written out."""
    counts: dict[str, int] = {}
    table: tuple[Any, ...] = ()
    best, best_depth = 1, 0
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[\[([\w.]+)]]", line):
            table = _enter(header[1], counts)
            place = table
        elif key := re.match(r"\s*([\w-]+)\s*=", line):
            place = (*table, key[1])
        else:
            continue
        if len(place) > best_depth and location[: len(place)] == place:
            best, best_depth = number, len(place)
    return best


def _enter(header: str, counts: dict[str, int]) -> tuple[Any, ...]:
    counts[header] = counts.get(header, -1) + 1
    for inner in [name for name in counts if name.startswith(header + ".")]:
        del counts[inner]
    names = header.split(".")
    return tuple(part for i, name in enumerate(names) for part in (name, counts[".".join(names[: i + 1])]))

"""Nothing that a person reads is in pydantic's words; every number of the settings has both bounds."""

import json
import re
import types
import typing
from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Annotated, Any, Literal, get_args, get_origin

import pytest
from annotated_types import Ge, Gt, Le, Lt
from pydantic import AnyUrl, BaseModel, Field, TypeAdapter, ValidationError
from pydantic_core.core_schema import ErrorType

from config.centre.models import Centre, Counter, Procedure, RequiredDocuments, Synonym
from config.input.validation_messages import WRITTEN, plain_reason
from config.settings import Settings, SettingsError, load_settings

PYDANTIC = re.compile(
    r"Input should|String should|should (have|be|match)|valid (string|integer|number|list|dict)|Value er"
)


def numbers(model: type[BaseModel], at: str = "") -> Iterator[tuple[str, Any, list[Any]]]:
    """Every value of a number's type with what bounds it."""
    for name, field in model.model_fields.items():
        yield from _numbers(field.annotation, field.metadata, f"{at}{name}")


def _numbers(kind: Any, metadata: list[Any], at: str) -> Iterator[tuple[str, Any, list[Any]]]:
    if get_origin(kind) is Annotated:
        yield from _numbers(get_args(kind)[0], [*metadata, *get_args(kind)[1:]], at)
    elif get_origin(kind) in {list, tuple, dict, typing.Union, types.UnionType}:
        for part in get_args(kind):
            yield from _numbers(part, metadata, at)
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        yield from numbers(kind, f"{at}.")
    elif kind in {int, float}:
        yield at, kind, metadata


def patterns(model: type[BaseModel]) -> set[str]:
    return set(re.findall(r'"pattern": "((?:[^"\\]|\\.)*)"', _schema(model)))


def _schema(model: type[BaseModel]) -> str:

    return json.dumps(model.model_json_schema(), ensure_ascii=False)


def test_every_number_of_the_settings_has_both_bounds_and_says_them() -> None:
    found = list(numbers(Settings))
    assert len(found) > 35
    for at, kind, metadata in found:
        lows = [each for each in metadata if isinstance(each, Ge | Gt)]
        highs = [each for each in metadata if isinstance(each, Le | Lt)]
        assert (len(lows), len(highs)) == (1, 1), at
        section, key = at.split(".")
        high = getattr(highs[0], "le", None)
        for value in (high + 1, 10**30, -1, "x", "inf", "nan", True if kind is int else "1e999"):
            if value == -1 and getattr(lows[0], "ge", 0) < 0:
                continue
            if value is True and getattr(lows[0], "ge", 0) <= 1:
                continue  # a whole number for pydantic
            with pytest.raises(SettingsError) as caught:
                load_settings(None, **{section: {key: value}})
            assert str(caught.value).startswith(f"command line: {at}: must be "), (at, value)
            assert not PYDANTIC.search(str(caught.value))
        with pytest.raises(SettingsError, match=rf"{at}: must be at most {high}$"):
            load_settings(None, **{section: {key: high + 1}})


@pytest.mark.parametrize(
    "limit",
    ["", "0 per minute", "ten per minute", "99999999 per minute", "1 per year", "1 per minute; x"],
)
def test_a_limit_that_is_none_is_refused(limit: str) -> None:
    with pytest.raises(SettingsError, match=r'server\.page_limit: must be a limit such as "60 per minute"$'):
        load_settings(server={"page_limit": limit})


def test_every_pattern_has_its_words() -> None:

    models: list[type[BaseModel]] = [Settings, Centre, RequiredDocuments, Counter, Procedure, Synonym]
    found = {json.loads(f'"{each}"') for model in models for each in patterns(model)}
    assert len(found) >= 10
    assert found - set(WRITTEN) == set()


class Everything(BaseModel, extra="forbid"):
    whole: Annotated[int, Field(ge=1, le=3)] = 1
    part: Annotated[float, Field(gt=0, lt=1)] = 0.5
    truth: bool = True
    words: Annotated[str, Field(min_length=2, max_length=3)] = "ab"
    many: Annotated[list[int], Field(min_length=1, max_length=2)] = [1]
    named: dict[str, str] = {}
    kind: Literal["a", "b"] = "a"
    code: Annotated[str, Field(pattern=r"^[A-Z]{1,2}$")] = "A"
    other: Annotated[str, Field(pattern=r"^q$")] = "q"
    net: IPv4Network = IPv4Network("10.0.0.0/8")
    url: AnyUrl | None = None
    pair: tuple[int, int] = (1, 2)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("whole", "x", "must be a whole number"),
        ("whole", 1.5, "must be a whole number"),
        ("whole", 0, "must be at least 1"),
        ("whole", 9, "must be at most 3"),
        ("part", "x", "must be a number"),
        ("part", 0, "must be more than 0"),
        ("part", 1, "must be less than 1"),
        ("truth", "perhaps", "must be true or false"),
        ("words", 3, "must be text in quotes"),
        ("words", "a", "must have at least 2 letters"),
        ("words", "abcd", "must have at most 3 letters"),
        ("many", [], "must have at least 1 entry"),
        ("many", [1, 2, 3], "must have at most 2 entries"),
        ("many", 3, "must be a list such as [ … ]"),
        ("named", "Tư pháp", 'must be a table such as { vi = "…" }'),
        ("kind", "c", "must be 'a' or 'b'"),
        ("code", "a", "must be one or two capitals A-Z"),
        ("other", "a", "must be written as ^q$"),
        ("pair", 1, "must be a list such as [ … ]"),
        ("unknown", 1, "unknown key"),
    ],
)
def test_each_kind_in_plain_words(key: str, value: Any, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Everything.model_validate({key: value})
    assert plain_reason(caught.value.errors()[0]) == words


def test_no_kind_of_pydantic_comes_through_in_its_own_words() -> None:
    """Every kind that pydantic has, also those that nothing here can raise today."""
    context = {"ge": 1, "gt": 1, "le": 1, "lt": 1, "expected": "'a'", "pattern": "x", "min_length": 1, "max_length": 1}
    kinds = set(get_args(ErrorType)) - {"value_error", "assertion_error"}
    assert len(kinds) > 90
    for kind in kinds:
        detail: Any = {"type": kind, "loc": ("x",), "input": 1, "msg": "Input should be something", "ctx": context}
        assert not PYDANTIC.search(plain_reason(detail)), kind


def test_an_unknown_wrong_value_is_cut_and_escaped() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(int).validate_python("\x1b[31m" + "x" * 500)
    told = plain_reason(caught.value.errors()[0], with_input=True)
    assert "\x1b" not in told
    assert len(told) < 300

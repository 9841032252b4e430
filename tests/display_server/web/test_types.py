"""Every value that an endpoint takes has a bounded type; found by looking at all of them, so new ones are covered."""

import types
import typing
from collections.abc import Iterator
from datetime import date, datetime
from enum import Enum
from functools import partial
from inspect import unwrap
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import pytest
from annotated_types import Ge, Gt, Le, Lt, MaxLen
from pydantic import BaseModel, BeforeValidator, RootModel, ValidationError
from pydantic.fields import FieldInfo

from config.settings import load_settings
from config.text.types import LARGEST_INT, Day, Moment, TextRule
from display_server.app import create_app
from display_server.bootstrap import create_context
from display_server.services.core.centres import find_centre
from display_server.services.core.request_fields import JsonBody, QueryValues
from display_server.services.devices.devices import DeviceKind, add_device
from tests.display_server.sample_centre import small_centre
from tests.display_server.service_harness import ServiceHarness

PARTS = ("path", "query", "body", "form", "header", "cookie")
WRONG: dict[Any, list[Any]] = {  # for each type what pydantic takes for it unless it is told not to
    int: [True, 1.0, "1"],
    float: [True, "1"],
    bool: [1, 0, 1.0, "true"],
    str: [1, True],
}
UNIONS = {typing.Union, types.UnionType}
GUARDED = [each for kind in (Day, Moment) for each in get_args(kind) if isinstance(each, BeforeValidator)]


def faults(kind: Any, metadata: list[Any], where: str) -> Iterator[str]:
    """Where a value without bounds could come in."""
    origin = get_origin(kind)
    if origin is Annotated:
        base, *more = get_args(kind)
        yield from faults(base, [*_flat(more), *metadata], where)
    elif origin in UNIONS:
        for part in get_args(kind):
            yield from faults(part, metadata, where)
    elif origin in {list, tuple, dict}:
        if not any(isinstance(each, MaxLen) for each in metadata):
            yield f"{where}: a {origin.__name__} without end"
        for part in get_args(kind):
            yield from faults(part, [], f"{where}[]")
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        yield from model_faults(kind, where)
    else:
        yield from _leaf_faults(kind, metadata, where)


def model_faults(model: type[BaseModel], where: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        shown = where if issubclass(model, RootModel) else f"{where}.{name}"
        yield from faults(field.annotation, _flat([*field.metadata]), shown)


def _flat(metadata: list[Any]) -> list[Any]:
    return [each for one in metadata for each in (one.metadata if isinstance(one, FieldInfo) else [one])]


def _leaf_faults(kind: Any, metadata: list[Any], where: str) -> Iterator[str]:
    if kind in {bool, type(None)} or get_origin(kind) is Literal or (isinstance(kind, type) and issubclass(kind, Enum)):
        return
    if kind is str:
        if not any(getattr(each, "pattern", None) or isinstance(each, TextRule) for each in metadata):
            yield f"{where}: a string that is not of config.text.types"
    elif kind in {int, float}:
        lows = [getattr(each, "ge", getattr(each, "gt", None)) for each in metadata if isinstance(each, Ge | Gt)]
        highs = [getattr(each, "le", getattr(each, "lt", None)) for each in metadata if isinstance(each, Le | Lt)]
        if not lows or not highs or max(highs) > LARGEST_INT:
            yield f"{where}: a number without bounds"
    elif (
        (isinstance(kind, type) and issubclass(kind, date | datetime))
        or kind in {date, datetime}
        or "AwareDatetime" in str(kind)
    ):
        if not any(each in metadata for each in GUARDED):
            yield f"{where}: a date without bounds"
    else:
        yield f"{where}: {kind} is not known to this test"


def hints(view: Any) -> dict[str, Any]:
    function = unwrap(view)
    return {} if isinstance(function, partial) else typing.get_type_hints(function)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    url = f"sqlite:///{tmp_path_factory.mktemp('types')}/hall.db"
    ServiceHarness.prepare(url, small_centre())
    site = create_context(load_settings(server={"database": url}))
    yield create_app(site)
    site.engine.dispose()


def test_every_value_of_every_endpoint_is_bounded(app: Any) -> None:
    found, seen = [], 0
    for endpoint, view in app.view_functions.items():
        for part, model in hints(view).items():
            if part in PARTS and isinstance(model, type) and issubclass(model, BaseModel):
                seen += 1
                found += list(model_faults(model, f"{endpoint} {part}"))
    assert seen > 60
    assert found == []


def bases(app: Any) -> Iterator[tuple[str, type[BaseModel]]]:
    """Each part of a request with its model, once."""
    found = {(part, model) for view in app.view_functions.values() for part, model in hints(view).items()}
    yield from ((part, model) for part, model in found if part in PARTS and issubclass(model, BaseModel))


def leaves(kind: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Where in a body a plain value stands, and its type."""
    origin = get_origin(kind)
    if origin is Annotated:
        yield from leaves(get_args(kind)[0], at)
    elif origin in UNIONS:
        for part in get_args(kind):
            yield from leaves(part, at)
    elif origin in {list, tuple}:
        yield from leaves(get_args(kind)[0], (*at, 0))
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            yield from leaves(field.annotation, at if issubclass(kind, RootModel) else (*at, name))
    elif kind in WRONG:
        yield at, kind


def inside(at: tuple[str | int, ...], value: Any) -> Any:
    """`value` at its place in a body of nothing else."""
    for part in reversed(at):
        value = [value] if part == 0 else {part: value}
    return value


def complains_of(model: type[BaseModel], at: tuple[str | int, ...], value: Any) -> bool:
    try:
        model.model_validate(obj=inside(at, value))
    except ValidationError as error:
        return any(each["loc"][: len(at)] == at for each in error.errors())
    return False


def test_no_body_takes_a_value_of_another_type(app: Any) -> None:
    seen = 0
    for part, model in bases(app):
        if part == "body":
            assert issubclass(model, JsonBody), model
            for at, kind in leaves(model):
                seen += 1
                assert [value for value in WRONG[kind] if not complains_of(model, at, value)] == [], (model, at)
    assert seen > 80


def test_no_query_takes_what_only_looks_like_a_whole_number(app: Any) -> None:
    seen = 0
    for part, model in bases(app):
        if part == "query":
            assert issubclass(model, QueryValues), model
            for at, kind in leaves(model):
                for value in ("1.0", "1_0", " 1", "+1", "1e0", "true", "\u0661", "0x1") if kind is int else ():
                    seen += 1
                    with pytest.raises(ValidationError, match=f"{at[0]} must be a whole number"):
                        model.model_validate(obj={at[0]: value})
    assert seen >= 24


@pytest.mark.parametrize("minutes", [True, 2.0, "3"])
def test_the_answer_to_a_wrong_type_names_the_field(app: Any, minutes: Any) -> None:
    site = app.extensions["motcua_site"]
    token = add_device(site, find_centre(site, None), DeviceKind.COUNTER, f"counter {minutes!r}", "1")
    body, headers = {"minutes": minutes}, {"Authorization": f"Bearer {token}"}
    answer = app.test_client().post("/api/v1/counters/1/break", json=body, headers=headers)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "minutes")
    query = app.test_client().get("/api/v1/hall/calls?after=1.0")
    assert (query.status_code, "after must be a whole number" in query.json["detail"]) == (422, True)


def test_every_part_of_the_description_is_looked_at(app: Any) -> None:
    """What /openapi.json says can be sent, and what was looked at, is the same: no endpoint reads models otherwise."""
    described = sum(
        bool(operation.get("parameters")) or "requestBody" in operation
        for operations in app.api_doc["paths"].values()
        for operation in operations.values()
    )
    looked_at = sum(any(part in hints(view) for part in PARTS) for view in app.view_functions.values())
    assert described == looked_at > 40


def test_what_this_test_would_find() -> None:
    class Loose(BaseModel):
        name: str
        count: int
        names: list[str]
        words: dict[str, str]
        day: date | None
        path: Path

    assert len(list(model_faults(Loose, "x"))) == 9

"""Doors of the administrators: people and devices."""

from typing import Annotated

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, ConfigDict, Field

from display_server.services import staff as services
from display_server.services.staff import Role, StaffList
from display_server.web.access import actor, admit, site
from display_server.web.answers import answer, problems
from display_server.web.kiosk_api import Code

people = APIBlueprint("people", __name__, url_prefix="/api/v1/admin", abp_tags=[Tag(name="people")])
people.before_request(admit)

Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^\S(.*\S)?$")]


class MemberPath(BaseModel):
    member_id: int = Field(ge=1, le=2**63 - 1)


class StaffChange(BaseModel):
    model_config = ConfigDict(extra="forbid")

    role: Role
    counters: list[Code] = Field([], max_length=200, description="those they work at; none: every counter")
    active: bool = True


class NewStaff(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Name
    role: Role
    counters: list[Code] = Field([], max_length=200)


@people.get("/staff", responses={200: StaffList, **problems(401, 403)})
def staff() -> Response:
    """The people of the centre."""
    return answer(services.list_staff(site(), actor()))


@people.post("/staff", responses={200: StaffList, **problems(401, 403, 404, 409, 413)})
def add_staff(body: NewStaff) -> Response:
    """Somebody new; the answer holds the password for their first sign-in, this once."""
    password = services.invite(site(), actor(), body.name, body.role, body.counters)
    return _list(password)


@people.post("/staff/<int:member_id>", responses={200: StaffList, **problems(401, 403, 404, 409, 413)})
def change_staff(path: MemberPath, body: StaffChange) -> Response:
    """Another role, other counters, or no way in any more."""
    services.change_staff(site(), actor(), path.member_id, body.role, body.counters, active=body.active)
    return _list()


@people.post("/staff/<int:member_id>/reset-password", responses={200: StaffList, **problems(401, 403, 404, 413)})
def reset_password(path: MemberPath) -> Response:
    """A new first password, in the answer this once; every session of theirs ends."""
    return _list(services.reset_password(site(), actor(), path.member_id))


@people.post("/staff/<int:member_id>/sign-out", responses={200: StaffList, **problems(401, 403, 404, 413)})
def sign_out(path: MemberPath) -> Response:
    """Every session of theirs ends."""
    services.sign_out_everywhere(site(), actor(), path.member_id)
    return _list()


def _list(password: str | None = None) -> Response:
    found = services.list_staff(site(), actor())
    response = answer(found.model_copy(update={"password": password}))
    response.headers["Cache-Control"] = "no-store"
    return response

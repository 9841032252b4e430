"""Endpoints of the administrators: people and devices."""

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, ConfigDict, Field

from config.text.types import Code, Name, RowId
from display_server.services.core.request_fields import JsonBody
from display_server.services.devices.devices import DeviceKind
from display_server.services.devices.pairing import PairingCode
from display_server.services.reporting import device_admin as device_list
from display_server.services.reporting.device_admin import DeviceList
from display_server.services.staff import staff as services
from display_server.services.staff.staff import Role, StaffList
from display_server.web.auth.authorization import actor, site
from display_server.web.auth.rate_limit import count_request
from display_server.web.http.responses import json_response, problems

people = APIBlueprint("people", __name__, url_prefix="/api/v1/admin", abp_tags=[Tag(name="people")])


class MemberPath(BaseModel):
    member_id: RowId


class StaffChange(JsonBody):
    model_config = ConfigDict(extra="forbid")

    role: Role
    counters: list[Code] = Field([], max_length=200, description="those they work at; none: every counter")
    active: bool = True


class NewStaff(JsonBody):
    model_config = ConfigDict(extra="forbid")

    name: Name
    role: Role
    counters: list[Code] = Field([], max_length=200)


class DevicePath(BaseModel):
    device_id: RowId


class DeviceName(JsonBody):
    model_config = ConfigDict(extra="forbid")

    name: Name


class NewDevice(DeviceName):
    code: PairingCode = Field(description="what the new device shows")
    kind: DeviceKind
    counter: Code | None = Field(None, description="of a counter's device or a button")


@people.get("/devices", responses={200: DeviceList, **problems(401, 403)})
def devices() -> Response:
    """Every device of the centre: kind, program, when it was last seen."""
    return json_response(device_list.list_devices(site(), actor()))


@people.post("/devices", responses={200: DeviceList, **problems(401, 403, 404, 409, 413, 429)})
def pair_device(body: NewDevice) -> Response:
    """Confirm the code that a new device shows."""
    count_request(site().settings.server.pairing_limit)
    device_list.pair_device(site(), actor(), body.code, body.kind, body.name, body.counter)
    return json_response(device_list.list_devices(site(), actor()))


@people.post("/devices/<int:device_id>", responses={200: DeviceList, **problems(401, 403, 404, 409, 413)})
def rename_device(path: DevicePath, body: DeviceName) -> Response:
    """Another name."""
    device_list.rename_device(site(), actor(), path.device_id, body.name)
    return json_response(device_list.list_devices(site(), actor()))


@people.post("/devices/<int:device_id>/revoke", responses={200: DeviceList, **problems(401, 403, 404, 413)})
def revoke_device(path: DevicePath) -> Response:
    """Its token is good no more; what it has open ends within two seconds."""
    device_list.revoke_device(site(), actor(), path.device_id)
    return json_response(device_list.list_devices(site(), actor()))


@people.get("/staff", responses={200: StaffList, **problems(401, 403)})
def staff() -> Response:
    """The people of the centre."""
    return json_response(services.list_staff(site(), actor()))


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
    response = json_response(found.model_copy(update={"password": password}))
    response.headers["Cache-Control"] = "no-store"
    return response

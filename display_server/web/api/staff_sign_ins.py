"""Endpoints of the administrators: people's sessions, their second factor, who is who at the single sign-on."""

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel

from config.text.types import RowId
from display_server.services.staff import sessions as session_services
from display_server.services.staff import single_sign_on
from display_server.services.staff import staff as staff_services
from display_server.services.staff.second_factor import reset_factor
from display_server.services.staff.sessions import SessionList
from display_server.services.staff.single_sign_on import IdentityList
from display_server.services.staff.staff import StaffList
from display_server.web.api.staff import MemberPath
from display_server.web.auth.authorization import actor, site
from display_server.web.http.responses import json_response, problems

sign_ins = APIBlueprint("sign_ins", __name__, url_prefix="/api/v1/admin", abp_tags=[Tag(name="people")])


class SessionPath(MemberPath):
    session_id: RowId


class IdentityPath(BaseModel):
    identity_id: RowId


@sign_ins.get("/staff/<int:member_id>/sessions", responses={200: SessionList, **problems(401, 403, 404)})
def sessions(path: MemberPath) -> Response:
    """Where somebody of the centre is signed in, the newest first."""
    return json_response(session_services.list_sessions(site(), actor(), path.member_id))


@sign_ins.post(
    "/staff/<int:member_id>/sessions/<int:session_id>/end", responses={200: SessionList, **problems(401, 403, 404, 413)}
)
def end_session(path: SessionPath) -> Response:
    """One session ends with its next request."""
    session_services.end_session(site(), actor(), path.member_id, path.session_id)
    return json_response(session_services.list_sessions(site(), actor(), path.member_id))


@sign_ins.post(
    "/staff/<int:member_id>/reset-second-factor", responses={200: StaffList, **problems(401, 403, 404, 409, 413)}
)
def reset_second_factor(path: MemberPath) -> Response:
    """The password alone is asked for at their next sign-in; every session of theirs ends."""
    reset_factor(site(), actor(), path.member_id)
    return json_response(staff_services.list_staff(site(), actor()))


@sign_ins.get("/identities", responses={200: IdentityList, **problems(401, 403)})
def identities() -> Response:
    """Who comes in by the single sign-on as whom, first those who wait to be confirmed."""
    return json_response(single_sign_on.list_identities(site(), actor()))


@sign_ins.post(
    "/identities/<int:identity_id>/confirm", responses={200: IdentityList, **problems(401, 403, 404, 409, 413)}
)
def confirm_identity(path: IdentityPath) -> Response:
    """It is they: from now they come in by the single sign-on."""
    single_sign_on.confirm_identity(site(), actor(), path.identity_id)
    return json_response(single_sign_on.list_identities(site(), actor()))


@sign_ins.post("/identities/<int:identity_id>/remove", responses={200: IdentityList, **problems(401, 403, 404, 413)})
def remove_identity(path: IdentityPath) -> Response:
    """It is not they, or no more; their sessions end."""
    single_sign_on.remove_identity(site(), actor(), path.identity_id)
    return json_response(single_sign_on.list_identities(site(), actor()))

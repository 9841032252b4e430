"""Endpoints of every device: join by a code, and change the token."""

from flask import Response, request
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel

from display_server.services.devices.devices import rotate_token
from display_server.services.devices.pairing import Pairing, PairingState, pairing_state, start_pairing
from display_server.services.errors import Unauthenticated
from display_server.web.auth.authorization import actor, site
from display_server.web.auth.rate_limit import count_request
from display_server.web.http.responses import json_response, problems

devices = APIBlueprint("devices", __name__, url_prefix="/api/v1/device", abp_tags=[Tag(name="devices")])


class Token(BaseModel):
    """It replaces the one that asked for it with its first use."""

    token: str


@devices.post("/pairing", responses={200: Pairing, **problems(401, 403, 413, 429)})
def start() -> Response:
    """A code to show to staff, and the token that is good once they have confirmed it."""
    count_request(site().settings.server.pairing_limit)
    return _secret(start_pairing(site()))


@devices.get("/pairing", responses={200: PairingState, **problems(401, 403)})
def state() -> Response:
    """Whether staff have confirmed the code; with the token of the pairing."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("send the token of the pairing as 'Authorization: Bearer TOKEN'")
    return json_response(pairing_state(site(), token.strip()))


@devices.post("/token", responses={200: Token, **problems(401, 403, 413)})
def rotate() -> Response:
    """Another token for the device that asks."""
    token = rotate_token(site(), actor())
    if token is None:
        raise Unauthenticated("the device was revoked")
    return _secret(Token(token=token))


def _secret(body: BaseModel) -> Response:
    response = json_response(body)
    response.headers["Cache-Control"] = "no-store"
    return response

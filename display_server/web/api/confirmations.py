"""Endpoints by which an administrator confirms what the server cannot know by itself."""

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import ConfigDict, Field

from config.text.types import Day
from display_server.services.centre.confirmations import ClockConfirmed, Sending, confirm_clock, confirm_sending
from display_server.services.core.request_fields import JsonBody
from display_server.web.auth.authorization import actor, site
from display_server.web.http.responses import json_response, problems

confirmations = APIBlueprint("confirmations", __name__, url_prefix="/api/v1/admin", abp_tags=[Tag(name="admin")])


class ClockBody(JsonBody):
    model_config = ConfigDict(extra="forbid")

    day: Day = Field(description="today's date, as the server's clock says it and a calendar confirms")


@confirmations.post("/sending/confirm", responses={200: Sending, **problems(401, 403, 413)})
def sending() -> Response:
    """After a restore or a copy: this hall is the one that works, and may send messages. Safe to repeat."""
    return json_response(confirm_sending(site(), actor()))


@confirmations.post("/clock/confirm", responses={200: ClockConfirmed, **problems(401, 403, 409, 413, 422)})
def clock(body: ClockBody) -> Response:
    """The clock is right, and the newest business day was written by one that was ahead. Safe to repeat."""
    return json_response(confirm_clock(site(), actor(), body.day))

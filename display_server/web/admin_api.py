"""Doors of the administration page."""

from datetime import date

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from display_server.services import overview as services
from display_server.services.overview import NumberHistory, Overview
from display_server.web.access import actor, admit, site
from display_server.web.answers import answer, problems

admin = APIBlueprint("admin", __name__, url_prefix="/api/v1/admin", abp_tags=[Tag(name="admin")])
admin.before_request(admit)


class HistoryQuery(BaseModel):
    number: str = Field(pattern=r"^[A-Z]{1,3}\d{3,6}$")
    day: date | None = Field(None, description="the centre's business day; without it today")


@admin.get("/overview", responses={200: Overview, **problems(401, 403)})
def overview() -> Response:
    """The hall at a glance."""
    return answer(services.overview(site(), actor()))


@admin.get("/history", responses={200: NumberHistory, **problems(401, 403, 404, 422)})
def number_history(query: HistoryQuery) -> Response:
    """Why was this number next: the ticket and its journal."""
    return answer(services.number_history(site(), actor(), query.number, query.day))

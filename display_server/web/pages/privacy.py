"""What visitors are told about their data."""

from flask import Blueprint, render_template, request

from display_server.services.core.centres import find_centre, get_catalogue
from display_server.web.auth.authorization import site
from display_server.web.auth.rate_limit import count_request

privacy = Blueprint("privacy", __name__)


@privacy.get("/privacy")
def page() -> str:
    """In plain words, with the time limits and the contact that are set."""
    count_request(site().settings.server.page_limit)
    asked = request.args.get("centre")
    centre = get_catalogue(site(), find_centre(site(), asked))
    return render_template("privacy.html", centre=centre, asked=asked, limits=site().settings.privacy)

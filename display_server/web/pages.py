"""Pages for people."""

from typing import Any

from flask import Blueprint, render_template

pages = Blueprint("pages", __name__)


@pages.get("/")
def start() -> Any:
    return render_template("start.html")

"""Words of the pages: `_` in the page's language, `secondary` in the other one, for lines that stand in both."""

from typing import Any

from flask import Flask, g, request

from config.centre.models import LONGEST_SHORT
from config.i18n import available_languages, in_language, translations
from config.text.line_breaks import shortened
from display_server.services.core.server_names import address_in_hall
from display_server.web.auth.authorization import site

DEFAULT_LANGUAGE = "vi"
LONGEST_OPTION = LONGEST_SHORT


def register(app: Flask) -> None:
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
        _gettext, _ngettext, newstyle=True
    )
    app.context_processor(_context)


def page_language() -> str:
    """`?lang=`, else what the page chose (`use_language`), else Vietnamese."""
    asked = request.args.get("lang", "")
    if asked in available_languages():
        return asked
    chosen: str = g.get("page_language", DEFAULT_LANGUAGE)
    return chosen


def use_language(language: str) -> None:
    """The language of this page, unless its address asks for another."""
    g.page_language = language if language in available_languages() else DEFAULT_LANGUAGE


def _other_language() -> str:
    return "en" if page_language() != "en" else DEFAULT_LANGUAGE


def official_name(named: Any) -> str:
    """The official name of a centre, department or counter, in the page's language."""
    return in_language(named.name, page_language())


def short_name(named: Any) -> str:
    """What to call it where space is short."""
    return in_language(named.name | named.short, page_language())


def option_name(named: Any) -> str:
    """The same for a list of choices, where nothing wraps."""
    return shortened(short_name(named), LONGEST_OPTION, 1, len)[0]


def _gettext(words: str) -> str:
    return translations(page_language()).gettext(words)


def _ngettext(one: str, many: str, count: int) -> str:
    return translations(page_language()).ngettext(one, many, count)


def _context() -> dict[str, Any]:
    return {
        "language": page_language(),
        "official_name": official_name,
        "short_name": short_name,
        "option_name": option_name,
        "long_name": LONGEST_SHORT,
        "other_language": _other_language(),
        "address_in_hall": lambda path: address_in_hall(site().settings.server, request.scheme, request.host) + path,
        "secondary": lambda words: translations(_other_language()).gettext(words),
    }

"""Words of the pages: `_` in the page's language, `other` in the other one, for lines that stand in both."""

from typing import Any

from flask import Flask, g, request

from config.languages import languages, translations

DEFAULT_LANGUAGE = "vi"


def register(app: Flask) -> None:
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
        _gettext, _ngettext, newstyle=True
    )
    app.context_processor(_context)


def page_language() -> str:
    """`?lang=`, else what the page chose (`use_language`), else Vietnamese."""
    asked = request.args.get("lang", "")
    if asked in languages():
        return asked
    chosen: str = g.get("page_language", DEFAULT_LANGUAGE)
    return chosen


def use_language(language: str) -> None:
    """The language of this page, unless its address asks for another."""
    g.page_language = language if language in languages() else DEFAULT_LANGUAGE


def _other_language() -> str:
    return "en" if page_language() != "en" else DEFAULT_LANGUAGE


def _gettext(words: str) -> str:
    return translations(page_language()).gettext(words)


def _ngettext(one: str, many: str, count: int) -> str:
    return translations(page_language()).ngettext(one, many, count)


def _context() -> dict[str, Any]:
    return {
        "language": page_language(),
        "other_language": _other_language(),
        "other": lambda words: translations(_other_language()).gettext(words),
    }

"""Where to go on after signing in: only ever to a page of our own."""

from __future__ import annotations

from urllib.parse import urlencode

from postcall.web.access import is_page

START = "/"
_LONGEST = 2000
"""Characters; a longer filter is lost rather than refused by a proxy on the way."""


def local_path(text: str | None) -> str:
    """The path where it leads to one of our pages, else the start.

    Browsers read `//host`, `/\\host` and either with control characters between as other sites; and the forms
    themselves are no place to go on to.
    """
    if not text or len(text) > _LONGEST or not text.startswith("/") or text.startswith("//"):
        return START
    if "\\" in text or not text.isprintable() or any(character.isspace() for character in text):
        return START
    path = text.partition("?")[0].partition("#")[0]
    return text if is_page(path) and path not in {"/sign-in", "/sign-out"} else START


def sign_in_path(asked: str) -> str:
    """The address of the form, which leads on to the page that was asked for."""
    onward = local_path(asked)
    return "/sign-in" if onward == START else f"/sign-in?{urlencode({'next': onward})}"

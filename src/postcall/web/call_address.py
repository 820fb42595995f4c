"""The addresses of a call's page: where it is, where one came from, and how to come back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from postcall.web.list_view import call_path

Query = tuple[tuple[str, str], ...]

_OWN = frozenset({"watch", "seen", "remark", "panel"})
"""Parameters of the call's page. Every other one is the list's that led here, and is handed back to it."""


@dataclass(frozen=True, slots=True)
class CallAddress:
    """A call's page or side panel, with the list's query that led to it."""

    call_id: str
    list_query: Query
    in_panel: bool
    """In the side panel of the list, not on a page of its own."""

    @property
    def path(self) -> str:
        """The call's, without a query."""
        return call_path(self.call_id)

    @property
    def page(self) -> str:
        """The full page."""
        return _with(self.path, self.list_query)

    @property
    def here(self) -> str:
        """What shows it as it is shown now."""
        return _with(f"{self.path}/panel", self.list_query) if self.in_panel else self.page

    @property
    def back(self) -> str:
        """The list, filtered as it was."""
        return _with("/calls", self.list_query)

    @property
    def post_query(self) -> str:
        """To be put behind a form's action, so that the reply comes back to here."""
        return _with("", [*self.list_query, *([("panel", "1")] if self.in_panel else [])])

    @property
    def remark(self) -> str:
        """Up to the number of the turn to be remarked on."""
        return _with(self.path, [*self.list_query, ("remark", "")])

    @property
    def elsewhere(self) -> Query:
        """The list's query but for what is searched for."""
        return tuple((name, value) for name, value in self.list_query if name != "q")

    def with_(self, *more: tuple[str, str]) -> str:
        """Here, with parameters of the page itself."""
        return _with(f"{self.path}/panel" if self.in_panel else self.path, [*self.list_query, *more])


def address_of(call_id: str, query: Iterable[tuple[str, str]], *, in_panel: bool) -> CallAddress:
    """The address of a request's call."""
    return CallAddress(call_id, tuple(each for each in query if each[0] not in _OWN), in_panel)


def _with(path: str, query: Iterable[tuple[str, str]]) -> str:
    encoded = urlencode(list(query))
    return f"{path}?{encoded}" if encoded else path

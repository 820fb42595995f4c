"""Where a handoff that was asked for goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from postcall.runtime.projects.model import HandoffTarget, Project
from postcall.runtime.protocol import AskedHandoff

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Resolved:
    """A handoff, ready to be recorded."""

    destination: str
    target: HandoffTarget | None
    """None: the project has no such entry; the handoff is recorded all the same."""
    reason: str
    sip_headers: dict[str, str]
    """The entry's, with those that were given over them."""
    phone_number: str | None
    """Where it goes: the route that was given, else the entry's number."""
    method: str | None
    """`refer`, `invite` or `bye`."""
    warning: str | None = None
    """For the author."""


def resolve_handoff(
    project: Project, asked: AskedHandoff, *, render: Callable[[str], str] = lambda text: text
) -> Resolved:
    """The entry that is meant, whatever the case of its name; never refuses.

    Nothing, and a name that no entry has, mean the default entry where the project has one: `default` always, an
    unknown name with a warning, under the name that was asked for. `render` fills in the variables of configured
    header values.
    """
    target, warning = _find(project, asked.destination)
    destination = target.name if target is not None and warning is None else asked.destination or DEFAULT
    config = target.sip_config if target is not None else {}
    number, method = config.get("phone_number"), config.get("method")
    headers = {key: render(value) for key, value in target.sip_headers.items()} if target is not None else {}
    return Resolved(
        destination=destination,
        target=target,
        reason=asked.reason or destination,
        sip_headers={**headers, **asked.sip_headers},
        phone_number=asked.route or (str(number) if number else None),
        method=asked.method or (str(method) if method else None),
        warning=warning,
    )


def _find(project: Project, asked: str | None) -> tuple[HandoffTarget | None, str | None]:
    wanted = (asked or DEFAULT).strip()
    if wanted in project.handoffs:
        return project.handoffs[wanted], None
    for name, target in project.handoffs.items():
        if name.casefold() == wanted.casefold():
            return target, None
    default = next((target for target in project.handoffs.values() if target.is_default), None)
    if wanted.casefold() == DEFAULT:
        missing = None if default is not None or asked is None else "the project has no default handoff"
        return default, missing
    if default is not None:
        return default, f"there is no handoff {wanted!r}; the default one, {default.name!r}, was taken"
    return None, f"there is no handoff {wanted!r}"

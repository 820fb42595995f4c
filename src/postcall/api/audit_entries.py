"""What one request is called in the log of who read and changed what: decided from its route and its answer alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from postcall.domain.audit import Action, Actor, ActorKind, AuditEntry
from postcall.domain.keys import Principal
from postcall.domain.people import Person

OPERATOR = "POSTCALL_ADMIN_KEY"
"""What the operator's own key is called, which is not in the record and has no id."""
_REFUSALS = frozenset({401, 403, 429})
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_ASKING = re.compile(
    r"/postcall/v1/(query(:\w+)?|analyst)|.*(:lint|/search|/aggregate|/preview|/score)"
    r"|/analyst|/try|/metrics-import|/metric-form"
)
"""Routes that are sent by POST since what they ask is long, and change nothing by themselves."""
_BY_THE_THOUSAND = re.compile(
    r"/postcall/v1/calls(:batch|/\{call_id\}/(turns|metrics|end))?"
    r"|.*/(debug-)?chat(/(create|respond|close|\{\w+\}))?|.*/external-events/webhook"
)
"""Routes by which calls are handed in and go on: logged without the call, or a busy hour would fill the log."""
_PARAMETER = re.compile(r"\{(\w+)[^}]*\}")
_ACCOUNTS = frozenset({"account", "account_id", "accountId"})
_AGENTS = frozenset({"agent", "agent_id", "agentId", "project_id", "projectId", "slug"})
_KINDS = {
    "conversation": "call",
    "conversations": "call",
    "conversation-details": "call",
    "chat": "call",
    "debug-chat": "call",
}
"""What stands behind such a word in an address, where it is not the word's singular."""
_FORMS = frozenset({"new", "edit"})
"""Pages that are about what stands before them in the address."""
_LONGEST = 200
_LONGEST_KIND = 30
_LONGEST_QUERY = 4_000


def is_behind(method: str, template: str, action: Action) -> bool:
    """Whether its line may be written after the answer, together with others of the minute."""
    return action is not Action.CHANGED or is_by_the_thousand(method, template)


def is_by_the_thousand(method: str, template: str) -> bool:
    """Whether it hands in calls or takes them forward."""
    return method not in _READING and _BY_THE_THOUSAND.fullmatch(template) is not None


def actor_of(principal: Principal | None, person: Person | None) -> Actor | None:
    """Who asks; None: nobody we know."""
    if principal is not None:
        if principal.key_id is None:
            return Actor(ActorKind.KEY, None, OPERATOR)
        return Actor(ActorKind.KEY, principal.key_id, principal.name)
    if person is not None:
        if person.email is None:
            return Actor(ActorKind.MACHINE)
        return Actor(ActorKind.PERSON, None, person.email)
    return None


def entry_of(
    actor: Actor, method: str, template: str, parameters: Mapping[str, Any], status: int, *, query: bytes = b""
) -> AuditEntry | None:
    """The line of a request; None where nothing was done, as where it was not well formed.

    `template` is the route's, such as `/postcall/v1/calls/{call_id}`. What failed on our side (5xx) may have been done,
    and is written down with its status.
    """
    if 400 <= status < 500 and status not in _REFUSALS:
        return None
    if status == 204 and method in _READING:  # a page that is open asked whether there is news, and was shown nothing
        return None
    kind, subject, agent = subject_of(template, parameters)
    return AuditEntry(
        actor=actor,
        action=_action(method, template, status),
        subject_kind=kind[:_LONGEST_KIND],
        request=f"{'GET' if method == 'HEAD' else method} {template}",
        subject=None if subject is None or is_by_the_thousand(method, template) else subject[:_LONGEST],
        agent=_shortened(agent or _asked_agent(query)),
        status=status,
    )


def subject_of(template: str, parameters: Mapping[str, Any]) -> tuple[str, str | None, str | None]:
    """What a route is about: its kind, its id where it is one thing, and its agent.

    Of things within others the outermost counts, since people ask who saw a call, and not who saw a remark on it.
    """
    kind = "start"
    word, subject, agent = "", None, None
    for part in template.split("/"):
        named = _PARAMETER.match(part)
        if named is None and part in _FORMS:
            continue
        if named is None:
            word = re.split(r"[:.]", part)[0] or word
            kind = kind if subject is not None else word or kind
        elif named[1] in _ACCOUNTS:
            continue
        elif named[1] in _AGENTS or word in {"agent", "agents"}:
            agent, kind = str(parameters.get(named[1], "")), "agent"
        elif subject is None:
            kind, subject = _KINDS.get(word, _singular(word)), str(parameters.get(named[1], ""))
    return kind, agent if kind == "agent" and subject is None else subject, agent


def _action(method: str, template: str, status: int) -> Action:
    if status in _REFUSALS:
        return Action.REFUSED
    return Action.READ if method in _READING or _ASKING.fullmatch(template) else Action.CHANGED


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _asked_agent(query: bytes) -> str | None:
    """Of a list or report, the agent that the address asks for."""
    if b"agent" not in query and b"project" not in query:
        return None
    asked = parse_qsl(query[:_LONGEST_QUERY].decode("latin-1"), errors="replace")
    return next((value for name, value in asked if name in _AGENTS and value), None)


def _shortened(text: str | None) -> str | None:
    return None if text is None else text[:_LONGEST]

"""Webhooks as pages show them, and what their form says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from postcall.configure.webhook_events import TELLABLE, WantedOf
from postcall.domain.agents import Agent
from postcall.domain.webhooks import CallMoment, DeliveryState, Subscription, Webhook, WebhookFormat
from postcall.errors import BadInput
from postcall.web import words
from postcall.web.delivery_view import EVENT_WORDS, STATES
from postcall.web.tones import Badge, Tone

EVERY = "every"
"""Stands for every agent in the form."""
_ON = Badge("on", Tone.GOOD)
_OFF = Badge("off", Tone.QUIET)
_HEALTH_OF = (DeliveryState.DELIVERED, DeliveryState.DEAD, DeliveryState.WAITING, DeliveryState.SENDING)


@dataclass(frozen=True, slots=True)
class Health:
    """How many deliveries are in one state."""

    badge: Badge
    href: str


@dataclass(frozen=True, slots=True)
class WebhookRow:
    """One webhook."""

    id: str
    href: str
    url: str
    description: str
    badge: Badge
    told: tuple[str, ...]
    """Each agent with what is told of its calls."""
    headers: tuple[str, ...]
    """Their names alone."""
    health: tuple[Health, ...]
    since: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One tick of the form: whether one event of one agent's calls is told."""

    value: str
    label: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """An agent's ticks."""

    agent: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class WebhookForm:
    """What the form's fields begin with."""

    url: str = ""
    description: str = ""
    headers: str = ""
    """One a line, `Name: value`."""
    enabled: bool = True
    wanted: frozenset[WantedOf] = frozenset()


def show_webhook(webhook: Webhook, counts: Mapping[str, int]) -> WebhookRow:
    """One webhook with how its deliveries stand; no secret and no header's value is in it."""
    href = f"/webhooks/{webhook.id}"
    return WebhookRow(
        id=webhook.id,
        href=href,
        url=words.visible(webhook.url),
        description=words.visible(webhook.description),
        badge=_ON if webhook.enabled else _OFF,
        told=_told(webhook.subscriptions),
        headers=tuple(sorted(webhook.headers)),
        health=tuple(
            Health(Badge(f"{counts[state]:,} {STATES[state].text}", STATES[state].tone), f"{href}?state={state}")
            for state in _HEALTH_OF
            if counts.get(state)
        ),
        since=words.moment(webhook.created_at),
    )


def form_of(webhook: Webhook) -> WebhookForm:
    """The form of one that there is, header values included: only for who may change it."""
    return WebhookForm(
        url=webhook.url,
        description=webhook.description,
        headers="\n".join(f"{name}: {value}" for name, value in webhook.headers.items()),
        enabled=webhook.enabled,
        wanted=frozenset((each.agent_id, each.moment) for each in webhook.subscriptions),
    )


def choices_of(form: WebhookForm, agents: Sequence[Agent]) -> tuple[ChoiceRow, ...]:
    """A row for every agent together, then one for each."""
    named: list[tuple[str | None, str]] = [(None, "Every agent"), *((agent.id, agent.name) for agent in agents)]
    return tuple(
        ChoiceRow(
            words.visible(name),
            tuple(
                Choice(
                    f"{agent_id or EVERY}:{moment}",
                    EVENT_WORDS[moment],
                    (agent_id, moment) in form.wanted,
                )
                for moment in TELLABLE[WebhookFormat.ATOMS]
            ),
        )
        for agent_id, name in named
    )


def read_form(pairs: Sequence[tuple[str, str]]) -> WebhookForm:
    """What was filled in; BadInput where a tick is none of the form's."""
    fields = dict(pairs)
    return WebhookForm(
        url=fields.get("url", "").strip(),
        description=" ".join(fields.get("description", "").split()),
        headers=fields.get("headers", ""),
        enabled=fields.get("enabled") == "yes",
        wanted=frozenset(_read_tick(value) for name, value in pairs if name == "want"),
    )


def read_headers(text: str) -> dict[str, str]:
    """One header a line; BadInput names the line that is none."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        name, colon, value = line.partition(":")
        if not colon or name.strip() in found:
            raise BadInput(f"headers: write each once, as Name: value, not {line[:60]!r}", field="headers")
        found[name.strip()] = value.strip()
    return found


def _read_tick(value: str) -> WantedOf:
    agent, _, moment = value.partition(":")
    try:
        return (None if agent == EVERY else agent), CallMoment(moment)
    except ValueError:
        raise BadInput(f"want: {value[:60]!r} is none of the events", field="want") from None


def _told(subscriptions: Sequence[Subscription]) -> tuple[str, ...]:
    by_agent: dict[str, list[str]] = {}
    for each in subscriptions:
        name = "Every agent" if each.agent_id is None else words.visible(each.agent_name)
        by_agent.setdefault(name, []).append(EVENT_WORDS[each.moment])
    return tuple(f"{name}: {', '.join(events)}" for name, events in by_agent.items())

"""Webhooks as pages show them, and what their form says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from postcall.configure.webhook_events import TELLABLE, WantedOf
from postcall.domain.agents import Agent
from postcall.domain.webhooks import (
    AlertMoment,
    CallMoment,
    DeliveryState,
    Moment,
    Subscription,
    Webhook,
    WebhookFormat,
    moment_named,
)
from postcall.errors import BadInput
from postcall.web import words
from postcall.web.delivery_view import EVENT_WORDS, STATES
from postcall.web.tones import Badge, Tone

EVERY = "every"
"""Stands for every agent in the form."""
FORMAT_WORDS = {
    WebhookFormat.ATOMS: "Smallest AI's Atoms",
    WebhookFormat.POLYAI: "PolyAI's webhook endpoints",
    WebhookFormat.NATIVE: "postcall's own",
}
GRACES = {"24": "a day", "168": "a week", "1": "an hour", "0": "not at all"}
"""Hours for which an old secret signs as well, in words."""
_SIGNATURES = {
    WebhookFormat.ATOMS: "X-Signature",
    WebhookFormat.POLYAI: "X-PolyAI-Signature",
    WebhookFormat.NATIVE: "X-Postcall-Signature",
}
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
    format: str
    signature: str
    """The header that its deliveries are signed in."""
    timed: bool
    """Whether the signature is over the time of sending as well."""
    old_secret: str
    """Until when the secret before signs as well; empty where there is none."""
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
    format: WebhookFormat = WebhookFormat.ATOMS
    timeout: str = ""
    """In milliseconds, as it was typed; empty: as long as any, or as it is."""
    enabled: bool = True
    wanted: frozenset[WantedOf] = frozenset()

    @property
    def timeout_ms(self) -> int | None:
        """As a number; BadInput where it is none."""
        if not self.timeout:
            return None
        if not (self.timeout.isascii() and self.timeout.isdigit() and len(self.timeout) < 7):
            raise BadInput(f"timeout_ms: {self.timeout[:20]!r} is no number of milliseconds", field="timeout_ms")
        return int(self.timeout)


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
        format=FORMAT_WORDS[webhook.format],
        signature=_SIGNATURES[webhook.format],
        timed=webhook.format is not WebhookFormat.ATOMS,
        old_secret=words.moment(webhook.old_secret_until) if webhook.old_secret_until else "",
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
        format=webhook.format,
        timeout="" if webhook.timeout_ms is None else str(webhook.timeout_ms),
        enabled=webhook.enabled,
        wanted=frozenset((each.agent_id, each.moment) for each in webhook.subscriptions),
    )


def choices_of(form: WebhookForm, agents: Sequence[Agent], *, is_new: bool) -> tuple[ChoiceRow, ...]:
    """A row for every agent together, then one for each; alerts, which are of all calls, only in the first.

    A new one may be of any format, so all that happens to calls is offered; what its format has no word for is refused.
    """
    offered: Sequence[Moment] = tuple(CallMoment) if is_new else TELLABLE[form.format]
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
                for moment in offered
                if agent_id is None or moment not in _ALERTS
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
        format=_read_format(fields.get("format", WebhookFormat.ATOMS)),
        timeout=fields.get("timeout_ms", "").strip(),
        enabled=fields.get("enabled") == "yes",
        wanted=frozenset(_read_tick(value) for name, value in pairs if name == "want"),
    )


def read_grace(text: str) -> timedelta:
    """How long the old secret signs as well, as the form has it."""
    if text not in GRACES:
        raise BadInput(f"grace: {text[:20]!r} is none of the form's", field="grace")
    return timedelta(hours=int(text))


def _read_format(text: str) -> WebhookFormat:
    try:
        return WebhookFormat(text)
    except ValueError:
        raise BadInput(f"format: {text[:20]!r} is none of {', '.join(WebhookFormat)}", field="format") from None


_ALERTS = frozenset(AlertMoment)


def _read_tick(value: str) -> WantedOf:
    agent, _, moment = value.partition(":")
    try:
        return (None if agent == EVERY else agent), moment_named(moment)
    except ValueError:
        raise BadInput(f"want: {value[:60]!r} is none of the events", field="want") from None


def _told(subscriptions: Sequence[Subscription]) -> tuple[str, ...]:
    by_agent: dict[str, list[str]] = {}
    for each in subscriptions:
        name = "Every agent" if each.agent_id is None else words.visible(each.agent_name)
        by_agent.setdefault(name, []).append(EVENT_WORDS[each.moment])
    return tuple(f"{name}: {', '.join(events)}" for name, events in by_agent.items())

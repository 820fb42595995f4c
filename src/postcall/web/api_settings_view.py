"""What an agent's calls show to other systems, as a form and as a reply under it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import msgspec

from postcall.api.polyai.conversation_format import Shown, conversation_json
from postcall.configure.api_settings import NameKind, OfferedName
from postcall.domain.visibility import ApiSettings, HandoffApi, handoff_data, shared_id_of
from postcall.errors import BadInput
from postcall.storage.conversation_rows import StoredConversation
from postcall.web import words

_KINDS = {
    NameKind.DEFINED: "Defined for this agent",
    NameKind.QUESTION: "Answered after the call",
    NameKind.WRITTEN: "Written by calls, and not defined",
    NameKind.BUILT_IN: "From postcall itself",
}
"""In the order of the form."""
_ALIAS = " = "
_TURNS_SHOWN = 4
_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class NameTick:
    """One name that can be picked."""

    name: str
    ticked: bool
    note: str


@dataclass(frozen=True, slots=True)
class NameGroup:
    """Names of one kind."""

    legend: str
    names: tuple[NameTick, ...]


@dataclass(frozen=True, slots=True)
class SettingsForm:
    """What the form's fields begin with."""

    show_transcripts: bool
    every: bool
    """All metrics, also those to come."""
    names: frozenset[str]
    """The picked ones, where it is not all."""
    more: str
    """Further names, one a line."""
    keys: str
    """Keys of the state, one a line; `key = its name there` where that is another."""
    shared: str


@dataclass(frozen=True, slots=True)
class PreviewView:
    """A reply about the agent's newest call."""

    call: str
    """Its id; empty where there is no call yet."""
    reply: str
    note: str
    handoff: str


def form_of(settings: ApiSettings, offered: Sequence[OfferedName]) -> SettingsForm:
    """The form of what is stored."""
    handoff, names = settings.handoff, settings.response_metrics or frozenset()
    offered_names = {each.name for each in offered}
    return SettingsForm(
        show_transcripts=settings.show_transcripts,
        every=settings.response_metrics is None,
        names=names,
        more="\n".join(sorted(names - offered_names)),
        keys="\n".join(
            f"{key}{_ALIAS}{handoff.aliases[key]}" if key in handoff.aliases else key for key in handoff.state_keys
        ),
        shared=handoff.shared_id_state_key or "",
    )


def read_settings_form(pairs: Sequence[tuple[str, str]]) -> SettingsForm:
    """What was filled in, right or wrong."""
    fields = dict(pairs)
    return SettingsForm(
        show_transcripts=fields.get("show_transcripts") == "yes",
        every=fields.get("metrics") != "picked",
        names=frozenset(value for name, value in pairs if name == "metric"),
        more=fields.get("more", ""),
        keys=fields.get("keys", ""),
        shared=fields.get("shared", "").strip(),
    )


def settings_in(form: SettingsForm, before: ApiSettings) -> ApiSettings:
    """The settings with what the form says in their place; BadInput where a line cannot be read.

    So it is where names were picked and it says all, since that would show more than was meant. The names that were
    stored are none of these: whoever goes back to all from there need not untick them.
    """
    picked = form.names | frozenset(_lines(form.more))
    if form.every and picked and picked != before.response_metrics:
        raise BadInput(
            "response_metrics: some names are picked, and yet it says all; choose only those ticked, or untick them",
            field="response_metrics",
        )
    return replace(
        before,
        show_transcripts=form.show_transcripts,
        response_metrics=None if form.every else picked,
        handoff=_handoff(form),
    )


def name_groups(form: SettingsForm, offered: Sequence[OfferedName]) -> tuple[NameGroup, ...]:
    """The names that can be picked: those that are picked before all others, which are many, and by kind."""
    order = list(_KINDS)
    picked = tuple(_tick(form, each) for each in offered if each.name in form.names)
    others = (each for each in offered if each.name not in form.names)
    ranked = sorted(others, key=lambda each: order.index(each.kind))
    groups = (
        NameGroup(_KINDS[kind], tuple(_tick(form, each) for each in names))
        for kind, names in groupby(ranked, key=lambda each: each.kind)
    )
    return ((NameGroup("Picked", picked),) if picked else ()) + tuple(groups)


def count_picked(groups: Sequence[NameGroup]) -> str:
    """How many of the names that are offered are picked."""
    ticks = [tick.ticked for group in groups for tick in group.names]
    return f"{sum(ticks):,} of {len(ticks):,} are picked."


def show_preview(
    settings: ApiSettings, newest: StoredConversation | None, offered: Sequence[OfferedName]
) -> PreviewView:
    """What a list of conversations and the handoff state would say of the newest call."""
    if newest is None:
        return PreviewView("", "", "", "")
    kept_back = frozenset(each.name for each in offered if each.kept_back)
    shown = conversation_json(newest, Shown(settings, kept_back))
    turns = len(shown["turns"])
    shown = {**shown, "turns": shown["turns"][:_TURNS_SHOWN]}
    left_out = turns - len(shown["turns"])
    call_id = newest.row.call.id
    state = newest.state or {}
    handoff = {
        "id": call_id,
        "shared_id": shared_id_of(settings.handoff, state),
        "data": handoff_data(settings.handoff, state),
    }
    return PreviewView(
        call=words.visible(call_id),
        reply=_laid_out(shown),
        note=f"{words.count(left_out, 'further turn')} left out here." if left_out else "",
        handoff=_laid_out(handoff),
    )


def _handoff(form: SettingsForm) -> HandoffApi:
    keys: list[str] = []
    aliases: dict[str, str] = {}
    for line in _lines(form.keys):
        key, equals, alias = (part.strip() for part in f" {line} ".partition(_ALIAS))
        if equals and not (key and alias):
            raise BadInput(
                f"handoff.state_keys: write a key, or KEY = NAME THERE, not {line[:60]!r}", field="handoff.state_keys"
            )
        keys.append(key)
        if alias and alias != key:
            aliases[key] = alias
    return HandoffApi(tuple(keys), aliases, form.shared or None)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _tick(form: SettingsForm, offered: OfferedName) -> NameTick:
    note = "kept out by its definition" if offered.kept_back else ""
    return NameTick(offered.name, offered.name in form.names, note)


def _laid_out(reply: object) -> str:
    text = msgspec.json.format(msgspec.json.encode(reply), indent=2).decode()
    return words.shorten(words.visible(text), _LONGEST)

"""The request contradicts what is stored."""

from __future__ import annotations

from postcall.errors.base import PostcallError


class Conflict(PostcallError):
    """The request contradicts what is stored."""

    status = 409
    code = "conflict"


class NoProject(Conflict):
    """The agent takes no calls here: this version of it has no project."""

    code = "no_project"

    def __init__(self, agent: str, version: int) -> None:
        super().__init__(f"agent {agent!r} has no project in version {version}: push one with `postcall agents push`")


class AgentArchived(Conflict):
    """The agent has been put away: its calls stay, and it takes and places no more."""

    code = "agent_archived"

    def __init__(self, agent: str) -> None:
        super().__init__(f"agent {agent!r} is archived: restore it first")


class ConversationBusy(Conflict):
    """Another turn of the conversation is under way, perhaps in another process."""

    code = "conversation_busy"
    retry = True

    def __init__(self, call_id: str) -> None:
        super().__init__(f"the agent has not finished its turn in call {call_id!r}; try again in a moment")


class ConversationOver(Conflict):
    """The conversation has ended; nothing can be said in it any more."""

    status = 410
    code = "conversation_over"

    def __init__(self, call_id: str) -> None:
        super().__init__(f"call {call_id!r} has ended")


class CampaignNotStartable(Conflict):
    """The campaign cannot be started, or paused, as it stands."""

    code = "campaign_not_startable"


class CallDiffers(Conflict):
    """A call of this id is stored with other content."""

    code = "call_differs"

    def __init__(self, call_id: str) -> None:
        super().__init__(
            f"call {call_id!r} is already stored with other content; send it with ?replace=true to store this as a new "
            "revision and extract again",
            field="id",
        )


class CallIsHosted(Conflict):
    """A call of this id is held here; what is said in it comes from the conversation alone."""

    code = "call_is_hosted"

    def __init__(self, call_id: str) -> None:
        super().__init__(f"postcall itself holds call {call_id!r}, so no other transcript can be handed in", field="id")


class CallNotLive(Conflict):
    """Turns, metrics and an end are taken only while a call is in progress."""

    code = "call_not_live"

    def __init__(self, call_id: str, status: str) -> None:
        super().__init__(f"call {call_id!r} is not in progress (its status is {status})")


class KeyReused(Conflict):
    """An Idempotency-Key came again with another request."""

    code = "idempotency_key_reused"

    def __init__(self, key: str) -> None:
        super().__init__(f"the Idempotency-Key {key!r} was used before with another request", field="Idempotency-Key")


class DraftChanged(Conflict):
    """Somebody saved the draft since the revision that a change names was read."""

    code = "draft_changed"

    def __init__(self, name: str, *, current: int, by: str | None) -> None:
        who = by or "somebody"
        super().__init__(
            f"the draft {name!r} was saved by {who} in the meantime and is at revision {current}; read it again",
            field="revision",
        )


class TooManyWebhooks(Conflict):
    """The account has as many receivers of a format as its published interface allows."""

    code = "too_many_webhooks"

    def __init__(self, most: int) -> None:
        super().__init__(f"there are {most} webhooks of this format already, which is as many as it allows")


class NothingToExtract(Conflict):
    """Only a completed call with a turn by the user is extracted."""

    code = "nothing_to_extract"


class ExportNotReady(Conflict):
    """The export has no files to give, as it stands."""

    code = "export_not_ready"

    def __init__(self, export_id: str, state: str) -> None:
        super().__init__(f"export {export_id!r} is {state}; only a finished one has files")


class ExportStopped(Conflict):
    """Whoever works at the export is to stop: it was cancelled or deleted, or another worker is at it."""

    def __init__(self, export_id: str) -> None:
        super().__init__(f"export {export_id!r} is not to be worked at any more")

"""Every error that postcall raises on purpose, drawn as a tree.

An error knows the HTTP status and the code under which a client sees it, and says in one sentence what is wrong and
what would help. `field` names the part of the input that is at fault, as a path such as `turns[3].role`.

    PostcallError
    ├── BadInput              the caller's fault; the same request fails again
    ├── NotAllowed            the caller is not known, or may not
    ├── NotFound              no such thing in this account
    ├── Conflict              it contradicts what is stored
    ├── ModelError            a language model's endpoint is at fault
    ├── InternalFault         postcall's own fault
    ├── SendingDelayed        a message could not be sent yet
    ├── ReportsBuilding       not yet; the same request works in a while
    ├── QueryTooSlow          a question to the reports that takes too long
    ├── WorkerDied            a job that no worker outlived
    └── SettingsError         the operator's fault; the start stops
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum


class Blame(Enum):
    """What a failure says about other work like it."""

    CALL = "call"
    """Nothing: it is about this one."""
    ENDPOINT = "endpoint"
    """The next will fail as well."""
    EITHER = "either"
    """Only others can tell."""


class PostcallError(Exception):
    """Anything that postcall refuses or fails to do."""

    status = 500
    code = "internal"
    blame = Blame.CALL
    counts = True
    """Whether it uses up one of a job's attempts."""
    retry = False
    """Whether trying the same again can help."""
    retry_after_s: float | None = None
    """How long the other side asked us to wait."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class BadInput(PostcallError):
    """The request itself is wrong; sending it again cannot help."""

    status = 400
    code = "bad_input"


class BodyTooLarge(BadInput):
    """The body passes the limit that the message names."""

    status = 413
    code = "body_too_large"


class NotAProject(BadInput):
    """A folder or zip without a project.yaml that says which project it is."""

    code = "not_a_project"


class ProjectHasProblems(BadInput):
    """A project was pushed with the wish that nothing be wrong with it."""

    code = "project_has_problems"

    def __init__(self, problems: Sequence[str], *, listed: bool = True, most: int = 20) -> None:
        more = [f"and {len(problems) - most} more"] if len(problems) > most else []
        words = f": {'; '.join([*problems[:most], *more])}" if listed else ""
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(f"nothing was published, for the project has {count}{words}")


class NotAllowed(PostcallError):
    """The key may not do this."""

    status = 403
    code = "not_allowed"


class NotAuthenticated(NotAllowed):
    """No key, or one that is unknown, expired or revoked."""

    status = 401
    code = "not_authenticated"


class SignInNeeded(NotAuthenticated):
    """A page was asked for by somebody who has not signed in, or whose session has ended."""

    def __init__(self) -> None:
        super().__init__("sign in to see this page")


class NotFound(PostcallError):
    """No such thing in the caller's account."""

    status = 404
    code = "not_found"


class CallNotFound(NotFound):
    """No call of this id in the account."""

    def __init__(self, call_id: str) -> None:
        super().__init__(f"there is no call {call_id!r}")


class AgentNotFound(NotFound):
    """No agent of this id or slug in the account."""

    def __init__(self, agent: str) -> None:
        super().__init__(f"there is no agent {agent!r}")


class MetricNotFound(NotFound):
    """No definition of this name for the agent."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no metric {name!r}")


class OutboxItemNotFound(NotFound):
    """No message of this id in the account's outbox."""

    def __init__(self, item_id: str) -> None:
        super().__init__(f"there is no message {item_id!r} in the outbox")


class SecretUnknown(NotFound):
    """The agent has no secret of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no secret {name!r}")


class RemarkNotFound(NotFound):
    """No remark of this id on the call."""

    def __init__(self, remark: str) -> None:
        super().__init__(f"there is no remark {remark!r} on this call")


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


class NothingToExtract(Conflict):
    """Only a completed call with a turn by the user is extracted."""

    code = "nothing_to_extract"


class ModelError(PostcallError):
    """The endpoint of a language model is at fault, or what it returned cannot be used."""

    status = 502
    code = "model_error"

    def __init__(self, message: str, *, retry: bool, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry = retry
        self.retry_after_s = retry_after_s


class ModelTimeout(ModelError):
    """No answer within `POSTCALL_LLM_TIMEOUT`, or no connection."""

    code = "model_timeout"
    blame = Blame.EITHER


class ModelRateLimited(ModelError):
    """429: too many requests, or the account's quota is used up."""

    code = "model_rate_limited"
    blame = Blame.ENDPOINT
    counts = False


class ModelUnavailable(ModelError):
    """5xx: the endpoint failed."""

    code = "model_unavailable"
    blame = Blame.EITHER


class ModelRefusedKey(ModelError):
    """401 or 403: the key is wrong or may not use this model."""

    code = "model_refused_key"
    blame = Blame.ENDPOINT


class ModelRefused(ModelError):
    """The model, or the endpoint's content filter, declined to answer."""

    code = "model_refused"


class ModelReplyUnusable(ModelError):
    """An empty body, or no JSON in the reply."""

    code = "model_reply_unusable"


class ContextTooLong(ModelError):
    """The prompt does not fit the model's window."""

    code = "context_too_long"


class ModelRejectedRequest(ModelError):
    """Any other 4xx: the endpoint does not take this request (an unknown model, an unknown parameter)."""

    code = "model_rejected_request"


class InternalFault(PostcallError):
    """A fault of postcall's own, met in work that nobody waits for; it is tried again, then stored."""

    retry = True

    def __init__(self, error: Exception) -> None:
        # Not a database's own words: they hold the statement, and with it what others said; nor the paths of files.
        of_database = hasattr(error, "statement") or "duckdb" in type(error).__module__
        words = "the log says more" if of_database or isinstance(error, OSError) else str(error)
        super().__init__(f"postcall failed: {type(error).__name__}: {words}")


class WorkerDied(PostcallError):
    """Every worker that began the job stopped without a word, as a process does that runs out of memory."""

    code = "worker_died"

    def __init__(self, times: int) -> None:
        super().__init__(f"the worker that held it stopped, {times} times")


class SendingDelayed(PostcallError):
    """Nothing of a message was taken: the other side could not be reached, or asked to come again."""

    status = 502
    code = "sending_delayed"

    def __init__(self, message: str, *, retry: bool, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry = retry
        self.retry_after_s = retry_after_s


class ReportsBuilding(PostcallError):
    """The reporting index is being built; the same question can be answered in a while."""

    status = 503
    code = "reports_building"
    retry = True
    retry_after_s = 2.0

    def __init__(self, share: float | None, *, reason: str | None = None) -> None:
        why = f" ({reason})" if reason else ""
        done = f": {share:.0%} done" if share is not None else ""
        super().__init__(f"the reports are being prepared{done}{why}; ask again in a few seconds")
        self.share = share


class QueryTooSlow(PostcallError):
    """A question to the reports took too long and was stopped."""

    status = 422
    code = "query_too_slow"

    def __init__(self, limit_s: float) -> None:
        super().__init__(f"this took longer than {limit_s:g} s and was stopped; ask for less time or fewer conditions")


class SettingsError(PostcallError):
    """A wrong setting; the start stops with this one line."""

    code = "settings"


class SecretsUnreadable(SettingsError):
    """A secret was sealed under a key that this process does not have; met while it runs, not only at the start."""

    code = "secrets_unreadable"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the secret {name!r} was sealed under another key than this process has: give every process the same "
            "POSTCALL_SECRETS_KEY (older keys after a comma), or set the secret again"
        )

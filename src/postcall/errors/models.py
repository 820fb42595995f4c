"""A language model's endpoint is at fault."""

from __future__ import annotations

from postcall.errors.base import Blame, PostcallError


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

"""There is no such thing in this account."""

from __future__ import annotations

from postcall.errors.base import PostcallError


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


class WebhookNotFound(NotFound):
    """No webhook of this id in the account."""

    def __init__(self, webhook_id: str) -> None:
        super().__init__(f"there is no webhook {webhook_id!r}")


class DeliveryNotFound(NotFound):
    """No delivery of this id in the account."""

    def __init__(self, delivery_id: str) -> None:
        super().__init__(f"there is no delivery {delivery_id!r}")


class CallActionNotFound(NotFound):
    """No call action of this id in the account."""

    def __init__(self, action_id: str) -> None:
        super().__init__(f"there is no call action {action_id!r}")


class CampaignNotFound(NotFound):
    """No campaign of this id in the account."""

    def __init__(self, campaign_id: str) -> None:
        super().__init__(f"there is no campaign {campaign_id!r}")


class SecretUnknown(NotFound):
    """The agent has no secret of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no secret {name!r}")


class RemarkNotFound(NotFound):
    """No remark of this id on the call."""

    def __init__(self, remark: str) -> None:
        super().__init__(f"there is no remark {remark!r} on this call")


class ExportNotFound(NotFound):
    """No export of this id in the account."""

    def __init__(self, export_id: str) -> None:
        super().__init__(f"there is no export {export_id!r}")


class ExportFileNotFound(NotFound):
    """The export has no such file, or its files have been thrown away."""

    def __init__(self, export_id: str, name: str) -> None:
        super().__init__(f"export {export_id!r} has no file {name!r} (any more)")


class ThreadNotFound(NotFound):
    """No thread of questions of this id that belongs to whoever asks."""

    def __init__(self, thread: str) -> None:
        super().__init__(f"there is no thread {thread[:50]!r}")

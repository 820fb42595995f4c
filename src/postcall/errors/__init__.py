"""Every error that postcall raises on purpose, drawn as a tree.

An error knows the HTTP status and the code under which a client sees it, and says in one sentence what is wrong and
what would help. `field` names the part of the input that is at fault, as a path such as `turns[3].role`.

    PostcallError
    ├── BadInput              the caller's fault; the same request fails again
    ├── NotAllowed            the caller is not known, or may not
    ├── TooManyRequests       the caller asks too often
    ├── TooManyQuestions      the caller has too many under way
    ├── NotFound              no such thing in this account
    ├── Conflict              it contradicts what is stored
    ├── ModelError            a language model's endpoint is at fault
    ├── InternalFault         postcall's own fault
    ├── SendingDelayed        a message could not be sent yet
    ├── LinesBusy             a call waits for a free line
    ├── ReportsBuilding       not yet; the same request works in a while
    ├── AnalystBusy           too many others ask just now
    ├── QueryTooSlow          a question to the reports that takes too long
    ├── WorkerDied            a job that no worker outlived
    └── SettingsError         the operator's fault; the start stops
"""

from __future__ import annotations

from postcall.errors.base import Blame, PostcallError
from postcall.errors.conflicts import (
    AgentArchived,
    CallDiffers,
    CallIsHosted,
    CallNotLive,
    CampaignNotStartable,
    Conflict,
    ConversationBusy,
    ConversationOver,
    DraftChanged,
    ExportNotReady,
    ExportStopped,
    KeyReused,
    NoProject,
    NothingToExtract,
    TooManyWebhooks,
)
from postcall.errors.missing import (
    AgentNotFound,
    CallActionNotFound,
    CallNotFound,
    CampaignNotFound,
    DeliveryNotFound,
    ExportFileNotFound,
    ExportNotFound,
    MetricNotFound,
    NotFound,
    OutboxItemNotFound,
    RemarkNotFound,
    SecretUnknown,
    ThreadNotFound,
    WebhookNotFound,
)
from postcall.errors.models import (
    ContextTooLong,
    ModelError,
    ModelRateLimited,
    ModelRefused,
    ModelRefusedKey,
    ModelRejectedRequest,
    ModelReplyUnusable,
    ModelTimeout,
    ModelUnavailable,
)
from postcall.errors.own import (
    AnalystBusy,
    InternalFault,
    LinesBusy,
    QueryTooSlow,
    ReportsBuilding,
    SecretsUnreadable,
    SendingDelayed,
    SettingsError,
    WorkerDied,
)
from postcall.errors.refusals import (
    BadInput,
    BodyTooLarge,
    NotAllowed,
    NotAProject,
    NotAuthenticated,
    ProjectHasProblems,
    SignInNeeded,
    TooManyQuestions,
    TooManyRequests,
)

__all__ = [
    "AgentArchived",
    "AgentNotFound",
    "AnalystBusy",
    "BadInput",
    "Blame",
    "BodyTooLarge",
    "CallActionNotFound",
    "CallDiffers",
    "CallIsHosted",
    "CallNotFound",
    "CallNotLive",
    "CampaignNotFound",
    "CampaignNotStartable",
    "Conflict",
    "ContextTooLong",
    "ConversationBusy",
    "ConversationOver",
    "DeliveryNotFound",
    "DraftChanged",
    "ExportFileNotFound",
    "ExportNotFound",
    "ExportNotReady",
    "ExportStopped",
    "InternalFault",
    "KeyReused",
    "LinesBusy",
    "MetricNotFound",
    "ModelError",
    "ModelRateLimited",
    "ModelRefused",
    "ModelRefusedKey",
    "ModelRejectedRequest",
    "ModelReplyUnusable",
    "ModelTimeout",
    "ModelUnavailable",
    "NoProject",
    "NotAProject",
    "NotAllowed",
    "NotAuthenticated",
    "NotFound",
    "NothingToExtract",
    "OutboxItemNotFound",
    "PostcallError",
    "ProjectHasProblems",
    "QueryTooSlow",
    "RemarkNotFound",
    "ReportsBuilding",
    "SecretUnknown",
    "SecretsUnreadable",
    "SendingDelayed",
    "SettingsError",
    "SignInNeeded",
    "ThreadNotFound",
    "TooManyQuestions",
    "TooManyRequests",
    "TooManyWebhooks",
    "WebhookNotFound",
    "WorkerDied",
]

"""A scripted model for tests: a real server on 127.0.0.1 that speaks chat completions and says what you tell it to.

    from postcall.testing import Fail, ScriptedModel

    with ScriptedModel() as model:
        model.reply({"summary": "She booked a table."})          # the next request, once
        model.fail(429, retry_after=1)                           # the one after it
        model.when(lambda request: "refund" in request.text).reply({"summary": "He wants his money back."})
        ...                                                      # let your code ask model.url
        assert model.count == 2

`python -m postcall.testing --latency 0.2` starts the same server as a process of its own.
"""

from postcall.testing.honest import Answered, answers_from, filled
from postcall.testing.model import ScriptedModel
from postcall.testing.replies import (
    BrokenConnection,
    CutOff,
    Delayed,
    Fail,
    Filtered,
    RawBody,
    Refusal,
    Says,
    ScriptedReply,
    ToolCalls,
)
from postcall.testing.requests import ModelRequest, ReceivedMessage

__all__ = [
    "Answered",
    "BrokenConnection",
    "CutOff",
    "Delayed",
    "Fail",
    "Filtered",
    "ModelRequest",
    "RawBody",
    "ReceivedMessage",
    "Refusal",
    "Says",
    "ScriptedModel",
    "ScriptedReply",
    "ToolCalls",
    "answers_from",
    "filled",
]

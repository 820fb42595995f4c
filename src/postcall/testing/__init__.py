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
from postcall.testing.loading import load_script
from postcall.testing.model import ScriptedModel
from postcall.testing.replies import (
    Broken,
    BrokenConnection,
    Calls,
    CutOff,
    Delayed,
    ErrorInStream,
    Fail,
    Filtered,
    Paced,
    RawBody,
    RawStream,
    Refusal,
    Says,
    ScriptedReply,
    Stalled,
    ToolCalls,
)
from postcall.testing.requests import ModelRequest, ReceivedCall, ReceivedMessage, ToolResult

__all__ = [
    "Answered",
    "Broken",
    "BrokenConnection",
    "Calls",
    "CutOff",
    "Delayed",
    "ErrorInStream",
    "Fail",
    "Filtered",
    "ModelRequest",
    "Paced",
    "RawBody",
    "RawStream",
    "ReceivedCall",
    "ReceivedMessage",
    "Refusal",
    "Says",
    "ScriptedModel",
    "ScriptedReply",
    "Stalled",
    "ToolCalls",
    "ToolResult",
    "answers_from",
    "filled",
    "load_script",
]

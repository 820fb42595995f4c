"""One conversation, whatever the channel: what goes in is what the user did, what comes out is what the agent says."""

from postcall.runtime.session.ending import run_end_function
from postcall.runtime.session.limits import SessionLimits
from postcall.runtime.session.opening import new_snapshot
from postcall.runtime.session.session import Session

__all__ = ["Session", "SessionLimits", "new_snapshot", "run_end_function"]

"""Whether somebody whom a campaign has called is called again, and when."""

from __future__ import annotations

from datetime import datetime, timedelta

from postcall.domain.calls import CallStatus
from postcall.domain.outbound import MemberState


def after_call(
    status: CallStatus,
    *,
    attempts: int,
    max_retries: int,
    retry_delay_s: int,
    final: bool,
    now: datetime,
) -> tuple[MemberState, datetime]:
    """How it stands with somebody after a call that ended so, and when their next one is due.

    `attempts` counts this call too. `final`: it is not to be tried again, however it ended, since they have answered it
    or since the next one would fail for the same reason.
    """
    if status is CallStatus.COMPLETED:
        return MemberState.REACHED, now
    if final or status is CallStatus.CANCELLED or attempts > max_retries:
        return MemberState.MISSED, now
    return MemberState.WAITING, now + timedelta(seconds=retry_delay_s)

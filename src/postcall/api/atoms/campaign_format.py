"""Campaigns as this interface shows them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from postcall.api.atoms.replies import moment
from postcall.domain.outbound import CampaignStatus
from postcall.storage.campaign_members import CampaignMetrics, Standing
from postcall.storage.campaigns import CampaignEvent, CountedCampaign


def created_json(found: CountedCampaign, *, organization: str) -> dict[str, Any]:
    """As it is answered to whoever makes it: agent and audience by their ids."""
    campaign = found.campaign
    return _common(found, organization) | {"agentId": campaign.agent_id, "audienceId": campaign.audience_id}


def campaign_json(found: CountedCampaign, *, organization: str, workflow_type: str) -> dict[str, Any]:
    """As lists and the campaign itself have it."""
    campaign = found.campaign
    shown = _common(found, organization) | {
        "agent": {"_id": campaign.agent_id, "name": campaign.agent_name, "workflowType": workflow_type},
        "audience": {"_id": campaign.audience_id, "name": campaign.audience_name},
        "cancelledCallsCount": campaign.cancelled_calls,
    }
    return shown | _known(
        pausedAt=moment(campaign.paused_at) if campaign.status is CampaignStatus.PAUSED else None,
        error=campaign.error,
        failedAt=moment(campaign.failed_at),
    )


def executions_json(found: CountedCampaign, standing: Standing) -> list[dict[str, Any]]:
    """One, from the start to the end: a campaign that was paused goes on with the same."""
    campaign = found.campaign
    if campaign.started_at is None:
        return []
    execution = {
        "executionNumber": 1,
        "status": campaign.status.value,
        "totalMembers": standing.total,
        "processedMembers": standing.settled,
        "startedAt": moment(campaign.started_at),
    }
    return [execution | _known(completedAt=moment(campaign.finished_at or campaign.failed_at))]


def events_json(events: Iterable[CampaignEvent]) -> list[dict[str, Any]]:
    """What happened, the oldest first."""
    return [
        {
            "_id": event.id,
            "triggerSource": event.source,
            "eventAction": event.action,
            "createdAt": moment(event.at),
            "updatedAt": moment(event.at),
        }
        for event in events
    ]


def metrics_json(metrics: CampaignMetrics) -> dict[str, int]:
    """People, not calls."""
    return {
        "total_participants": metrics.participants,
        "contacts_called": metrics.called,
        "contacts_connected": metrics.connected,
    }


def _common(found: CountedCampaign, organization: str) -> dict[str, Any]:
    campaign = found.campaign
    shown: dict[str, Any] = {
        "_id": campaign.id,
        "name": campaign.name,
        "description": campaign.description,
        "organization": organization,
        "createdBy": campaign.created_by or organization,
        "participantsCount": found.participants,
        "phoneNumberIds": list(campaign.number_ids),
        "status": campaign.status.value,
        "maxRetries": campaign.max_retries,
        "retryDelay": campaign.retry_delay_s // 60,
        "retryAttempts": found.retries,
        "createdAt": moment(campaign.created_at),
        "updatedAt": moment(campaign.updated_at),
    }
    hours = campaign.calling_hours
    return shown | _known(
        scheduledAt=moment(campaign.scheduled_at),
        callingHours={"start": hours.start, "end": hours.end, "days": list(hours.days)} if hours else None,
    )


def _known(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}

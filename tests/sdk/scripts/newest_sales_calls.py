"""Run with the newest client: the same journey, with its names.

Arguments: the server's address and an API key. Prints what it saw as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time

ADDRESS, KEY = sys.argv[1:]
os.environ["SMALLEST_API_KEY"] = KEY
os.environ["SMALLEST_BASE_URL"] = f"{ADDRESS}/atoms/v1"

from smallestai import SmallestAI  # noqa: E402 - it reads the key when it is imported
from smallestai.atoms.helpers import Audience, CallAnalytics, Campaign  # noqa: E402
from smallestai.environment import SmallestAIEnvironment  # noqa: E402

PATIENCE_S = 60
METRICS = [
    {
        "identifier": "lead_quality",
        "dispositionMetricPrompt": "How likely is it that they buy?",
        "dispositionMetricType": "ENUM",
        "choices": ["hot", "warm", "cold"],
    },
    {
        "identifier": "wants_demo",
        "dispositionMetricPrompt": "Did they agree to a demonstration?",
        "dispositionMetricType": "BOOLEAN",
    },
    {
        "identifier": "team_size",
        "dispositionMetricPrompt": "How many people are on their team?",
        "dispositionMetricType": "INTEGER",
    },
]

client = SmallestAI(
    environment=SmallestAIEnvironment(atoms=f"{ADDRESS}/atoms/v1", waves=ADDRESS, waves_ws=ADDRESS, payment=ADDRESS)
)
atoms = client.atoms
calls, audiences, campaigns = CallAnalytics(), Audience(), Campaign()
seen = {}

agent_id = atoms.agents.create_agent(
    name="Sales", global_prompt="You sell garden sheds.", description="Calls people who asked for a leaflet"
).data
calls.set_post_call_config(agent_id, summary_prompt="Two sentences on the sale.", disposition_metrics=METRICS)
seen["resolved"] = atoms.agents.get_agent(agent_id).data.resolved_config.dict(by_alias=True)

phone_id = atoms.phone_numbers.list().data[0].id
audience_id = audiences.create(
    name="Leaflets", phone_numbers=["+14155550123", "+14155550124"], names=[("Ada", "Byron"), ("Alan", "Kay")]
)["data"]["_id"]
campaign_id = campaigns.create(name="Sheds", agent_id=agent_id, audience_id=audience_id, phone_ids=[phone_id])["data"][
    "_id"
]
campaigns.start(campaign_id)
began = time.monotonic()


def analysed():
    logs = calls.get_calls(agent_id=agent_id, campaign_id=campaign_id, limit=10)["data"]["logs"]
    details = [calls.get_call(log["callId"])["data"] for log in logs]
    return details if len(details) == 2 and all(each.get("postCallAnalytics") for each in details) else None


while (details := analysed()) is None and time.monotonic() - began < PATIENCE_S:
    time.sleep(0.5)
seen["took_s"] = time.monotonic() - began
seen["details"] = details
seen["config"] = calls.get_post_call_config(agent_id)["data"]
seen["campaign"] = campaigns.get(campaign_id)["data"]
seen["summary"] = atoms.analytics.get_analytics_summary(agent_id=agent_id).data.dict()

campaigns.delete(campaign_id)
audiences.delete(audience_id)
atoms.agents.archive_agent(agent_id)
seen["left"] = [each.id for each in atoms.agents.list_agents().data.agents]
print(json.dumps(seen, default=str))

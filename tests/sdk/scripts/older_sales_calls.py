"""Run with the older client: an agent, what to ask after its calls, an audience, a campaign, and what came of it.

Arguments: the server's address and an API key. Prints what it saw as JSON.
"""

from __future__ import annotations

import json
import sys
import time

from smallestai.atoms import AtomsClient, Configuration
from smallestai.atoms.audience import Audience
from smallestai.atoms.call import Call
from smallestai.atoms.campaign import Campaign

ADDRESS, KEY = sys.argv[1:]
PATIENCE_S = 60
METRICS = [
    {
        "identifier": "lead_quality",
        "dispositionMetricPrompt": "How likely is it that they buy?",
        "dispositionValues": {"type": "ENUM"},
        "choices": ["hot", "warm", "cold"],
    },
    {
        "identifier": "wants_demo",
        "dispositionMetricPrompt": "Did they agree to a demonstration?",
        "dispositionValues": {"type": "BOOLEAN"},
    },
    {
        "identifier": "team_size",
        "dispositionMetricPrompt": "How many people are on their team?",
        "dispositionMetricType": "INTEGER",
    },
]

Configuration.set_default(Configuration(host=f"{ADDRESS}/api/v1", access_token=KEY))
client = AtomsClient()
calls = Call()
seen = {}

agent = client.new_agent(
    name="Sales", prompt="You sell garden sheds.", description="Calls people who asked for a leaflet"
)
agent_id = agent.data
written = calls.set_post_call_config(agent_id, summary_prompt="Two sentences on the sale.", disposition_metrics=METRICS)
seen["written"] = written["data"]

phones = client.get_phone_numbers()
phone_id = phones["data"][0]["_id"] if isinstance(phones, dict) else phones.data[0].id
seen["phone_id"] = phone_id

audiences = Audience()
audience = audiences.create(
    name="Leaflets", phone_numbers=["+14155550123", "+14155550124"], names=[("Ada", "Byron"), ("Alan", "Kay")]
)
audience_id = audience["data"]["_id"]
seen["members"] = audiences.get_members(audience_id)["data"]["members"]

campaigns = Campaign()
campaign_id = campaigns.create(name="Sheds", agent_id=agent_id, audience_id=audience_id, phone_ids=[phone_id])["data"][
    "_id"
]
seen["started"] = campaigns.start(campaign_id)
began = time.monotonic()


def analysed():
    logs = calls.get_calls(agent_id=agent_id, limit=10)["data"]["logs"]
    details = [calls.get_call(log["callId"])["data"] for log in logs]
    return details if len(details) == 2 and all(each.get("postCallAnalytics") for each in details) else None


while (details := analysed()) is None and time.monotonic() - began < PATIENCE_S:
    time.sleep(0.5)
seen["took_s"] = time.monotonic() - began
seen["details"] = details
seen["of_campaign"] = calls.get_calls(campaign_id=campaign_id, status="completed")["data"]
seen["found"] = calls.search_calls([each["callId"] for each in details or []])["data"]
seen["campaign"] = campaigns.get(campaign_id)["data"]
seen["campaigns"] = campaigns.list()["data"]
seen["config"] = calls.get_post_call_config(agent_id)["data"]
seen["agent"] = client.get_agent_by_id(agent_id)["data"]
# The typed list knows fewer values than agents may have; it reads what this one has.
seen["listed"] = [each.name for each in client.get_agents().data.agents]

# This way of making one names no numbers and no retries.
seen["bare"] = client.new_campaign("Bare", agent_id, audience_id, [phone_id]).data["_id"]
campaigns.delete(seen["bare"])

seen["campaign_deleted"] = campaigns.delete(campaign_id)
seen["audience_deleted"] = audiences.delete(audience_id)
seen["agent_deleted"] = client.delete_agent(agent_id)
print(json.dumps(seen, default=str))

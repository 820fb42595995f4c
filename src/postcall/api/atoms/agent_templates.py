"""Agents to begin with: each a prompt, a greeting and the questions that show how its calls went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from postcall.api.atoms.errors import AtomsError

_REGIONS = {"us": "US", "in": "India"}


@dataclass(frozen=True, slots=True)
class AgentTemplate:
    """One of them."""

    id: str
    """24 hex digits that never change."""
    name: str
    description: str
    industry: str
    use_case: str
    call_type: str
    """Inbound, Outbound or Both."""
    greeting: str
    prompt: str
    metrics: tuple[dict[str, Any], ...]

    def config(self) -> dict[str, Any]:
        """As the config fields of a body."""
        return {
            "singlePromptConfig": {"prompt": self.prompt},
            "firstMessage": self.greeting,
            "postCallAnalyticsConfig": {"dispositionMetrics": list(self.metrics)},
        }


def list_templates(region: str | None) -> list[dict[str, Any]]:
    """Every template, for `us` (where nothing is said) or `in`: they speak of no place, and so differ in nothing."""
    if (region or "us") not in _REGIONS:
        raise AtomsError(400, f"region: Must be one of {', '.join(_REGIONS)}")
    return [_template_json(each, _REGIONS[region or "us"]) for each in TEMPLATES]


def find_template(template_id: str) -> AgentTemplate:
    """The template of this id, or 400."""
    found = next((each for each in TEMPLATES if each.id == template_id), None)
    if found is None:
        raise AtomsError(400, "Template not found")
    return found


def _template_json(template: AgentTemplate, region: str) -> dict[str, Any]:
    return {
        "_id": template.id,
        "id": template.id,
        "name": template.name,
        "description": template.description,
        "industry": template.industry,
        "useCase": template.use_case,
        "category": template.industry,
        "callType": template.call_type,
        "workflowType": "SINGLE_PROMPT",
        "region": region,
        "trending": False,
        "defaultLanguage": "English",
        "singlePromptConfig": {"_id": template.id, "prompt": template.prompt, "tools": []},
    }


def _metric(identifier: str, kind: str, prompt: str, *choices: str) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "identifier": identifier,
        "dispositionMetricPrompt": prompt,
        "dispositionMetricType": kind,
    }
    return {**entry, "choices": list(choices)} if choices else entry


_SPEAKING = """\
# How you speak
- You are on the telephone: short sentences, one question at a time, no lists.
- If you did not understand something, ask once more in other words; do not guess.
- If you do not know something, say so and offer that somebody calls back.
- Never promise what these instructions do not allow, and never ask for passwords or card numbers."""

TEMPLATES = (
    AgentTemplate(
        id="7065a0c0de000000000000a1",
        name="Front desk",
        description="Answers the telephone, finds out what a caller wants and notes who should call them back.",
        industry="Services",
        use_case="Reception",
        call_type="Inbound",
        greeting="Hello, thank you for calling {{company}}. How can I help?",
        prompt=f"""\
# Who you are
You are the receptionist of {{{{company}}}}. Your goal is that every caller leaves with their question answered or with
a call back arranged.

# What you do
1. Find out what the caller wants.
2. If it is about opening hours or the address, answer from this: {{{{about_us}}}}
3. Otherwise note their name, their number and what it is about, and read it back.
4. Ask whether there is anything else, thank them and say goodbye.

{_SPEAKING}""",
        metrics=(
            _metric(
                "call_reason",
                "ENUM",
                "Why did the caller call? Answer with information, appointment, complaint, sales or other.",
                "information",
                "appointment",
                "complaint",
                "sales",
                "other",
            ),
            _metric(
                "call_back_wanted",
                "BOOLEAN",
                "Was a call back arranged? True where the agent noted a name or number for it; otherwise false.",
            ),
        ),
    ),
    AgentTemplate(
        id="7065a0c0de000000000000a2",
        name="Lead qualification",
        description="Calls people who asked about an offer, and finds out whether and when they want to go on.",
        industry="Sales",
        use_case="Qualifying leads",
        call_type="Outbound",
        greeting="Hi, is this {{first_name}}? I am calling about your question to {{company}}.",
        prompt=f"""\
# Who you are
You are a friendly assistant of {{{{company}}}}. Your goal is to find out whether {{{{first_name}}}} is interested in
{{{{offer}}}}, and what would have to happen next.

# What you do
1. Make sure that you speak with the right person and that they have two minutes. If not, ask when to call again.
2. Say in one sentence what the offer is.
3. Ask what they need it for, then by when, then who decides.
4. If they are interested, offer a meeting; if they are not, thank them and say goodbye at once.

{_SPEAKING}""",
        metrics=(
            _metric(
                "interest",
                "ENUM",
                "How interested is the person? Answer with interested, not_interested, call_later or unclear.",
                "interested",
                "not_interested",
                "call_later",
                "unclear",
            ),
            _metric(
                "main_need",
                "STRING",
                "What do they need the offer for, in their own words? Return 'unknown' if it was not said.",
            ),
            _metric(
                "meeting_agreed",
                "BOOLEAN",
                "Did both sides agree on a meeting? True only where a day or a time was accepted; otherwise false.",
            ),
        ),
    ),
    AgentTemplate(
        id="7065a0c0de000000000000a3",
        name="Satisfaction survey",
        description="Asks customers three questions about their last visit or order.",
        industry="Customer service",
        use_case="Survey",
        call_type="Outbound",
        greeting="Hello {{first_name}}, this is {{company}}. May I ask you three short questions?",
        prompt=f"""\
# Who you are
You call customers of {{{{company}}}} for a survey. Your goal is three honest answers in two minutes.

# What you do
1. If they have no time, thank them and say goodbye.
2. Ask how satisfied they were, from 0 to 10.
3. Ask what the main reason for that number is.
4. Ask what one thing should be better.
5. Thank them and say goodbye. Do not argue, and do not sell anything.

{_SPEAKING}""",
        metrics=(
            _metric(
                "satisfaction",
                "INTEGER",
                "Which number from 0 to 10 did the customer give for their satisfaction? Return -1 if none was given.",
            ),
            _metric(
                "main_reason",
                "STRING",
                "What reason did the customer name for their number? Return 'none' if they named none.",
            ),
        ),
    ),
    AgentTemplate(
        id="7065a0c0de000000000000a4",
        name="Appointment reminder",
        description="Reminds people of an appointment, and takes down who confirms, cancels or wants another time.",
        industry="Healthcare",
        use_case="Reminders",
        call_type="Outbound",
        greeting="Hello {{first_name}}, this is {{company}}, about your appointment on {{appointment_time}}.",
        prompt=f"""\
# Who you are
You are the assistant of {{{{company}}}}. Your goal is to learn whether {{{{first_name}}}} comes to the appointment on
{{{{appointment_time}}}}.

# What you do
1. Make sure that you speak with the right person before you say what the appointment is about.
2. Ask whether they can come.
3. If they cannot, ask which day would suit them, and say that somebody calls back to settle it.
4. Read back what you noted, thank them and say goodbye.

{_SPEAKING}""",
        metrics=(
            _metric(
                "appointment_outcome",
                "ENUM",
                "What became of the appointment? Answer with confirmed, cancelled, other_time or not_reached.",
                "confirmed",
                "cancelled",
                "other_time",
                "not_reached",
            ),
            _metric(
                "wanted_day",
                "STRING",
                "Which other day or time did the person ask for? Return 'none' if they asked for no other.",
            ),
        ),
    ),
)

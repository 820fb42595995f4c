"""Disposition metrics that fit most agents."""

from __future__ import annotations

from typing import Any

TEMPLATES: tuple[dict[str, Any], ...] = (
    {
        "identifier": "turn_taking_balance",
        "dispositionMetricPrompt": (
            "How evenly did the caller and the agent share the conversation? Answer with a whole number from 1 to 10: "
            "10 where both spoke about as much as the matter needed, 1 where one of them hardly got a word in."
        ),
        "dispositionMetricType": "INTEGER",
    },
    {
        "identifier": "instruction_adherence",
        "dispositionMetricPrompt": (
            "Did the agent keep to a clear purpose from its first sentence to its last? Say in one or two sentences "
            "where it did, and name every place where it promised, asked or claimed something outside of that purpose."
        ),
        "dispositionMetricType": "STRING",
    },
    {
        "identifier": "clarity_of_responses",
        "dispositionMetricPrompt": (
            "How easy to understand were the agent's replies for somebody who only hears them? Say in one or two "
            "sentences, with an example of a reply that the caller had to ask about, or state that there was none."
        ),
        "dispositionMetricType": "STRING",
    },
    {
        "identifier": "escalation_needed",
        "dispositionMetricPrompt": (
            "Does a person have to take this matter up after the call? Answer true where the caller asked for a "
            "person, complained about how they were treated, or left with a request that the agent could not meet; "
            "otherwise false."
        ),
        "dispositionMetricType": "BOOLEAN",
    },
    {
        "identifier": "ai_content_repetition_flag",
        "dispositionMetricPrompt": (
            "Did the agent say the same thing again without being asked to? Answer true where it repeated a sentence "
            "or a question nearly word for word although the caller had already replied to it; otherwise false."
        ),
        "dispositionMetricType": "BOOLEAN",
    },
)

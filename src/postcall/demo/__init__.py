"""The sample calls: an invented dental clinic, its questions and as many calls as are wanted."""

from postcall.demo.clinic import CLINIC_ZONE, DEMO_AGENT_NAME, DEMO_AGENT_SLUG
from postcall.demo.generator import generate_calls, with_gold
from postcall.demo.questions import CLINIC_QUESTIONS

__all__ = ["CLINIC_QUESTIONS", "CLINIC_ZONE", "DEMO_AGENT_NAME", "DEMO_AGENT_SLUG", "generate_calls", "with_gold"]

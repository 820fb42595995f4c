"""Questions about how the agent itself did."""

from __future__ import annotations

from postcall.configure.templates.shapes import Group, Template, choice, number, text, yes_no

TEMPLATES = (
    Template(
        "turn_taking",
        Group.QUALITY,
        "Turn taking",
        "Agents that talk too long, or over the caller.",
        (
            number(
                "turn_taking_balance",
                "How evenly did the two sides speak, from 1 to 5? 5: both had their say throughout. 3: one side spoke "
                "clearly more. 1: one side hardly got a word in. Always give a whole number.",
            ),
        ),
    ),
    Template(
        "repetition",
        Group.QUALITY,
        "Repeats itself",
        "Loops, the commonest fault of voice agents.",
        (
            yes_no(
                "ai_content_repetition_flag",
                "Did the agent say the same thing, or ask for the same thing, three times or more in nearly the same "
                "words? Repeating a date, a name or a number to confirm it does not count.",
            ),
        ),
    ),
    Template(
        "misunderstanding",
        Group.QUALITY,
        "Misunderstood",
        "How often callers have to correct the agent.",
        (
            number(
                "misunderstandings",
                "How often did the caller correct the agent, or say again what they had said, because the agent had "
                "understood it wrongly or not at all? 0 if it never happened.",
            ),
            text(
                "misunderstood_words",
                "Which words of the caller did the agent get wrong first? As the caller said them. "
                "No value if it got none wrong.",
            ),
        ),
    ),
    Template(
        "needs_person",
        Group.QUALITY,
        "Needed a person",
        "Calls that should have gone to somebody, whether they did or not.",
        (
            yes_no(
                "escalation_needed",
                "Did the call need a person: the caller asked for one more than once, was in distress or danger, or "
                "wanted something that the agent said it cannot do? A single polite question for a person is false.",
            ),
        ),
    ),
    Template(
        "unsupported_claims",
        Group.QUALITY,
        "Claims to check",
        "Promises and facts that the agent may have made up.",
        (
            text(
                "claim_to_check",
                "Which price, date, rule or promise did the agent state that the caller then doubted, or that the "
                "agent itself took back later? The agent's own words. No value if there is none.",
            ),
        ),
    ),
    Template(
        "instructions",
        Group.QUALITY,
        "Follows its instructions",
        "Whether the parts of a call that must be there are there.",
        (
            yes_no(
                "greeted_with_name",
                "Did the agent open the call with a greeting that names the company or the practice? "
                "A greeting without a name is false.",
            ),
            yes_no(
                "read_back_details",
                "Did the agent repeat the date, name, amount or number that was agreed on, and let the caller confirm "
                "it? True also if nothing was agreed on.",
            ),
            yes_no(
                "offered_more_help",
                "Did the agent ask before the end whether there is anything else it can do? "
                "False if the caller hung up first.",
            ),
        ),
    ),
    Template(
        "service_score",
        Group.QUALITY,
        "Service score",
        "One number from 0 to 100 for a chart; its parts and their weights are spelled out.",
        (
            number(
                "service_score",
                "Score the agent's service from 0 to 100 by adding points: 40 points if the caller got what they asked "
                "for or was passed to somebody who can give it, 30 points if the agent understood every request at the "
                "first time, 20 points if it stayed polite throughout, 10 points if it said what happens next. "
                "0 if none of these holds.",
            ),
        ),
    ),
    Template(
        "hard_to_follow",
        Group.QUALITY,
        "Hard to follow",
        "Sentences of the agent that should be rewritten.",
        (
            text(
                "unclear_reply",
                "After which sentence of the agent did the caller ask what it means, or answer something else? "
                "The agent's own words. No value if the caller could always follow.",
            ),
            choice(
                "ending",
                "Who ended the call, and how?",
                both="both said goodbye",
                caller_left="the caller hung up without a goodbye",
                agent_cut="the agent ended it while the caller was still speaking or asking",
                other="it broke off, or was passed on",
            ),
        ),
    ),
)

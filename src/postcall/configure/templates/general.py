"""Questions for any agent that answers calls."""

from __future__ import annotations

from postcall.configure.templates.shapes import Group, Template, choice, moment, number, text, yes_no

TEMPLATES = (
    Template(
        "call_outcome",
        Group.GENERAL,
        "How the call ended",
        "The first number to look at: what share of calls got what the caller came for.",
        (
            choice(
                "call_outcome",
                "How did the call end for the caller?",
                completed="what the caller asked for was done or answered in the call",
                follow_up="somebody promised to do it or to call back later",
                handed_off="the caller was passed to a person",
                refused="the agent said that it cannot or may not be done",
                abandoned="the caller hung up or went silent before an answer",
                other="none of these, such as a wrong number",
            ),
        ),
    ),
    Template(
        "caller_sentiment",
        Group.GENERAL,
        "How the caller felt",
        "Find upset callers, and see whether the mood turned during the call.",
        (
            choice(
                "sentiment_at_start",
                "How did the caller sound in their first two or three turns?",
                positive="pleased, friendly or expressly grateful",
                neutral="matter-of-fact",
                negative="annoyed, angry, worried or upset",
                unknown="the caller said too little to tell",
            ),
            choice(
                "sentiment_at_end",
                "How did the caller sound in their last two or three turns, whatever came before?",
                positive="pleased, relieved or expressly grateful",
                neutral="matter-of-fact",
                negative="annoyed, angry, disappointed or upset",
                unknown="the caller said too little to tell",
            ),
        ),
    ),
    Template(
        "caller_details",
        Group.GENERAL,
        "Who called",
        "Name and callback number, so that somebody can return the call.",
        (
            text(
                "caller_name",
                "What is the name of the person who speaks to the agent, first and last where both are given? "
                "No value if the name is never said.",
            ),
            text(
                "callback_number",
                "Under which telephone number does the caller want to be called back? Digits only, with a leading + "
                "where a country code is given. No value if the caller names no number.",
            ),
        ),
    ),
    Template(
        "asked_for_person",
        Group.GENERAL,
        "Asked for a person",
        "How often callers do not want to go on with the agent.",
        (
            yes_no(
                "asked_for_person",
                "Did the caller ask to speak to a person instead of the automatic agent? "
                "False if the agent offered it and the caller had not asked.",
            ),
        ),
    ),
    Template(
        "follow_up",
        Group.GENERAL,
        "What was promised",
        "A list of promises that somebody has to keep, with their dates.",
        (
            text(
                "promised_action",
                "What did the agent promise that somebody will do after the call? In the agent's own words, at most "
                "one sentence. No value if nothing was promised.",
            ),
            moment(
                "promised_by",
                "By when did the agent say that it will be done? Give the date, with the time where one was said. "
                "No value if no date was said.",
            ),
        ),
    ),
    Template(
        "repeat_contact",
        Group.GENERAL,
        "Called before about the same",
        "Calls that an earlier call should have settled.",
        (
            number(
                "earlier_contacts",
                "How many times does the caller say that they have been in touch about this same matter before, by "
                "telephone or in writing, not counting this call? No value if the caller does not say.",
            ),
        ),
    ),
)

"""Questions for agents that sell, or that qualify those who ask."""

from __future__ import annotations

from postcall.configure.templates.shapes import Group, Template, choice, moment, number, text, yes_no

TEMPLATES = (
    Template(
        "lead_status",
        Group.SALES,
        "How warm the lead is",
        "Sort the day's calls by who should be called first.",
        (
            choice(
                "lead_status",
                "How ready is the customer to buy, going by what they said?",
                ready="they asked to buy, to order or for a contract",
                interested="they asked about price, terms or a demonstration and did not refuse",
                later="they want to be asked again at a later time",
                not_interested="they said no or asked not to be called again",
                unknown="it was not about buying, or they said too little",
            ),
        ),
    ),
    Template(
        "budget",
        Group.SALES,
        "Budget",
        "What prospects are ready to spend, as a number that can be averaged.",
        (
            number(
                "budget",
                "How much money does the customer say that they can spend in all? A whole number in the currency that "
                "they name, without thousands separators; of a range the upper end. No value if no amount is named.",
            ),
            yes_no(
                "budget_confirmed",
                "Did the customer say that this money is approved or set aside? "
                "False if they only guessed an amount or named none.",
            ),
        ),
    ),
    Template(
        "decision_maker",
        Group.SALES,
        "Who decides",
        "Whether the right person was on the line.",
        (
            choice(
                "decision_maker",
                "Does the person on the line decide about the purchase?",
                alone="they say or show that they decide by themselves",
                shared="they have to agree it with others, such as a partner, a board or a committee",
                somebody_else="another person decides",
                unknown="it was not spoken of",
            ),
        ),
    ),
    Template(
        "objection",
        Group.SALES,
        "Main objection",
        "What keeps people from buying, counted.",
        (
            choice(
                "main_objection",
                "Which doubt did the customer put forward most strongly against buying?",
                price="it costs too much or does not pay off",
                timing="it is too early, or they have no time now",
                competitor="they use or prefer another supplier",
                missing_feature="something that they need is not offered",
                trust="they doubt the company, the product or its safety",
                no_need="they see no use for it",
                none="they put forward no doubt",
                other="a doubt of another kind",
            ),
        ),
    ),
    Template(
        "competitor",
        Group.SALES,
        "Competitors named",
        "Whom you are compared with.",
        (
            text(
                "competitor_named",
                "Which other company or product does the customer compare with or use today? The name only; of several "
                "the one spoken of longest. No value if none is named.",
            ),
        ),
    ),
    Template(
        "next_meeting",
        Group.SALES,
        "Demonstration or meeting agreed",
        "Meetings that the agent won, with their dates.",
        (
            yes_no(
                "meeting_agreed",
                "Did both sides agree on a demonstration, a visit or another call at a named date? "
                "An offer that the customer did not accept is false.",
            ),
            moment(
                "meeting_time",
                "For when did both sides fix the demonstration, visit or next call? Give the final date and time, not "
                "one that was only offered. No value if none was fixed.",
            ),
        ),
    ),
    Template(
        "order_placed",
        Group.SALES,
        "Order placed",
        "Sales closed by the agent itself, and how large they are.",
        (
            yes_no(
                "order_placed",
                "Did the customer order in this call, and did the agent confirm the order? "
                "A quote, an offer or a promise to think it over is false.",
            ),
            number(
                "items_ordered",
                "How many pieces did the customer order in this call, all products together? 0 if nothing was ordered.",
            ),
        ),
    ),
)

"""Questions for agents that help with something that was bought."""

from __future__ import annotations

from postcall.configure.templates.shapes import Group, Template, choice, number, text, yes_no

TEMPLATES = (
    Template(
        "contact_reason",
        Group.SUPPORT,
        "Why they called",
        "What callers need help with, to see what to mend first.",
        (
            choice(
                "contact_reason",
                "What did the caller mainly need help with? Choose what they spoke of first if there were several.",
                not_working="a product or service fails, is slow or is down",
                how_to="they want to know how something is done",
                account_access="a password, a login or a locked account",
                billing="a bill, a charge, a payment or a refund",
                delivery="an order that is late, lost, wrong or damaged",
                change_or_cancel="they want to change or end what they have",
                complaint="they are dissatisfied with how they were treated",
                other="anything else",
            ),
        ),
    ),
    Template(
        "resolution",
        Group.SUPPORT,
        "Solved in this call",
        "The share of problems that need no second contact.",
        (
            choice(
                "resolution",
                "Was the problem that the caller described solved when the call ended?",
                solved="the caller said or accepted that it works or is answered",
                workaround="a way around it was found, and the cause remains",
                ticket_opened="it was written down for somebody to solve later",
                unsolved="none of it helped, and nothing further was arranged",
                not_applicable="the caller described no problem",
            ),
        ),
    ),
    Template(
        "product",
        Group.SUPPORT,
        "Which product",
        "What the problems are about, and whether the agent knew the case.",
        (
            text(
                "product_named",
                "Which product, model or plan does the caller have the problem with? As the caller names it. "
                "No value if none is named.",
            ),
            text(
                "ticket_number",
                "Which ticket, case or order number is spoken of? Letters and digits as they are said; of several the "
                "last. No value if there is none.",
            ),
        ),
    ),
    Template(
        "escalation",
        Group.SUPPORT,
        "Escalation",
        "Calls in which the caller wants more than the agent can give.",
        (
            yes_no(
                "escalation_asked",
                "Did the caller ask for a supervisor or a manager, or say that they will complain, in public or to an "
                "authority? A request for any person at all, without a complaint, is false.",
            ),
        ),
    ),
    Template(
        "cancellation_risk",
        Group.SUPPORT,
        "May leave",
        "Customers who are about to go, while they can still be won back.",
        (
            choice(
                "cancellation_risk",
                "How near is the customer to leaving, going by what they said?",
                cancelled="they ended or gave notice of their contract in this call",
                threatened="they said that they may cancel or go elsewhere",
                none="they said nothing of the kind",
            ),
            choice(
                "cancellation_cause",
                "Why does the customer speak of leaving?",
                price="it costs too much",
                quality="it does not work well enough",
                service="they were treated badly or had to wait too long",
                competitor="another company offers more",
                no_longer_needed="they have no more use for it",
                not_applicable="they do not speak of leaving",
                other="another cause",
            ),
        ),
    ),
    Template(
        "refund",
        Group.SUPPORT,
        "Refunds",
        "How much money callers ask back, and whether the agent promised it.",
        (
            number(
                "refund_amount",
                "How much money does the caller ask to get back? A whole number in the currency that is named, cents "
                "dropped. No value if no amount is named.",
            ),
            choice(
                "refund_decision",
                "What did the agent say to the wish for a refund?",
                granted="all of it will be paid back",
                partly="a part of it, a credit note or a discount",
                refused="it will not be paid back",
                pending="somebody will decide later",
                not_asked="no refund was asked for",
            ),
        ),
    ),
)

"""Questions for agents that call about what is owed."""

from __future__ import annotations

from postcall.configure.templates.shapes import Group, Template, choice, moment, number, text, yes_no

TEMPLATES = (
    Template(
        "right_party",
        Group.COLLECTIONS,
        "Reached the right person",
        "The base of every other rate in collections.",
        (
            choice(
                "party_reached",
                "Whom did the agent reach?",
                right_party="the person who owes, who said so or confirmed a name, a date of birth or an address",
                third_party="another person, such as a relative or a colleague",
                wrong_number="nobody there knows the person",
                voicemail="a machine or a mailbox answered",
                unknown="the call ended before it became clear",
            ),
        ),
    ),
    Template(
        "promise_to_pay",
        Group.COLLECTIONS,
        "Promise to pay",
        "What was promised, how much and by when, to compare with what comes in.",
        (
            yes_no(
                "promise_made",
                "Did the debtor say that they will pay a named amount, or all of it, by a named date? "
                "“I will see what I can do” is false.",
            ),
            number(
                "promised_amount",
                "How much did the debtor promise to pay next? A whole number in the currency that is named, cents "
                "dropped; of instalments the first. No value if no amount was promised.",
            ),
            moment(
                "promised_date",
                "By which date did the debtor promise the next payment? No value if no date was promised.",
            ),
        ),
    ),
    Template(
        "reason_unpaid",
        Group.COLLECTIONS,
        "Why it was not paid",
        "Tells those who cannot pay from those who will not.",
        (
            choice(
                "reason_unpaid",
                "Which reason does the debtor give for not having paid?",
                no_money="they lost work or income, or cannot afford it",
                illness="they or a relative fell ill or died",
                forgot="they forgot, or mixed up the date",
                no_bill="they say that no bill or letter reached them",
                paid_already="they say that it is paid",
                disputed="they say that they do not owe it, or not that much",
                refuses="they will not pay and say no more",
                not_said="they give no reason",
                other="another reason",
            ),
        ),
    ),
    Template(
        "dispute",
        Group.COLLECTIONS,
        "Disputed debts",
        "Cases that must not be pursued before they are looked into.",
        (
            yes_no(
                "debt_disputed",
                "Did the debtor say that they do not owe the money, do not owe that much, or have paid it already? "
                "False if they only ask for more time or for a copy of the bill.",
            ),
            text(
                "dispute_words",
                "With which words does the debtor dispute the debt? One sentence, as they said it. "
                "No value if the debt is not disputed.",
            ),
        ),
    ),
    Template(
        "payment_plan",
        Group.COLLECTIONS,
        "Instalments",
        "Plans that were agreed on, and how long they run.",
        (
            number(
                "instalments",
                "In how many payments did both sides agree that the debt will be paid? 1 for a single payment. "
                "No value if they agreed on none.",
            ),
        ),
    ),
    Template(
        "contact_rules",
        Group.COLLECTIONS,
        "Rules of contact",
        "Calls that need a look by whoever answers for compliance.",
        (
            yes_no(
                "asked_not_to_be_called",
                "Did the person who was called ask not to be called again, at all or at this number? "
                "A wish to be called at another time is false.",
            ),
            yes_no(
                "debt_disclosed_to_other",
                "Did the agent tell anything about a debt to somebody who is not the debtor or before the debtor had "
                "confirmed who they are? Leaving a name and a number to call back is false.",
            ),
        ),
    ),
)

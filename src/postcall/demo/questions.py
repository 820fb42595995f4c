"""What the clinic asks about every finished call."""

from __future__ import annotations

from postcall.domain.questions import DispositionMetric, QuestionType

CALL_REASON = DispositionMetric(
    identifier="call_reason",
    type=QuestionType.ENUM,
    prompt=(
        "Why did this call take place? Choose the main reason. "
        "book_appointment: a new appointment is wanted. "
        "reschedule: an existing appointment is to be moved. "
        "cancel: an existing appointment is to be cancelled. "
        "appointment_reminder: the clinic called to confirm an appointment. "
        "price_question: what a treatment costs. "
        "insurance_question: which insurance is accepted or what it covers. "
        "billing: a bill, a payment, a charge or a refund. "
        "medical_question: medicine, a prescription or care after a treatment. "
        "emergency: severe pain, swelling, bleeding or an injury that cannot wait. "
        "complaint: dissatisfaction with the clinic is the reason for calling. "
        "general_information: opening hours, address, parking, records and the like. "
        "other: anything else, a wrong number or no reason given."
    ),
    choices=(
        "book_appointment",
        "reschedule",
        "cancel",
        "appointment_reminder",
        "price_question",
        "insurance_question",
        "billing",
        "medical_question",
        "emergency",
        "complaint",
        "general_information",
        "other",
    ),
)

OUTCOME = DispositionMetric(
    identifier="outcome",
    type=QuestionType.ENUM,
    prompt=(
        "How did the call end? "
        "booked: a new appointment was made. "
        "rescheduled: an appointment was moved to another date or time. "
        "cancelled: an appointment was cancelled and none made instead. "
        "confirmed: an existing appointment was confirmed and left as it is. "
        "booking_failed: an appointment was wanted, new or moved, and none was made. "
        "handed_off: the caller was passed to a person. "
        "answered: a question was answered or another request carried out. "
        "message_taken: a message or a request to be called back was taken down. "
        "other: the caller hung up, had the wrong number or got nothing."
    ),
    choices=(
        "booked",
        "rescheduled",
        "cancelled",
        "confirmed",
        "booking_failed",
        "handed_off",
        "answered",
        "message_taken",
        "other",
    ),
)

APPOINTMENT_BOOKED = DispositionMetric(
    identifier="appointment_booked",
    type=QuestionType.BOOLEAN,
    prompt=(
        "Did the agent book a new appointment or move one to a new date or time, and say that it is done? "
        "A cancelled appointment, a reminder that is merely confirmed, and a promise to call back are all false."
    ),
)

APPOINTMENT_DATE = DispositionMetric(
    identifier="appointment_date",
    type=QuestionType.DATETIME,
    prompt=(
        "When is the appointment that was booked, moved or confirmed in this call? Give the final date and time agreed "
        "on, not one that was only offered and not the old one. No value if the call ended without an appointment."
    ),
)

CALLER_NAME = DispositionMetric(
    identifier="caller_name",
    type=QuestionType.STRING,
    prompt=(
        "What is the name of the person who speaks to the agent, first and last where both are given? Where a parent "
        "calls for a child, the parent's name. No value if the name is never said."
    ),
)

ASKED_FOR_HUMAN = DispositionMetric(
    identifier="asked_for_human",
    type=QuestionType.BOOLEAN,
    prompt=(
        "Did the caller ask to speak to a person: a receptionist, a dentist, a manager, someone real? "
        "False if the agent offered it and the caller had not asked."
    ),
)

TIMES_CALLED_BEFORE = DispositionMetric(
    identifier="times_called_before",
    type=QuestionType.INTEGER,
    prompt=(
        "How many times does the caller say they have already called about this same matter, not counting this call? "
        "No value if the caller does not say."
    ),
)

CALLER_SENTIMENT = DispositionMetric(
    identifier="caller_sentiment",
    type=QuestionType.ENUM,
    prompt=(
        "How did the caller feel about the call as it ended? positive: pleased, relieved or expressly grateful. "
        "neutral: matter-of-fact. negative: annoyed, angry, disappointed or upset. "
        "other: the caller said too little to tell."
    ),
    choices=("positive", "neutral", "negative", "other"),
)

INSURANCE_PROVIDER = DispositionMetric(
    identifier="insurance_provider",
    type=QuestionType.STRING,
    prompt=(
        "Which insurance company does the caller have or ask about? The company's name only. "
        "No value if the caller names none or pays without insurance."
    ),
)

CLINIC_QUESTIONS: tuple[DispositionMetric, ...] = (
    CALL_REASON,
    OUTCOME,
    APPOINTMENT_BOOKED,
    APPOINTMENT_DATE,
    CALLER_NAME,
    ASKED_FOR_HUMAN,
    TIMES_CALLED_BEFORE,
    CALLER_SENTIMENT,
    INSURANCE_PROVIDER,
)
"""All five types; every ENUM has a way out (`other`)."""

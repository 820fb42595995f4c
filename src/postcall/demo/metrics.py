"""What the clinic's code writes during a call, as its owners define it. A few names they have not got round to."""

from __future__ import annotations

from typing import NamedTuple

from postcall.domain.metrics import MetricType


class ClinicMetric(NamedTuple):
    """One definition."""

    name: str
    type: MetricType
    definition: str
    expected_values: tuple[str, ...] = ()


_INTENTS = (
    "aftercare", "billing", "book", "cancel", "complaint", "confirm", "directions", "emergency", "follow_up", "hours",
    "insurance", "late_arrival", "none", "other", "payment", "prescription", "price", "professional", "recall",
    "records", "reminder", "reschedule", "sales", "unknown", "wrong_number",
)  # fmt: skip
_FLAG, _TEXT, _WHOLE = MetricType.BOOLEAN, MetricType.STRING, MetricType.INTEGER

CLINIC_METRICS = (
    ClinicMetric("INTENT", _TEXT, "What the caller wants, written each time a new wish is understood.", _INTENTS),
    ClinicMetric("IDENTITY_VERIFIED", _FLAG, "True once name and date of birth match a patient's record."),
    ClinicMetric("NEW_PATIENT", _FLAG, "True when the caller says that they have not been with the clinic before."),
    ClinicMetric("PATIENT_IS_CHILD", _FLAG, "True when the appointment is for somebody under sixteen."),
    ClinicMetric("SERVICE", _TEXT, "The treatment that a price or an appointment is asked for.",
                 ("cleaning", "exam", "kids", "root_canal", "whitening")),
    ClinicMetric("SLOTS_OFFERED", _WHOLE, "How many free times the agent read out, written each time it does."),
    ClinicMetric("BOOKING_CONFIRMED", _FLAG, "True when the calendar has accepted the new appointment."),
    ClinicMetric("BOOKING_FAILED", _TEXT, "Why no appointment was made, written when the calendar gives up.",
                 ("calendar_timeout", "no_slot", "write_rejected")),
    ClinicMetric("QUOTED_PRICE", _WHOLE, "Whole dollars that the agent named as a price, written each time."),
    ClinicMetric("AMOUNT_DUE", MetricType.FLOAT, "Dollars open on the caller's account, written when read out."),
    ClinicMetric("SMS_SENT", _FLAG, "True when a text message was handed to the provider without an error."),
    ClinicMetric("PAYMENT_LINK_SENT", _FLAG, "True when the message that was sent holds a link for paying."),
    ClinicMetric("CALLBACK_REQUESTED", _FLAG, "True when the caller asks to be called back and leaves a number."),
    ClinicMetric("AFTER_HOURS", _FLAG, "True when the call begins while the clinic is closed."),
    ClinicMetric("REPEAT_CALLER", _FLAG, "True when the same number has called within the last seven days."),
    ClinicMetric("LANGUAGE", _TEXT, "The language that the agent switches to when the caller speaks it.", ("en", "es")),
    ClinicMetric("PAIN_LEVEL", _WHOLE, "0 to 10, written when the caller says how much it hurts."),
    ClinicMetric("HANDOFF_FAILED", _FLAG, "True when nobody took the call that was passed on."),
    ClinicMetric("REMINDER_RESULT", _TEXT, "How a reminder call ended, written once at its end.",
                 ("busy", "confirmed", "declined", "no_answer", "rescheduled", "voicemail", "wrong_person")),
    ClinicMetric("RECALL_RESULT", _TEXT, "How a call about an overdue check-up ended, written once at its end.",
                 ("booked", "declined")),
)  # fmt: skip
"""Every value that a call of the clinic can write under these names fits."""

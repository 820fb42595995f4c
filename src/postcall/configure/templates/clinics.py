"""Questions for the front desk of a practice."""

from __future__ import annotations

from postcall.configure.templates.shapes import Group, Template, choice, moment, text, yes_no

TEMPLATES = (
    Template(
        "visit_reason",
        Group.CLINICS,
        "Why the patient called",
        "What the front desk is asked for, by the hour.",
        (
            choice(
                "visit_reason",
                "What does the patient, or whoever calls for them, mainly want?",
                new_appointment="a first or further appointment",
                change_appointment="an appointment is to be moved or cancelled",
                prescription="a prescription, a refill or a question about medicine",
                test_results="the results of a test or an examination",
                symptoms="advice about symptoms",
                billing_or_insurance="a bill, a price, or what an insurance pays",
                information="opening hours, the address, which documents to bring",
                other="anything else",
            ),
        ),
    ),
    Template(
        "appointment",
        Group.CLINICS,
        "Appointments",
        "What was booked, for when and with whom.",
        (
            choice(
                "appointment_result",
                "What became of the appointment by the end of the call?",
                booked="a new one was made",
                moved="one was moved to another date or time",
                cancelled="one was cancelled and none made instead",
                confirmed="one was confirmed and left as it is",
                failed="one was wanted, new or moved, and none was made",
                not_applicable="no appointment was spoken of",
            ),
            moment(
                "appointment_time",
                "For when is the patient expected? The final date and time agreed on in the call, not one that was "
                "only offered. No value if none was agreed on.",
            ),
            text(
                "practitioner",
                "Which doctor, dentist or therapist will see the patient? The name as it is said. "
                "No value if none is named.",
            ),
        ),
    ),
    Template(
        "urgency",
        Group.CLINICS,
        "Urgency",
        "Calls that somebody should have looked at within the hour.",
        (
            choice(
                "urgency",
                "How urgent is it, going by what the caller describes?",
                emergency="trouble breathing, chest pain, heavy bleeding, fainting, severe injury, suicidal thoughts",
                same_day="severe pain, swelling, high fever or something that quickly gets worse",
                routine="it can wait for the next free appointment",
                not_applicable="no complaint or symptom is described",
            ),
            yes_no(
                "told_to_call_emergency",
                "Did the agent tell the caller to ring the emergency number or go to an emergency room at once? "
                "False if it was only mentioned as a possibility for later.",
            ),
        ),
    ),
    Template(
        "patient",
        Group.CLINICS,
        "The patient",
        "Whether the patient is known, and who called for them.",
        (
            choice(
                "patient_kind",
                "Has the patient been at this practice before?",
                new="they say that it is their first visit",
                returning="they say, or it becomes clear, that they have been there before",
                unknown="neither can be told from the call",
            ),
            text(
                "patient_name",
                "What is the name of the patient, which may be another person than the caller? "
                "No value if it is never said.",
            ),
        ),
    ),
    Template(
        "insurance",
        Group.CLINICS,
        "Insurance",
        "Which insurers patients come with.",
        (
            text(
                "insurer",
                "Which health insurance company does the patient have? The company's name only. "
                "No value if none is named or the patient pays without one.",
            ),
        ),
    ),
    Template(
        "missed_visits",
        Group.CLINICS,
        "Missed and cancelled visits",
        "Why visits fall through, to remind people better.",
        (
            choice(
                "cancellation_reason",
                "Why does the patient cancel, move or explain a missed appointment?",
                illness="they are too ill to come",
                work_or_school="work, school or an examination",
                transport="they have no way to come",
                cost="they cannot or do not want to pay",
                better="the complaint is gone",
                forgot="they forgot it or mixed up the date",
                no_reason="a visit is cancelled, moved or was missed and no reason is given",
                not_applicable="no visit is cancelled, moved or was missed",
                other="another reason",
            ),
        ),
    ),
)

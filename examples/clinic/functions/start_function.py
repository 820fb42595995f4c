from _gen import *  # <AUTO GENERATED>
from functions.clinic_data import find_by_phone, is_open, next_visit, now
from functions.clinic_words import say_visit


def start_function(conv: Conversation):
    here = now()
    conv.state.today = here.date()
    conv.state.today_text = f"{here:%A, %B} {here.day} ({here:%Y-%m-%d})"
    conv.state.caller_text = conv.real_time_config.get("notice", "")
    if not is_open(here):
        conv.write_metric("AFTER_HOURS", True, write_once=True)
    if conv.memory.get("last_intent"):
        conv.write_metric("REPEAT_CALLER", True, write_once=True)

    # A chat has no number; a website that knows who is signed in may send it along.
    patient = find_by_phone(conv.caller_number or (conv.integration_attributes or {}).get("phone"))
    conv.log.info("looked the caller up", known=patient is not None)
    if patient is None:
        return None
    conv.log.info(f"the caller is {patient.full_name}, {patient.phone}", is_pii=True)
    remember_patient(conv, patient)
    return {"utterance": conv.translations.greeting_by_name.replace("{first_name}", patient.first_name)}


def remember_patient(conv: Conversation, patient):
    """Keep who calls, and their appointment, for every function and prompt that comes after."""
    conv.state.patient = patient
    conv.state.phone = patient.phone
    conv.state.caller_text += f" The caller is our patient {patient.first_name}."
    conv.write_metric("PATIENT_TYPE", "known", write_once=True)
    conv.write_metric("IDENTITY_VERIFIED", True, write_once=True)
    visit = conv.state.visit or next_visit(patient, conv.state.today)
    if visit is not None:
        conv.state.visit = visit
        conv.state.visit_text = say_visit(visit, conv.language)

from _gen import *  # <AUTO GENERATED>
from functions.clinic_data import TREATMENTS, treatment_named


@func_description("What a treatment costs without insurance.")
@func_parameter("treatment", "The treatment, in a word or two.")
def quote_price(conv: Conversation, treatment: str):
    conv.write_metric("INTENT", "price")
    found = treatment_named(treatment)
    if found is None:
        return "We have no price for this. We do " + ", ".join(each.spoken for each in TREATMENTS) + "."
    conv.write_metric("SERVICE", found.name)
    conv.write_metric("QUOTED_PRICE", found.dollars)
    spoken = found.spanish if conv.language.startswith("es") else found.spoken
    return f"Price: {spoken}, {found.dollars} dollars without insurance; five percent less if it is paid on the day."

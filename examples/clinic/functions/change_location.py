from _gen import *  # <AUTO GENERATED>


@func_description("The caller means another of our practices: Harbor Lane or Mill Street.")
@func_parameter("location", "Its name, as the caller says it.")
def change_location(conv: Conversation, location: str):
    meant = next((name for name in conv.variants if name.split()[0].lower() in location.lower()), None)
    if meant is None:
        return "We have two practices: " + " and ".join(conv.variants) + ". Ask which one is meant."
    conv.set_variant(meant)
    conv.write_metric("LOCATION", meant)
    return f"From now on you speak for the practice at {meant}: {conv.variants[meant].address}."

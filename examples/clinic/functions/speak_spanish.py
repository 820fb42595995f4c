from _gen import *  # <AUTO GENERATED>


@func_description("The caller speaks Spanish, or asks for it.")
def speak_spanish(conv: Conversation):
    conv.set_language("es-ES")
    conv.write_metric("LANGUAGE", "es", write_once=True)
    return {"utterance": conv.translations.language_changed}

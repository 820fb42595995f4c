"""A stand-in for a model, for the agent in `clinic`: it goes by words and knows only this one agent.

    python -m postcall.testing --script examples/clinic_model.py

It sees what a model sees (the prompt, what was said, the functions on offer) and nothing else, so it shows whether the
agent leads a conversation where it should. It also answers the questions that are asked about a finished call, from
the transcript in the request.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # scripts are run by their path, and this one has parts

from examples.clinic_script.after_call import answer_about_call, answer_after_call
from examples.clinic_script.outside import go_on, interrupt, open_talk
from examples.clinic_script.steps import STEPS, collect_values, default_step, is_default_step
from examples.clinic_script.talk import Talk

from postcall.testing import ModelRequest, ScriptedModel, ScriptedReply, answers_from


def script(model: ScriptedModel) -> None:
    """What the model says."""
    model.when(lambda request: "End of the transcript." in request.text).reply(answers_from(answer_about_call))
    model.when(lambda request: "transcript of a finished call" in request.text).reply(answer_after_call)
    model.when(lambda request: request.response_format != "text").reply(collect_values)
    model.always(converse)


def converse(request: ModelRequest) -> ScriptedReply:
    """The next thing to say or to call."""
    talk = Talk(request)
    for name, handle in STEPS.items():
        if talk.offers(name):
            return interrupt(talk) or handle(talk)
    if is_default_step(request):
        return interrupt(talk) or default_step(talk)
    return go_on(talk) or interrupt(talk) or open_talk(talk)

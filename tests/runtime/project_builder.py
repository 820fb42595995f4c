"""A small agent project in a line: what stands in it by itself, and what a test puts over it."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent

MINIMAL = {
    "project.yaml": """\
        project_id: bakery
        account_id: default
        region: us-1
        project_name: Corner Bakery
        """,
    "agent_settings/personality.yaml": """\
        adjectives:
          Polite: true
          Calm: true
          Funny: false
        custom: Speaks in short sentences.
        """,
    "agent_settings/role.yaml": """\
        value: Receptionist
        additional_info: You answer the telephone of a bakery.
        custom: ''
        """,
    "agent_settings/rules.txt": "Offer to order with {{fn:start_order}}.\nGreet $caller_name by name.\n",
    "voice/configuration.yaml": """\
        greeting:
          welcome_message: Corner Bakery, how can I help?
          language_code: en-US
        style_prompt:
          prompt: Spell out numbers.
        disclaimer_messages:
          message: This call is recorded.
          enabled: true
          language_code: en-US
        """,
    "chat/configuration.yaml": """\
        greeting:
          welcome_message: Welcome to the bakery's chat.
          language_code: en-US
        """,
    "topics/opening_hours.yaml": """\
        name: Opening hours
        enabled: true
        example_queries:
        - When are you open?
        - Are you open on Sunday?
        content: Open from seven to six, closed on Monday.
        actions: Offer to take an order with {{fn:start_order}}.
        """,
    "functions/start_function.py": """\
        from _gen import *  # <AUTO GENERATED>


        def start_function(conv: Conversation):
            conv.state.caller_name = "friend"
        """,
    "functions/end_function.py": """\
        from _gen import *  # <AUTO GENERATED>


        def end_function(conv: Conversation):
            conv.write_metric("ORDERED", bool(conv.state.order))
        """,
    "functions/start_order.py": """\
        from _gen import *  # <AUTO GENERATED>


        @func_description("Begin an order.")
        def start_order(conv: Conversation):
            conv.goto_flow("Order")
        """,
    "flows/order/flow_config.yaml": """\
        name: Order
        description: Takes an order.
        start_step: Ask what
        """,
    "flows/order/steps/ask_what.yaml": """\
        step_type: advanced_step
        name: Ask what
        prompt: Ask what they want, then call {{ft:take_order}}.
        """,
    "flows/order/functions/take_order.py": """\
        from _gen import *  # <AUTO GENERATED>


        @func_description("Note what the caller wants.")
        @func_parameter("what", "What they want.")
        @func_parameter("pieces", "How many of it.")
        def take_order(conv: Conversation, flow: Flow, what: str, pieces: int):
            conv.state.order = f"{pieces} {what}"
            conv.exit_flow()
            return f"Ordered: {conv.state.order}."
        """,
}
"""A project in which nothing is wrong."""

EXTRAS = {
    "agent_settings/languages.yaml": """\
        default_language: en-US
        additional_languages:
        - fr-FR
        """,
    "agent_settings/experimental_config.json": '{"llm": {"include_kb_functions_in_flows": true}}',
    "config/entities.yaml": """\
        entities:
        - name: size
          description: Of the loaf.
          entity_type: enum
          config:
            options: [small, large]
        """,
    "config/handoffs.yaml": """\
        handoffs:
        - name: Baker
          description: Knows everything.
          is_default: true
          sip_config:
            method: refer
            phone_number: +15550001234
          sip_headers:
          - key: X-Reason
            value: $reason
        """,
    "config/sms_templates.yaml": """\
        sms_templates:
        - name: thanks
          text: Thanks, $caller_name!
          env_phone_numbers:
            live: +15550001234
        """,
    "config/translations.yaml": """\
        translations:
        - name: hello
          translations:
            en-US: Hello
            fr-FR: Bonjour
        """,
    "config/variant_attributes.yaml": """\
        variants:
        - name: north
        - name: south
          is_default: true
        attributes:
        - name: street
          values:
            north: Mill Lane
            south: Harbour Road
        """,
    "config/api_integrations.yaml": """\
        api_integrations:
        - name: till
          environments:
            live:
              base_url: http://127.0.0.1:1
              auth_type: none
          operations:
          - name: pay
            method: POST
            resource: /payments/{number}
        """,
    "voice/response_control/phrase_filtering.yaml": """\
        phrase_filtering:
        - name: bye
          regular_expressions: ['[Gg]oodbye']
          say_phrase: true
          function: start_order
        """,
    "voice/speech_recognition/transcript_corrections.yaml": """\
        corrections:
        - name: roll
          regular_expressions:
          - regular_expression: role
            replacement: roll
            replacement_type: partial
        """,
    "flows/order/steps/which_size.yaml": """\
        step_type: default_step
        name: Which size
        prompt: Ask for the size at {{attr:street}}.
        extracted_entities: [size]
        conditions:
        - name: known
          condition_type: step_condition
          description: The size is known.
          child_step: Ask what
          required_entities: [size]
        - name: gave up
          condition_type: exit_flow_condition
          description: They do not want anything.
        """,
    "flows/order/function_steps/count_loaves.py": """\
        from _gen import *  # <AUTO GENERATED>


        def count_loaves(conv: Conversation, flow: Flow):
            flow.goto_step("Which size" if conv.state.loaves else "Ask what")
        """,
    "real_time_configuration/live/data.json": '{"open": true}',
    "requirements.txt": "requests>=2\n",
}
"""One of everything else, for `a_project(EXTRAS)`: nothing is wrong in it either."""


def a_project(
    files: Mapping[str, str | bytes | None] | None = None, /, *, project_id: str = "bakery", bare: bool = False
) -> dict[str, bytes]:
    """The files of a project: the minimal one with `files` put over it; texts may be indented, None takes one away.

    `bare` leaves nothing but project.yaml beneath what is given.
    """
    beneath = {name: text for name, text in MINIMAL.items() if not bare or name == "project.yaml"}
    beneath["project.yaml"] = beneath["project.yaml"].replace("bakery", project_id, 1)
    given: dict[str, str | bytes | None] = {**beneath, **(files or {})}
    return {
        name: content if isinstance(content, bytes) else dedent(content).encode()
        for name, content in given.items()
        if content is not None
    }

"""The parts of a conversation that have steps: `flows/`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from postcall.domain.conversations import FunctionKind
from postcall.runtime.projects.fields import Fields, Files, Text
from postcall.runtime.projects.functions import ReadFunction, read_function
from postcall.runtime.projects.model import Condition, Entity, Flow, Step
from postcall.runtime.projects.problems import Problems
from postcall.runtime.projects.source import Source

FOLDER = "flows"
_YAML = (".yaml", ".yml")
_DEFAULT, _ADVANCED = "default_step", "advanced_step"
_OWN_FIELDS = frozenset({"name", "prompt", "step_type", "extracted_entities", "conditions"})
_LEAVES = "exit_flow_condition"


@dataclass(frozen=True, slots=True)
class ReadFlow:
    """A flow, with what is needed to check what it refers to."""

    flow: Flow
    functions: dict[str, ReadFunction]
    broken: frozenset[str]
    """Function steps whose files are not Python: they are there, and cannot be entered."""
    prompts: tuple[tuple[Step, Text], ...]
    config: Fields
    conditions: tuple[tuple[Condition, Fields], ...]

    @property
    def targets(self) -> frozenset[str]:
        """Everything that can be gone to in it."""
        return frozenset(self.flow.steps) | frozenset(self.flow.function_steps) | self.broken


def read_flows(files: Files, sources: Mapping[str, Source], entities: Mapping[str, Entity]) -> dict[str, ReadFlow]:
    """Every flow by its name; of two with one name that of the first folder counts."""
    found: dict[str, ReadFlow] = {}
    for folder in files.folders(FOLDER):
        flow = _read_flow(files, sources, folder, entities)
        if flow is None:
            continue
        name = flow.flow.name
        if name in found:
            flow.config.complain(
                f"the flow {name!r} is in {FOLDER}/{found[name].flow.folder} already, which counts", "name"
            )
            continue
        found[name] = flow
    return found


def check_flow(read: ReadFlow, problems: Problems) -> None:
    """Note where it leads to steps that are not there."""
    flow, config = read.flow, read.config
    if not flow.start_step:
        config.complain(f"the flow {flow.name!r} has no start_step", "start_step")
    elif flow.start_step not in read.targets:
        config.complain(f"start_step: the flow {flow.name!r} has no step {flow.start_step!r}", "start_step")
    for condition, fields in read.conditions:
        target = condition.child_step
        if target is not None and target not in read.targets:
            problems.add(
                fields.file, fields.line("child_step"), f"child_step: the flow {flow.name!r} has no step {target!r}"
            )


def _read_flow(
    files: Files, sources: Mapping[str, Source], folder: str, entities: Mapping[str, Entity]
) -> ReadFlow | None:
    base = f"{FOLDER}/{folder}"
    config = files.mapping(f"{base}/flow_config.yaml")
    if config is None:
        if f"{base}/flow_config.yaml" not in files and files.matching(f"{base}/steps", *_YAML):
            files.problems.add(f"{base}/flow_config.yaml", None, "is missing, and with it the flow")
        return None
    name = config.text("name").strip() or folder
    functions = _read_functions(files, sources, f"{base}/functions", FunctionKind.TRANSITION, name)
    function_steps = _read_functions(files, sources, f"{base}/function_steps", FunctionKind.STEP, name)
    steps_taken = {stem for stem, each in function_steps.items() if each.spec.kind is FunctionKind.STEP}
    reader = _StepReader(files, f"{base}/steps", entities, taken=steps_taken)
    steps = dict(reader.read())
    flow = Flow(
        name=name,
        folder=folder,
        description=config.text("description"),
        start_step=config.text("start_step").strip(),
        steps=steps,
        function_steps={
            name: each.spec for name, each in function_steps.items() if each.spec.kind is FunctionKind.STEP
        },
        functions={name: each.spec for name, each in functions.items()},
    )
    broken = frozenset(stem for stem, each in function_steps.items() if sources[each.spec.file].tree is None)
    return ReadFlow(flow, functions, broken, tuple(reader.prompts), config, tuple(reader.conditions))


def _read_functions(
    files: Files, sources: Mapping[str, Source], folder: str, kind: FunctionKind, flow: str
) -> dict[str, ReadFunction]:
    found: dict[str, ReadFunction] = {}
    for file in files.matching(folder, ".py"):
        source = sources[file]
        if source.stem != "__init__":
            found[source.stem] = read_function(source, kind, flow, files.problems)
    return found


class _StepReader:
    """Reads the steps of one flow."""

    def __init__(self, files: Files, folder: str, entities: Mapping[str, Entity], *, taken: set[str]) -> None:
        self._files = files
        self._folder = folder
        self._entities = entities
        self._taken = taken
        self.prompts: list[tuple[Step, Text]] = []
        self.conditions: list[tuple[Condition, Fields]] = []

    def read(self) -> Iterator[tuple[str, Step]]:
        for file in self._files.matching(self._folder, *_YAML):
            fields = self._files.mapping(file)
            if fields is None:
                continue
            name = fields.needed("name")
            if name is None:
                continue
            if name in self._taken:
                fields.complain(f"the flow has a step {name!r} already, which counts", "name")
                continue
            self._taken.add(name)
            step = self._read_step(name, fields)
            self.prompts.append((step, fields.located("prompt")))
            yield name, step

    def _read_step(self, name: str, fields: Fields) -> Step:
        kind = fields.text("step_type", _ADVANCED).strip()
        if kind not in {_DEFAULT, _ADVANCED}:
            fields.complain(
                f"step_type {kind!r} is neither {_DEFAULT} nor {_ADVANCED}; taken as the latter", "step_type"
            )
        is_default = kind == _DEFAULT
        return Step(
            name=name,
            prompt=fields.text("prompt").strip(),
            file=fields.file,
            is_default=is_default,
            extracted_entities=self._known(fields, "extracted_entities") if is_default else (),
            conditions=tuple(self._read_conditions(fields)) if is_default else (),
            settings=fields.values(without=_OWN_FIELDS),
        )

    def _read_conditions(self, fields: Fields) -> Iterator[Condition]:
        seen: set[str] = set()
        for entry in fields.entries("conditions"):
            name = entry.needed("name")
            if name is None:
                continue
            if name in seen:
                entry.complain(f"the step has a condition {name!r} already, which counts", "name")
                continue
            seen.add(name)
            leaves = entry.text("condition_type").strip() == _LEAVES
            target = None if leaves else entry.needed("child_step")
            if target is None and not leaves:
                continue
            condition = Condition(name, entry.text("description"), target, self._known(entry, "required_entities"))
            self.conditions.append((condition, entry))
            yield condition

    def _known(self, fields: Fields, name: str) -> tuple[str, ...]:
        """The entities that are there; the others are problems."""
        given = fields.texts(name)
        for each in given:
            if each not in self._entities:
                fields.complain(f"{name}: there is no entity {each!r}", name)
        return tuple(dict.fromkeys(each for each in given if each in self._entities))

"""Names that code gives as literals: steps, flows, handoffs, templates, variants and functions that are not there."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from postcall.runtime.projects.problems import Problems
from postcall.runtime.projects.source import Source, text_constants, texts_in

_FALLBACK = "default"
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Module)


@dataclass(frozen=True, slots=True)
class Targets:
    """What code may name."""

    steps: Mapping[str, frozenset[str]]
    """By flow: its steps and function steps."""
    handoffs: Collection[str]
    sms_templates: Collection[str]
    variants: Collection[str]
    functions: Collection[str]
    """Those of `functions/` that can be called by name."""
    flow_functions: Mapping[str, Collection[str]]
    """By flow."""

    @property
    def flow_of_step(self) -> dict[str, list[str]]:
        """The flows that have a step of each name."""
        found: dict[str, list[str]] = {}
        for flow, steps in self.steps.items():
            for step in steps:
                found.setdefault(step, []).append(flow)
        return found


def check_code(source: Source, flow: str | None, targets: Targets, problems: Problems) -> None:
    """Note every name in a module that stands for nothing; `flow` is the flow whose folder it is in."""
    if source.tree is None:
        return
    checker = _Checker(source, flow, targets, problems)
    for scope in ast.walk(source.tree):
        if isinstance(scope, _SCOPES):
            checker.check(scope)


class _Checker:
    def __init__(self, source: Source, flow: str | None, targets: Targets, problems: Problems) -> None:
        assert source.tree is not None
        self._file = source.file
        self._constants = text_constants(source.tree)
        self._flow = flow
        self._targets = targets
        self._flow_of_step = targets.flow_of_step
        self._problems = problems

    def check(self, scope: ast.AST) -> None:
        """One function's own statements, or those of the module; inner functions are scopes of their own."""
        nodes = list(_own_nodes(scope))
        entered = self._flows_entered(nodes)
        for node in nodes:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                self._check_call(node, node.func, entered)
            elif isinstance(node, ast.Dict):
                self._check_dict(node)

    def _check_call(self, call: ast.Call, func: ast.Attribute, entered: set[str] | None) -> None:
        match func.attr:
            case "goto_flow":
                for flow, line in self._texts(call, 0, "flow_name", "flow", "name"):
                    self._need_flow(flow, line)
            case "goto_step":
                flows = None if entered is None else entered | ({self._flow} if self._flow else set())
                for step, line in self._texts(call, 0, "step_name", "step", "name"):
                    self._need_step(step, line, flows)
            case "call_handoff":
                for name, line in self._texts(call, 0, "destination"):
                    self._need_handoff(name, line)
            case "send_sms_template":
                for name, line in self._texts(call, 1, "template"):
                    if name not in self._targets.sms_templates:
                        self._add(line, f"send_sms_template: there is no SMS template {name!r}")
            case "set_variant":
                for name, line in self._texts(call, 0, "variant"):
                    if name not in self._targets.variants:
                        self._add(line, f"set_variant: there is no variant {name!r}")
            case name:
                self._check_executor(func, name)

    def _check_executor(self, func: ast.Attribute, name: str) -> None:
        match func.value:
            case ast.Attribute(value=ast.Name(id="conv"), attr="functions"):
                if name not in self._targets.functions:
                    self._add(func.lineno, f"conv.functions: there is no function {name!r}")
            case ast.Attribute(value=ast.Name(id="flow"), attr="functions") if self._flow is not None:
                if name not in self._targets.flow_functions.get(self._flow, ()):
                    self._add(func.lineno, f"flow.functions: the flow {self._flow!r} has no function {name!r}")

    def _check_dict(self, node: ast.Dict) -> None:
        """A transition: `{"goto_flow": …, "goto_step": …}`."""
        values = {
            key.value: value for key, value in zip(node.keys, node.values, strict=True) if isinstance(key, ast.Constant)
        }
        flow, step = values.get("goto_flow"), values.get("goto_step")
        flows: set[str] | None = {self._flow} if self._flow else None
        if flow is not None and not _is_nothing(flow):
            named = list(texts_in(flow, self._constants))
            for name, line in named:
                self._need_flow(name, line)
            flows = {name for name, _ in named} & self._targets.steps.keys() or None
        for name, line in texts_in(step, self._constants):
            self._need_step(name, line, flows)

    def _flows_entered(self, nodes: list[ast.AST]) -> set[str] | None:
        """The flows that `goto_flow` may enter in these statements; None where one of them is not known."""
        found: set[str] = set()
        for node in nodes:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "goto_flow":
                named = {name for name, _ in self._texts(node, 0, "flow_name", "flow", "name")}
                if not named:
                    return None
                found |= named
        return found

    def _need_flow(self, flow: str, line: int) -> None:
        if flow not in self._targets.steps:
            self._add(line, f"goto_flow: there is no flow {flow!r}{_nearly(flow, self._targets.steps)}")

    def _need_step(self, step: str, line: int, flows: set[str] | None) -> None:
        """`flows` are those that may be the current one; empty or None: any may."""
        owners = self._flow_of_step.get(step, [])
        if not flows:
            if not owners:
                self._add(line, f"goto_step: no flow has a step {step!r}{_nearly(step, self._flow_of_step)}")
            return
        if flows.isdisjoint(owners):
            here = " or ".join(repr(flow) for flow in sorted(flows))
            there = {name for flow in flows for name in self._targets.steps.get(flow, ())}
            hint = _nearly(step, there) or (f" ({owners[0]!r} has one)" if owners else "")
            self._add(line, f"goto_step: the flow {here} has no step {step!r}{hint}")

    def _need_handoff(self, name: str, line: int) -> None:
        """The default one may be asked for by that word, and letter case does not count."""
        known = {each.lower() for each in self._targets.handoffs}
        if name.lower() not in known | {_FALLBACK}:
            self._add(line, f"call_handoff: there is no handoff {name!r}")

    def _texts(self, call: ast.Call, place: int, *names: str) -> Iterator[tuple[str, int]]:
        given = call.args[place] if len(call.args) > place else None
        for keyword in call.keywords:
            given = keyword.value if keyword.arg in names else given
        return texts_in(given, self._constants)

    def _add(self, line: int, message: str) -> None:
        self._problems.add(self._file, line, message)


def _own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    waiting = list(ast.iter_child_nodes(scope))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _SCOPES):
            waiting += ast.iter_child_nodes(node)


def _is_nothing(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not node.value


def _nearly(name: str, names: Collection[str]) -> str:
    """A hint at a name that differs in its letter case alone: names of steps and flows must be exact."""
    alike = next((each for each in names if each.lower() == name.lower()), None)
    return f"; did you mean {alike!r}?" if alike else ""

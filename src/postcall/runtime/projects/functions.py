"""What the model and the session must know of each function, from its source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from postcall.domain.conversations import FunctionKind
from postcall.runtime.projects.model import DelayResponse, FunctionSpec, LatencyControl, Parameter
from postcall.runtime.projects.problems import Problems
from postcall.runtime.projects.source import Definition, Source, module_name

START, END = "start_function", "end_function"
_TYPES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}
_GIVEN = {
    FunctionKind.GLOBAL: ("conv",),
    FunctionKind.TRANSITION: ("conv", "flow"),
    FunctionKind.STEP: ("conv", "flow"),
    FunctionKind.START: ("conv",),
    FunctionKind.END: ("conv",),
}
"""What the runtime gives by itself; the model never sees it."""
_LONGEST_WAIT = 10.0
_LONGEST_FILLER = 3_600


@dataclass(frozen=True, slots=True)
class ReadFunction:
    """A function, and why it cannot be offered to a model, if it cannot."""

    spec: FunctionSpec
    line: int
    obstacle: str | None = None
    is_unreadable: bool = False
    """Its file is not Python."""


def read_function(source: Source, kind: FunctionKind, flow: str | None, problems: Problems) -> ReadFunction:
    """What a file says of its function.

    A file without a function of its own name is a module for imports. One whose signature cannot be shown is not
    offered; that is a problem where its decorators say that it should be.
    """
    main = source.main
    if main is None:
        spec = FunctionSpec(
            source.stem, FunctionKind.UTILITY, source.file, module_name(source.file), flow, offered=False
        )
        why = "its file is not Python" if source.tree is None else "its file has no function of that name"
        return ReadFunction(spec, 1, why, is_unreadable=source.tree is None)
    decorators = _Decorators(source.file, problems)
    for decorator in main.decorator_list:
        decorators.read(decorator)
    obstacle = _hindrance(main, kind)
    is_tool = kind in {FunctionKind.GLOBAL, FunctionKind.TRANSITION}
    if obstacle and (not is_tool or decorators.description is not None or decorators.parameters):
        problems.add(
            source.file, main.lineno, f"{main.name} cannot be {'offered to a model' if is_tool else 'run'}: {obstacle}"
        )
    parameters = () if obstacle else tuple(_parameters(main, kind, decorators.parameters))
    for name, line in decorators.lines.items():
        if name not in {each.arg for each in _arguments(main)}:
            problems.add(source.file, line, f"func_parameter describes {name!r}, which {main.name} does not take")
    spec = FunctionSpec(
        name=source.stem,
        kind=kind,
        file=source.file,
        module=module_name(source.file),
        flow=flow,
        description=(decorators.description or "").strip(),
        parameters=parameters if is_tool else (),
        latency=decorators.latency,
        offered=is_tool and obstacle is None,
    )
    return ReadFunction(spec, main.lineno, obstacle)


def kind_of_global(stem: str) -> FunctionKind:
    """What a file in `functions/` is for."""
    return {START: FunctionKind.START, END: FunctionKind.END}.get(stem, FunctionKind.GLOBAL)


def _hindrance(main: Definition, kind: FunctionKind) -> str | None:
    """Why it cannot be called as its kind is."""
    if isinstance(main, ast.AsyncFunctionDef):
        return "it is async"
    if main.args.vararg or main.args.kwarg:
        return "it takes any number of arguments"
    given = _GIVEN[kind]
    arguments = _arguments(main)
    names = [each.arg for each in arguments]
    if tuple(names[: len(given)]) != given:
        return f"its first {'parameters are' if len(given) > 1 else 'parameter is'} not {' and '.join(given)}"
    rest = arguments[len(given) :]
    with_default = len(main.args.defaults) + sum(each is not None for each in main.args.kw_defaults)
    if kind not in {FunctionKind.GLOBAL, FunctionKind.TRANSITION}:
        return f"nothing gives it {rest[0].arg!r}" if len(rest) > with_default else None
    if with_default:
        return "a parameter has a default, and a model must give them all"
    for each in rest:
        if _type_of(each) is None:
            return f"the parameter {each.arg!r} is not annotated as str, int, float or bool"
    return None


def _parameters(main: Definition, kind: FunctionKind, described: dict[str, str]) -> Iterator[Parameter]:
    for each in _arguments(main)[len(_GIVEN[kind]) :]:
        if type_name := _type_of(each):
            yield Parameter(each.arg, type_name, described.get(each.arg, ""))


def _arguments(main: Definition) -> list[ast.arg]:
    return [*main.args.posonlyargs, *main.args.args, *main.args.kwonlyargs]


def _type_of(argument: ast.arg) -> str | None:
    match argument.annotation:
        case ast.Name(id=name) | ast.Constant(value=str() as name):
            return _TYPES.get(name)
    return None


class _Decorators:
    """Reads the three decorators as literals; others around them are passed over."""

    def __init__(self, file: str, problems: Problems) -> None:
        self._file = file
        self._problems = problems
        self.description: str | None = None
        self.parameters: dict[str, str] = {}
        self.lines: dict[str, int] = {}
        """Where each parameter is described."""
        self.latency: LatencyControl | None = None

    def read(self, decorator: ast.expr) -> None:
        if not isinstance(decorator, ast.Call):
            return
        name = decorator.func.attr if isinstance(decorator.func, ast.Attribute) else getattr(decorator.func, "id", "")
        match name:
            case "func_description":
                if (given := self._literals(decorator, "description")) is not None:
                    self.description = str(given["description"])
            case "func_parameter":
                if (given := self._literals(decorator, "name", "description")) is not None:
                    self.parameters[str(given["name"])] = str(given["description"]).strip()
                    self.lines[str(given["name"])] = decorator.lineno
            case "func_latency_control":
                self._read_latency(decorator)

    def _literals(self, call: ast.Call, *names: str) -> dict[str, object] | None:
        """The arguments by name, all of them texts."""
        given = self._arguments(call, *names)
        if given is None:
            return None
        for name in names:
            if not isinstance(given.get(name), str):
                self._complain(call, f"`{name}` is missing or no text")
                return None
        return given

    def _arguments(self, call: ast.Call, *names: str) -> dict[str, object] | None:
        nodes = dict(zip(names, call.args, strict=False))
        nodes |= {each.arg: each.value for each in call.keywords if each.arg is not None}
        try:
            return {name: _literal(node) for name, node in nodes.items()}
        except (ValueError, TypeError, RecursionError, MemoryError):
            self._complain(call, "it is read from the source, and so takes nothing but literals")
            return None

    def _read_latency(self, call: ast.Call) -> None:
        names = ("delay_before_responses_start", "silence_after_each_response", "delay_responses", "randomize")
        given = self._arguments(call, *names)
        if given is None:
            return
        responses = given.get("delay_responses") or []
        spoken: list[DelayResponse] = []
        for each in responses if isinstance(responses, list | tuple) else [responses]:
            match each:
                case (str() as text, int() | float() as seconds) if 0 <= seconds <= _LONGEST_FILLER:
                    spoken.append(DelayResponse(text, float(seconds)))
                case _:
                    self._complain(call, "each of `delay_responses` is a text and a number of seconds")
        self.latency = LatencyControl(
            self._seconds(call, given, names[0]),
            self._seconds(call, given, names[1]),
            tuple(spoken),
            given.get(names[3]) is True,
        )

    def _seconds(self, call: ast.Call, given: dict[str, object], name: str) -> float:
        seconds = given.get(name, 0)
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= _LONGEST_WAIT:
            self._complain(call, f"`{name}` is not a number of seconds from 0 to {_LONGEST_WAIT:.0f}")
            return 0.0
        return float(seconds)

    def _complain(self, call: ast.Call, message: str) -> None:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        self._problems.add(self._file, call.lineno, f"{name}: {message}")


def _literal(node: ast.expr) -> object:
    """The value of a literal; texts may be joined with `+`."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _literal(node.left), _literal(node.right)
        if isinstance(left, str) and isinstance(right, str):
            return left + right
    return ast.literal_eval(node)

"""Which calls the client, its tracking and its command line offer, and which of them the tests made."""

import importlib
import inspect
import re
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any

import click
import polyaxon_client.tracking.paths
from polyaxon_cli.main import cli
from polyaxon_client.api.base import BaseApiHandler
from polyaxon_client.client import PolyaxonClient
from polyaxon_client.tracking import Experiment

API_MODULES = [
    *("auth", "bookmark", "build_job", "cluster", "data", "experiment", "experiment_group"),
    *("experiment_job", "job", "project", "user", "version"),
]


class CallRecorder:
    """Notes the calls made from outside; neither the client nor the command line is touched."""

    def __init__(self) -> None:
        self.made: set[str] = set()

    def watch(self, target: Any) -> Any:
        return _Watched(target, self)

    def command(self, arguments: Iterable[str]) -> None:
        """Notes a command of the program, with its options."""
        self.made.update(f"polyaxon {name}" for name in names_in(list(arguments)))

    def script(self, text: str) -> None:
        """Notes what a script that ran well calls by the names `Experiment`, `experiment` and `tracking`."""
        self.made.update(f"Experiment.{name}" for name in re.findall(r"\b[Ee]xperiment\.(\w+)\(", text))
        self.made.update(f"tracking.{name}" for name in re.findall(r"\btracking\.(\w+)\(", text))


class _Watched:
    def __init__(self, target: Any, recorder: CallRecorder) -> None:
        self._target = target
        self._recorder = recorder

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        if isinstance(found, BaseApiHandler):
            return _Watched(found, self._recorder)
        self._recorder.made.add(f"{type(self._target).__name__}.{name}")
        return found


def names_in(arguments: list[str]) -> Iterator[str]:
    """`experiment -xp 1 logs -p`: `experiment --experiment`, `experiment logs --past`, `experiment logs`."""
    command: click.Command = cli
    path: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        option = option_of(command, argument.partition("=")[0])
        if option is not None:
            yield option_name(path, option)
            if not option.is_flag and "=" not in argument:
                next(rest)
        elif isinstance(command, click.Group):
            command = command.commands[argument]
            path.append(argument)
    yield " ".join(path)


def option_of(command: click.Command, text: str) -> click.Option | None:
    options = [each for each in command.params if isinstance(each, click.Option)]
    return next((each for each in options if text in each.opts), None)


def option_name(path: list[str], option: click.Option) -> str:
    return " ".join([*path, max(option.opts, key=len)])


def all_commands(command: click.Command = cli, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Every command of the program and every option of each."""
    if not isinstance(command, click.Group):
        yield " ".join(path)
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            yield option_name(list(path), parameter)
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from all_commands(inner, (*path, name))


def public_functions(kind: type | ModuleType) -> set[str]:
    return {name for name, _ in inspect.getmembers(kind, inspect.isroutine) if not name.startswith("_")}


def api_classes() -> Iterator[type]:
    for name in API_MODULES:
        module = importlib.import_module(f"polyaxon_client.api.{name}")
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if kind.__module__ == module.__name__:
                yield kind


def all_calls() -> set[str]:
    """Everything public. What every API class inherits builds addresses and reads answers."""
    calls = {f"polyaxon {name}" for name in all_commands()}
    inherited = public_functions(BaseApiHandler)
    for kind in api_classes():
        calls |= {f"{kind.__name__}.{name}" for name in public_functions(kind) - inherited}
    calls |= {f"PolyaxonClient.{name}" for name in public_functions(PolyaxonClient)}
    calls |= {f"Experiment.{name}" for name in public_functions(Experiment)}
    paths = polyaxon_client.tracking.paths
    calls |= {f"tracking.{name}" for name in public_functions(paths) if name.startswith("get_")}
    return calls

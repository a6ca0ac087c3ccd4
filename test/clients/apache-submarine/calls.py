"""Which calls the SDK and its command line offer, and which of them the tests made."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any

import click
import submarine
import submarine.client.api
from submarine.cli.main import entry_point
from submarine.tracking.client import SubmarineClient


class CallRecorder:
    """Notes the calls made on the SDK's objects from outside; the SDK itself is not touched."""

    def __init__(self) -> None:
        self.made: set[str] = set()

    def watch(self, target: Any) -> Any:
        return _Watched(target, self)

    def command(self, arguments: tuple[str, ...]) -> None:
        names = [
            click_path
            for click_path in all_commands()
            if f"{' '.join(arguments)} ".startswith(f"{click_path} ")
        ]
        self.made.update(f"submarine {name}" for name in names)


class _Watched:
    def __init__(self, target: Any, recorder: CallRecorder) -> None:
        self._target = target
        self._recorder = recorder

    def __getattr__(self, name: str) -> Any:
        self._recorder.made.add(f"{type(self._target).__name__}.{name}")
        return getattr(self._target, name)


def public_methods(kind: type) -> list[str]:
    return [name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")]


def client_classes() -> Iterator[type]:
    """Every class of the SDK that speaks to the server: the written clients and the generated APIs."""
    for module in pkgutil.iter_modules(submarine.client.api.__path__):
        loaded = importlib.import_module(f"submarine.client.api.{module.name}")
        for _, kind in inspect.getmembers(loaded, inspect.isclass):
            if kind.__module__ == loaded.__name__:
                yield kind


def all_commands(group: click.Group = entry_point, path: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from all_commands(command, f"{path}{name} ")
        else:
            yield f"{path}{name}"


def all_calls() -> set[str]:
    """Everything public. `x_with_http_info` is what `x` calls, so only `x` is listed."""
    calls = {f"submarine {name}" for name in all_commands()}
    for kind in [*client_classes(), SubmarineClient]:
        calls |= {
            f"{kind.__name__}.{name}" for name in public_methods(kind) if not name.endswith("_with_http_info")
        }
    calls |= {
        f"submarine.{name}" for name in submarine.__all__ if inspect.isfunction(getattr(submarine, name))
    }
    return calls

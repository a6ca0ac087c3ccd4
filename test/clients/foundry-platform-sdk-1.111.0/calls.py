"""Which calls the client offers on models and their experiments, and which of them the tests made."""

import inspect
from collections.abc import Iterator
from typing import Any

from foundry_sdk.v2.models.experiment import AsyncExperimentClient, ExperimentClient
from foundry_sdk.v2.models.experiment_artifact_table import (
    AsyncExperimentArtifactTableClient,
    ExperimentArtifactTableClient,
)
from foundry_sdk.v2.models.experiment_series import AsyncExperimentSeriesClient, ExperimentSeriesClient
from foundry_sdk.v2.models.model import AsyncModelClient, ModelClient

# Each with its name from the client on, and the one that awaits.
RESOURCES = {
    "Model": (ModelClient, AsyncModelClient),
    "Model.Experiment": (ExperimentClient, AsyncExperimentClient),
    "Model.Experiment.Series": (ExperimentSeriesClient, AsyncExperimentSeriesClient),
    "Model.Experiment.ArtifactTable": (ExperimentArtifactTableClient, AsyncExperimentArtifactTableClient),
}
WAYS = ("with_raw_response", "with_streaming_response")


class CallRecorder:
    """Notes the calls made from outside; the client is not touched."""

    def __init__(self) -> None:
        self.made: set[str] = set()

    def watch(self, models: Any, begin: str = "") -> Any:
        return _Watched(models, begin, self)


class _Watched:
    def __init__(self, target: Any, name: str, recorder: CallRecorder) -> None:
        self._target = target
        self._name = name
        self._recorder = recorder

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        full = f"{self._name}.{name}" if self._name not in ("", "async ") else self._name + name
        if name[0].isupper() or name in WAYS:
            return _Watched(found, full, self._recorder)
        self._recorder.made.add(full)
        return found


def methods(kind: type) -> Iterator[str]:
    for name, _ in inspect.getmembers(kind, inspect.isfunction):
        if not name.startswith("_"):
            yield name


def all_calls() -> set[str]:
    """Every method of the four resources, in each way in which it may be called."""
    calls = set()
    for resource, kinds in RESOURCES.items():
        for begin, kind in zip(("", "async "), kinds, strict=True):
            for name in methods(kind):
                calls |= {f"{begin}{resource}.{way}{name}" for way in ("", *(f"{each}." for each in WAYS))}
    return calls

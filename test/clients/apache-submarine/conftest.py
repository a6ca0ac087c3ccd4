import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import Any

import pytest
import submarine
from submarine.client import ApiException, ExperimentSpec
from submarine.client.api.environment_client import EnvironmentClient
from submarine.client.api.experiment_client import ExperimentClient
from submarine.client.utils.api_utils import get_api_client

from calls import CallRecorder
from franca_server import FrancaServer
from franca_session import (
    PATIENCE_SECONDS,
    pytest_collection_modifyitems,
    pytest_configure,
    pytest_runtest_makereport,
    running,
    wait_until,
)

__all__ = ["pytest_collection_modifyitems", "pytest_configure", "pytest_runtest_makereport"]


@pytest.fixture(scope="session")
def server() -> Iterator[FrancaServer]:
    """One Franca for the whole session."""
    with running(FrancaServer()) as server:
        yield server


@pytest.fixture(scope="session")
def recorder() -> CallRecorder:
    return CallRecorder()


@pytest.fixture
def experiments(server: FrancaServer, recorder: CallRecorder) -> ExperimentClient:
    # The class that users import from the top of the package is the same one.
    assert submarine.ExperimentClient is ExperimentClient
    return recorder.watch(ExperimentClient(host=server.url))


@pytest.fixture
def environments(server: FrancaServer, recorder: CallRecorder) -> EnvironmentClient:
    return recorder.watch(EnvironmentClient(host=server.url))


@pytest.fixture
def api(server: FrancaServer, recorder: CallRecorder) -> Callable[[type], Any]:
    """Builds one of the SDK's generated API classes for this server."""
    return lambda kind: recorder.watch(kind(api_client=get_api_client(server.url)))


@pytest.fixture
def unique() -> str:
    return f"t-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def clean_up() -> Iterator[Callable[[Callable[..., Any], str], None]]:
    """Takes deletions to do at the end of the test; what is gone already is fine."""
    deletions: list[tuple[Callable[..., Any], str]] = []
    yield lambda delete, key: deletions.append((delete, key))
    for delete, key in reversed(deletions):
        try:
            delete(key)
        except ApiException as error:
            if error.status != 404:
                raise


@pytest.fixture
def create(
    server: FrancaServer, experiments: ExperimentClient, clean_up: Any
) -> Callable[..., dict[str, Any]]:
    """Creates an experiment that is deleted when the test ends."""

    def create_experiment(spec: ExperimentSpec) -> dict[str, Any]:
        experiment = experiments.create_experiment(spec)
        clean_up(ExperimentClient(host=server.url).delete_experiment, experiment["experimentId"])
        return experiment

    return create_experiment


@pytest.fixture
def status_of(experiments: ExperimentClient) -> Callable[[str, str], dict[str, Any]]:
    """Waits until an experiment has a status and gives it as it is then."""

    def wait(experiment_id: str, status: str) -> dict[str, Any]:
        seen: list[dict[str, Any]] = []

        def reached() -> bool:
            seen.append(experiments.get_experiment(experiment_id))
            found = seen[-1]["status"]
            if found in {"Succeeded", "Failed"} - {status}:
                log = experiments.experiment_api.get_log(experiment_id).result["logContent"]
                raise AssertionError(f"{experiment_id} ended as {found}, not {status}: {log}")
            return bool(found == status)

        wait_until(reached, lambda: f"{experiment_id} is {seen[-1]['status']}, not {status}")
        return seen[-1]

    return wait


@pytest.fixture
def printed(caplog: pytest.LogCaptureFixture) -> Callable[[Callable[[], Any]], list[str]]:
    """What a call of the SDK prints: it prints by the root logger."""

    def run(call: Callable[[], Any]) -> list[str]:
        caplog.clear()
        # In a thread, because wait_for_finish never returns when an experiment fails.
        with caplog.at_level("INFO"), ThreadPool(1) as threads:
            threads.apply_async(call).get(timeout=PATIENCE_SECONDS)
        return [record.getMessage() for record in caplog.records if record.name == "root"]

    return run


class CommandLine:
    """The `submarine` program. It keeps its settings inside its own package, so it gets a copy of that."""

    def __init__(self, folder: Path, recorder: CallRecorder) -> None:
        self.recorder = recorder
        self.package_parent = folder
        shutil.copytree(Path(submarine.__file__).parent, folder / "submarine")

    def __call__(self, *arguments: str) -> str:
        self.recorder.command(arguments)
        result = subprocess.run(
            [str(Path(sys.executable).parent / "submarine"), *arguments],
            env={**os.environ, "PYTHONPATH": str(self.package_parent), "COLUMNS": "300"},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert result.returncode == 0, f"submarine {' '.join(arguments)}: {result.stdout}{result.stderr}"
        assert result.stderr == ""
        return result.stdout


@pytest.fixture(scope="session")
def unset_cli(recorder: CallRecorder, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """The program as it was installed, with its default settings."""
    return CommandLine(tmp_path_factory.mktemp("cli"), recorder)


@pytest.fixture(scope="session")
def cli(
    server: FrancaServer, recorder: CallRecorder, tmp_path_factory: pytest.TempPathFactory
) -> CommandLine:
    """The program, told where this server is."""
    program = CommandLine(tmp_path_factory.mktemp("cli"), recorder)
    program("config", "set", "connection.hostname", "127.0.0.1")
    program("config", "set", "connection.port", str(server.port))
    return program

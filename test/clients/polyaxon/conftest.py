import os
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from polyaxon_client.client import PolyaxonClient

from calls import CallRecorder
from command_line import PROGRAMS, CommandLine
from experiments import USER, connect
from franca_server import FrancaServer
from franca_session import (
    pytest_collection_modifyitems,
    pytest_configure,
    pytest_runtest_makereport,
    running,
    wait_until,
)

__all__ = ["pytest_collection_modifyitems", "pytest_configure", "pytest_runtest_makereport"]

# The client reads it in preference to all else.
LEFT_LOGIN = Path("/tmp/.polyaxon")


def on_path() -> dict[str, str]:
    """Jobs find `python` with the client, and Franca finds `tensorboard`, as if started there."""
    return {"PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"}


@pytest.fixture(scope="session")
def server() -> Iterator[FrancaServer]:
    """One Franca for the whole session."""
    if LEFT_LOGIN.exists():
        pytest.exit(f"{LEFT_LOGIN} is a login of somebody else that the client would use", returncode=1)
    with running(FrancaServer(on_path())) as server:
        yield server
    assert not LEFT_LOGIN.exists()


@pytest.fixture(scope="session")
def recorder() -> CallRecorder:
    return CallRecorder()


@pytest.fixture
def api(server: FrancaServer, recorder: CallRecorder) -> Any:
    """The client, which raises what the server refuses. `api.experiment` and so on are its calls."""
    return recorder.watch(connect(server.port))


@pytest.fixture
def unique() -> str:
    return f"t-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def project(server: FrancaServer, unique: str) -> Iterator[str]:
    """The name of a project of its own, which is deleted with its experiments when the test ends."""
    client: PolyaxonClient = connect(server.port)
    client.project.create_project({"name": unique})
    yield unique
    client.project.delete_project(USER, unique)


@pytest.fixture
def create(api: Any, project: str) -> Callable[..., dict[str, Any]]:
    """Creates an experiment in the test's project."""
    return lambda **fields: api.project.create_experiment(USER, project, fields)


@pytest.fixture
def status_of(api: Any, project: str) -> Callable[[int, str], dict[str, Any]]:
    """Waits until an experiment has a status and gives it as it is then."""

    def wait(number: int, status: str) -> dict[str, Any]:
        seen: list[dict[str, Any]] = []

        def reached() -> bool:
            seen.append(api.experiment.get_experiment(USER, project, number))
            found = seen[-1]["last_status"]
            if found in {"succeeded", "failed", "stopped"} - {status}:
                log = api.experiment.logs(USER, project, number, stream=False).text
                raise AssertionError(f"{number} ended as {found}, not {status}: {log}")
            return bool(found == status)

        wait_until(reached, lambda: f"{number} is {seen[-1]['last_status']}, not {status}")
        return seen[-1]

    return wait


@pytest.fixture(scope="session")
def home(
    server: FrancaServer, recorder: CallRecorder, tmp_path_factory: pytest.TempPathFactory
) -> CommandLine:
    """The program, told where this server is and logged in."""
    program = CommandLine(tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("empty"), recorder)
    program("config", "set", "--host=127.0.0.1", f"--port={server.port}", "--use_https=false")
    program("login", "--token=any")
    return program


@pytest.fixture
def polyaxon(home: CommandLine, tmp_path: Path) -> CommandLine:
    """The program in the test's own folder."""
    return home.inside(tmp_path)


@pytest.fixture
def at_project(polyaxon: CommandLine, project: str) -> CommandLine:
    """The program in a folder that belongs to the test's project."""
    polyaxon("init", project)
    return polyaxon


@pytest.fixture
def python() -> str:
    """The interpreter that has the client."""
    return sys.executable

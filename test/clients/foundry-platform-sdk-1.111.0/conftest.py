import json
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import foundry_sdk
import pytest

from calls import CallRecorder
from franca_server import FrancaServer
from franca_session import (
    pytest_collection_modifyitems,
    pytest_configure,
    pytest_runtest_makereport,
    running,
    wait_until,
)
from runs import Writer, WrittenProject, WrittenRun

__all__ = ["pytest_collection_modifyitems", "pytest_configure", "pytest_runtest_makereport"]

TOKEN = "the-token-of-this-session"


def connect(server: FrancaServer, token: str = "any", **options: Any) -> foundry_sdk.FoundryClient:
    """A client of the server, as its users make it; `options` are those of its Config."""
    return foundry_sdk.FoundryClient(
        auth=foundry_sdk.UserTokenAuth(token),
        hostname=f"127.0.0.1:{server.port}",
        config=foundry_sdk.Config(scheme="http", **options),
    )


@pytest.fixture(scope="session")
def server() -> Iterator[FrancaServer]:
    """One Franca for the whole session."""
    with running(FrancaServer()) as server:
        yield server


@pytest.fixture(scope="session")
def guarded() -> Iterator[FrancaServer]:
    """One on which everybody needs a token."""
    with running(FrancaServer({"FRANCA_AUTH": "token", "FRANCA_TOKEN": TOKEN})) as server:
        yield server


@pytest.fixture(scope="session")
def recorder() -> CallRecorder:
    return CallRecorder()


@pytest.fixture
def models(server: FrancaServer, recorder: CallRecorder) -> Any:
    """`models.Model` and so on are the client's calls."""
    return recorder.watch(connect(server).models)


@pytest.fixture
def unique() -> str:
    return f"t-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def project(server: FrancaServer, unique: str) -> Iterator[WrittenProject]:
    """A project of its own, which is deleted with its runs when the test ends."""
    project = Writer(server.url).project(unique)
    yield project
    project.delete()


@pytest.fixture
def execute(project: WrittenProject, tmp_path: Path) -> Callable[..., WrittenRun]:
    """Runs a script of Python with the client's packages in a project (the test's own), and waits for its end."""

    def run(script: str, within: WrittenProject = project) -> WrittenRun:
        file = tmp_path / "script.py"
        file.write_text(script)
        specification = {"version": 1, "kind": "experiment", "run": {"cmd": f"{sys.executable} {file}"}}
        made = within.create(content=json.dumps(specification))
        ended = ("succeeded", "failed", "stopped")
        wait_until(lambda: made.status() in ended, lambda: f"{made.path} is {made.status()}")
        assert made.status() == "succeeded", made.log_text()
        return made

    return run

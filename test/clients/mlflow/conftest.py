import os
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import mlflow
import pytest
from mlflow import MlflowClient

from franca_server import FrancaServer
from franca_session import (
    pytest_collection_modifyitems,
    pytest_configure,
    pytest_runtest_makereport,
    running,
)

__all__ = ["pytest_collection_modifyitems", "pytest_configure", "pytest_runtest_makereport"]

PROGRAMS = Path(sys.executable).parent


@pytest.fixture(scope="session")
def server() -> Iterator[FrancaServer]:
    """One Franca for the whole session, whose jobs find `python` with the client."""
    with running(FrancaServer({"PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"})) as server:
        yield server


@pytest.fixture
def unique() -> str:
    return f"t-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def tracking(server: FrancaServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """The tracking URI, set as users set it, in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    # The client would wait for minutes on what the server refuses as broken; tests want to see it.
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    mlflow.set_tracking_uri(server.url)
    yield server.url
    while mlflow.active_run() is not None:
        mlflow.end_run()


@pytest.fixture
def experiment(tracking: str, unique: str) -> str:
    """The id of a new experiment, which is the active one."""
    return mlflow.set_experiment(unique).experiment_id


@pytest.fixture
def client(tracking: str) -> MlflowClient:
    return MlflowClient(tracking)

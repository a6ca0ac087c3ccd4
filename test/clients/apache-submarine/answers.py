"""Looking at what the server answers."""

import json
from typing import Any

import pytest
from submarine.client import ApiException
from submarine.client.api.experiment_client import ExperimentClient

from franca_server import FrancaServer

NAMES = {400: "BAD_REQUEST", 401: "UNAUTHORIZED", 404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}


def refusal(call: Any, status: int) -> str:
    """The message of a refused call; everything else of the envelope is checked here."""
    with pytest.raises(ApiException) as raised:
        call()
    error = raised.value
    body = json.loads(error.body)
    assert error.status == status, body
    assert error.headers["Content-Type"].startswith("application/json")
    message = body.pop("message")
    assert body == {
        "status": NAMES[status],
        "code": status,
        "success": None,
        "result": None,
        "attributes": {},
    }
    assert isinstance(message, str)
    assert message != ""
    return message


def pods_of(experiments: ExperimentClient, experiment_id: str) -> dict[str, list[str]]:
    """The lines of the log by pod, in the order of the answer."""
    content = experiments.experiment_api.get_log(experiment_id).result["logContent"]
    return {pod["podName"]: pod["podLog"] for pod in content}


def commands(server: FrancaServer, seconds: str) -> int:
    """How many `sleep` commands of that length run."""
    return list(server.processes().values()).count(f"sleep {seconds}")

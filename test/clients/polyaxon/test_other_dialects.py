"""A run that was submitted in Submarine's words, seen and stopped by the `polyaxon` program."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from command_line import CommandLine, facts, rows
from experiments import USER
from followed import Followed
from franca_server import FrancaServer
from franca_session import wait_until


def call(server: FrancaServer, method: str, path: str, body: Any = None) -> Any:
    request = urllib.request.Request(
        f"{server.url}/api/v1/{path}",
        None if body is None else json.dumps(body).encode(),
        {"Content-Type": "application/json"},
        method=method,
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())["result"]


@pytest.fixture
def submitted(server: FrancaServer, unique: str, tmp_path: Path) -> Iterator[str]:
    """A Submarine experiment of that name, which says something and goes on."""
    script = tmp_path / "talk.sh"
    script.write_text("echo said in the other words; exec sleep 86307\n")
    meta = {"name": unique, "namespace": "default", "framework": "TensorFlow", "cmd": f"sh {script}"}
    spec = {
        "meta": meta,
        "environment": {"image": "apache/submarine:tf-mnist-with-summaries-1.0"},
        "spec": {"Worker": {"replicas": 1, "resources": "cpu=1,memory=1024M"}},
    }
    experiment = call(server, "POST", "experiment", spec)["experimentId"]
    yield unique
    call(server, "DELETE", f"experiment/{experiment}")


def test_seen_and_stopped(polyaxon: CommandLine, server: FrancaServer, api: Any, submitted: str) -> None:
    listed = api.project.list_experiments(USER, "default", query=f"name:{submitted}")["results"]
    assert [each["name"] for each in listed] == [submitted]
    number = listed[0]["id"]
    named = ("experiment", "-p", f"{USER}/default", "-xp", str(number))
    experiments = rows(polyaxon("project", "-p", "default", "experiments"), "Experiments:")
    assert listed[0]["unique_name"] in [row["unique_name"] for row in experiments]
    running = lambda: facts(polyaxon(*named, "get"), "Experiment info:")["last_status"] == "running"  # noqa: E731
    wait_until(running, lambda: polyaxon(*named, "get"))
    [job] = rows(polyaxon(*named, "jobs"), "Jobs:")
    assert job["role"] in ("worker", "master")
    followed = Followed(polyaxon.start(*named, "logs"))
    followed.wait_for("said in the other words")
    assert polyaxon(*named, "stop", "-y") == "Experiment is being stopped.\n"
    assert any(line.startswith("stopped ...") for line in followed.end())
    assert "said in the other words" in polyaxon(*named, "logs", "-p")
    wait_until(lambda: "sleep 86307" not in server.processes().values(), lambda: str(server.processes()))

"""`submarine.log_metric` and `submarine.log_param` inside a job that Franca runs."""

import contextlib
import http.client
import json
import sqlite3
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from specs import experiment_spec

# The SDK writes to a database and not to the server. The calls of SubmarineClient are what the functions of
# the package call.
SCRIPT = """\
import submarine
from submarine.tracking.client import SubmarineClient
for step in range(3):
    submarine.log_metric("accuracy", 0.5 + step / 10, step)
submarine.log_param("learning_rate", 0.1)
submarine.set_db_uri(submarine.get_db_uri())
client = SubmarineClient()
client.log_metric(client.experiment_id, "loss", 2.5, "worker-0", step=7)
client.log_param(client.experiment_id, "optimizer", "sgd", "worker-0")
print("logged as", client.experiment_id)
"""
METRICS = {("accuracy", 0.5, 0), ("accuracy", 0.6, 1), ("accuracy", 0.7, 2), ("loss", 2.5, 7)}
PARAMS = {("learning_rate", "0.1"), ("optimizer", "sgd")}
CALLS = {
    *("submarine.get_db_uri", "submarine.set_db_uri", "submarine.log_metric", "submarine.log_param"),
    *("SubmarineClient.log_metric", "SubmarineClient.log_param"),
}


def workbench(port: int, kind: str, experiment_id: str) -> list[dict[str, Any]]:
    """What Submarine's web interface asks for to show an experiment's metrics and parameters."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        body = json.dumps({"id": experiment_id})
        connection.request("POST", f"/api/{kind}/selective", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        content = json.loads(answer.read())
        assert (answer.status, content["success"]) == (200, True), content
        found: list[dict[str, Any]] = content["result"]
        return found
    finally:
        connection.close()


@pytest.fixture
def cmd(tmp_path: Path) -> str:
    script = tmp_path / "train.py"
    script.write_text(SCRIPT)
    return f"{sys.executable} {script}"


def test_a_job_logs_as_its_experiment_into_a_database_of_the_user(
    recorder: Any, experiments: Any, create: Any, status_of: Any, printed: Any, cmd: str, tmp_path: Path
) -> None:
    database = tmp_path / "tracking.db"
    variables = {"SUBMARINE_DB_URI": f"sqlite:///{database}"}
    experiment_id = create(experiment_spec(cmd, env_vars=variables))["experimentId"]
    status_of(experiment_id, "Succeeded")
    assert printed(lambda: experiments.get_log(experiment_id))[-1] == f"logged as {experiment_id}"
    recorder.made |= CALLS
    with contextlib.closing(sqlite3.connect(database)) as rows:
        metrics = rows.execute("select id, worker_index, key, value, step from metric").fetchall()
        params = rows.execute("select id, worker_index, key, value from param").fetchall()
    assert {row[:2] for row in metrics + params} == {(experiment_id, "worker-0")}
    assert {row[2:] for row in metrics} == METRICS
    assert {row[2:] for row in params} == PARAMS


def test_franca_takes_in_what_a_job_logs(
    server: Any, experiments: Any, create: Any, status_of: Any, cmd: str
) -> None:
    experiment_id = create(experiment_spec(cmd))["experimentId"]
    status_of(experiment_id, "Succeeded")
    metrics = workbench(server.port, "metric", experiment_id)
    params = workbench(server.port, "param", experiment_id)
    assert {(row["id"], row["workerIndex"]) for row in metrics + params} == {(experiment_id, "worker-0")}
    assert {(row["key"], row["value"], row["step"]) for row in metrics} == METRICS
    assert {(row["key"], row["value"]) for row in params} == PARAMS
    # The SDK writes local times without a zone.
    times = [datetime.fromisoformat(row["timestamp"]) for row in metrics]
    assert all(abs(datetime.now(timezone.utc) - time) < timedelta(minutes=10) for time in times)


@pytest.mark.parametrize("kind", ["metric", "param"])
def test_an_experiment_that_logged_nothing_has_no_rows(server: Any, create: Any, kind: str) -> None:
    experiment_id = create(experiment_spec("true"))["experimentId"]
    assert workbench(server.port, kind, experiment_id) == []

"""`submarine.log_metric` and `submarine.log_param` inside a job that Franca runs."""

import contextlib
import os
import sqlite3
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from dialects import ask, seen_by_all
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


def workbench(url: str, kind: str, experiment_id: str) -> list[dict[str, Any]]:
    """What Submarine's web interface asks for to show an experiment's metrics and parameters."""
    found: list[dict[str, Any]] = ask(f"{url}/api/{kind}/selective", {"id": experiment_id})["result"]
    return found


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


def test_franca_takes_in_what_a_job_logs(server: Any, create: Any, status_of: Any, cmd: str) -> None:
    experiment = create(experiment_spec(cmd))
    experiment_id = experiment["experimentId"]
    status_of(experiment_id, "Succeeded")
    metrics = workbench(server.url, "metric", experiment_id)
    params = workbench(server.url, "param", experiment_id)
    assert {(row["id"], row["workerIndex"]) for row in metrics + params} == {(experiment_id, "worker-0")}
    assert {(row["key"], row["value"], row["step"]) for row in metrics} == METRICS
    assert {(row["key"], row["value"]) for row in params} == PARAMS
    # The SDK writes local times without a zone.
    times = [datetime.fromisoformat(row["timestamp"]) for row in metrics]
    assert all(abs(datetime.now(timezone.utc) - time) < timedelta(minutes=10) for time in times)
    for dialect, seen in seen_by_all(server.url, experiment).items():
        assert (dialect, seen.metrics) == (dialect, {"accuracy": [0.5, 0.6, 0.7], "loss": [2.5]})
        assert (dialect, seen.params) == (dialect, dict(PARAMS))


MLFLOW_SCRIPT = """\
import mlflow
with mlflow.start_run():
    mlflow.log_param("lr", 0.1)
    for step in range(3):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
    mlflow.set_tag("by", "the job")
    mlflow.log_text("weights", "model/weights.txt")
    mlflow.log_table({"x": [1, 2]}, "table.json")
"""


def test_a_job_that_logs_with_mlflow_is_seen_in_all_dialects(
    server: Any, create: Any, status_of: Any, tmp_path: Path
) -> None:
    script = tmp_path / "train.py"
    script.write_text(MLFLOW_SCRIPT)
    experiment = create(experiment_spec(f"{os.environ['FRANCA_TEST_OTHER_PYTHON']} {script}"))
    status_of(experiment["experimentId"], "Succeeded")
    seen = seen_by_all(server.url, experiment)
    for dialect, one in seen.items():
        assert (dialect, one.metrics) == (dialect, {"loss": [1.0, 0.5, 1 / 3]})
        assert (dialect, one.params) == (dialect, {"lr": "0.1"})
        assert (dialect, one.files) == (dialect, {"table.json"} | (set() if dialect == "foundry" else {"model"}))
    assert isinstance(seen["mlflow"].tags, dict)
    assert seen["mlflow"].tags["by"] == "the job"
    for dialect in ("submarine", "polyaxon", "foundry"):
        assert (dialect, seen[dialect].tags) == (dialect, ["by=the job"])


@pytest.mark.parametrize("kind", ["metric", "param"])
def test_an_experiment_that_logged_nothing_has_no_rows(server: Any, create: Any, kind: str) -> None:
    experiment_id = create(experiment_spec("true"))["experimentId"]
    assert workbench(server.url, kind, experiment_id) == []

"""Jobs of Franca that track themselves, the command line, and tokens."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from franca_server import FrancaServer
from franca_session import PATIENCE_SECONDS, wait_until

SCRIPT = """
import mlflow
mlflow.set_experiment("an experiment of the script's own")
with mlflow.start_run() as run:
    mlflow.log_param("lr", 0.1)
    for step in range(3):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
    mlflow.set_tag("by", "the job")
    mlflow.log_text("weights", "model/weights.txt")
"""


def submit(server: FrancaServer, command: str) -> dict[str, object]:
    """An experiment in Submarine's words."""
    body = {
        "meta": {"name": "tracking", "framework": "TensorFlow", "cmd": command},
        "environment": {"image": "none"},
        "spec": {"Worker": {"replicas": 1, "resources": "cpu=1,memory=512M"}},
    }
    request = urllib.request.Request(
        f"{server.url}/api/v1/experiment", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["result"]


def ask(url: str) -> object:
    with urllib.request.urlopen(url) as answer:
        return json.load(answer)


def test_a_job_of_another_api_logs_into_its_own_run(
    server: FrancaServer, client: MlflowClient, tmp_path: Path
) -> None:
    script = tmp_path / "train.py"
    script.write_text(SCRIPT)
    experiment = submit(server, f"{sys.executable} {script}")
    path = f"{server.url}/api/v1/experiment/{experiment['experimentId']}"
    wait_until(
        lambda: ask(path)["result"]["status"] in ("Succeeded", "Failed"),  # type: ignore[index]
        lambda: str(ask(path)),
        PATIENCE_SECONDS * 2,
    )
    log = ask(f"{server.url}/api/v1/experiment/logs/{experiment['experimentId']}")
    assert ask(path)["result"]["status"] == "Succeeded", log  # type: ignore[index]
    run_id = str(experiment["uid"]).replace("-", "")
    run = client.get_run(run_id)
    assert run.info.status == "FINISHED"
    assert run.data.params == {"lr": "0.1"}
    assert run.data.metrics == {"loss": 1 / 3}
    assert run.data.tags["by"] == "the job"
    assert run.data.tags["franca.requestedExperiment"] == "an experiment of the script's own"
    assert [point.value for point in client.get_metric_history(run_id, "loss")] == [1.0, 0.5, 1 / 3]
    assert mlflow.artifacts.load_text(f"runs:/{run_id}/model/weights.txt") == "weights"


def program(server: FrancaServer, *arguments: str) -> str:
    result = subprocess.run(
        [str(Path(sys.executable).parent / "mlflow"), *arguments],
        env={**os.environ, "MLFLOW_TRACKING_URI": server.url},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_the_command_line(server: FrancaServer, client: MlflowClient, experiment: str, tmp_path: Path) -> None:
    with mlflow.start_run(run_name="by-hand") as run:
        mlflow.log_text("hello", "a/b.txt")
    run_id = run.info.run_id
    assert "by-hand" in program(server, "runs", "list", "--experiment-id", experiment)
    assert json.loads(program(server, "runs", "describe", "--run-id", run_id))["info"]["run_id"] == run_id
    assert "a" in program(server, "artifacts", "list", "--run-id", run_id)
    target = tmp_path / "down"
    program(server, "artifacts", "download", "--run-id", run_id, "--artifact-path", "a", "--dst-path", str(target))
    assert next(target.rglob("b.txt")).read_text() == "hello"
    table = tmp_path / "runs.csv"
    program(server, "experiments", "csv", "--experiment-id", experiment, "--filename", str(table))
    assert run_id in table.read_text()
    assert experiment in program(server, "experiments", "search")
    program(server, "runs", "delete", "--run-id", run_id)
    assert client.get_run(run_id).info.lifecycle_stage == "deleted"
    program(server, "runs", "restore", "--run-id", run_id)


def test_tokens(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    server = FrancaServer({"FRANCA_AUTH": "token"})
    try:
        server.start()
        server.administer("user", "add", "ada")
        token = server.administer("token", "create", "--user", "ada").strip().splitlines()[-1]
        monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
        refused = MlflowClient(server.url)
        with pytest.raises(MlflowException):
            refused.search_experiments()
        monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", token)
        assert [one.name for one in MlflowClient(server.url).search_experiments()] == ["Default"]
        monkeypatch.delenv("MLFLOW_TRACKING_TOKEN")
        monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "ada")
        monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", token)
        started = time.monotonic()
        assert MlflowClient(server.url).create_run("0").info.status == "RUNNING"
        assert time.monotonic() - started < PATIENCE_SECONDS
    finally:
        server.stop()
        server.remove()

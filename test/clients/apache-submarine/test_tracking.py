"""`submarine.log_metric` and `submarine.log_param` inside a job that Franca runs."""

import http.client
import json
import sys
from pathlib import Path
from typing import Any

from specs import experiment_spec

# The SDK writes to a database and not to the server; Franca names one in SUBMARINE_DB_URI and takes it in
# when the job has ended. The two calls of SubmarineClient are what the functions of the package call.
SCRIPT = """\
import submarine
from submarine.tracking.client import SubmarineClient
assert submarine.get_db_uri().startswith("sqlite:"), submarine.get_db_uri()
for step in range(3):
    submarine.log_metric("accuracy", 0.5 + step / 10, step)
submarine.log_param("learning_rate", 0.1)
submarine.set_db_uri(submarine.get_db_uri())
client = SubmarineClient()
client.log_metric(client.experiment_id, "loss", 2.5, "worker-0", step=7)
client.log_param(client.experiment_id, "optimizer", "sgd", "worker-0")
print("logged as", client.experiment_id)
"""
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


def test_a_job_logs_metrics_and_parameters(
    server: Any, recorder: Any, experiments: Any, create: Any, printed: Any, tmp_path: Path
) -> None:
    script = tmp_path / "train.py"
    script.write_text(SCRIPT)
    experiment_id = create(experiment_spec(f"{sys.executable} {script}"))["experimentId"]
    lines = printed(lambda: experiments.wait_for_finish(experiment_id, 0.1))
    assert lines[-1] == f"logged as {experiment_id}"
    recorder.made |= CALLS

    metrics = workbench(server.port, "metric", experiment_id)
    assert {(row["key"], float(row["value"]), int(row["step"])) for row in metrics} == {
        ("accuracy", 0.5, 0),
        ("accuracy", 0.6, 1),
        ("accuracy", 0.7, 2),
        ("loss", 2.5, 7),
    }
    assert {(row["id"], row["workerIndex"]) for row in metrics} == {(experiment_id, "worker-0")}
    params = workbench(server.port, "param", experiment_id)
    assert {(row["key"], row["value"]) for row in params} == {("learning_rate", "0.1"), ("optimizer", "sgd")}

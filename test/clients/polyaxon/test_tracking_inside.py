"""`polyaxon_client.tracking.Experiment` inside jobs that Franca runs."""

import json
from pathlib import Path
from typing import Any

import pytest
from polyaxon_client.exceptions import AuthenticationError, PolyaxonHTTPError

from calls import CallRecorder
from command_line import CommandLine
from experiments import USER, connect, content, polyaxonfile
from followed import gate
from franca_server import FrancaServer
from franca_session import wait_until

# When the script ends, the client waits so long for what it has yet to send. Heartbeats go each second.
RUN = "POLYAXON_MIN_TIMEOUT=3 HEALTH_CHECK_INTERVAL=0 python"

TRAIN = """\
import json, os, time
from polyaxon_client import tracking
from polyaxon_client.tracking import Experiment

experiment = Experiment()
found = {
    "params": Experiment.get_params(),
    "declarations": Experiment.get_declarations(),
    "info": Experiment.get_experiment_info(),
    "outputs": [experiment.get_outputs_path(), tracking.get_outputs_path()],
    "log_level": [experiment.get_log_level(), tracking.get_log_level()],
    "data_paths": [experiment.get_data_paths(), tracking.get_data_paths()],
    "outputs_refs": [experiment.get_outputs_refs_paths(), tracking.get_outputs_refs_paths()],
    "base": tracking.get_base_outputs_path(),
    "notebook": [experiment.get_notebook_job_info(), experiment.is_notebook_job],
    "id": experiment.experiment_id,
}
print("found", json.dumps(found))
with open(os.path.join(experiment.get_outputs_path(), "model.txt"), "w") as model:
    model.write("trained")
experiment.log_artifact(os.path.join(experiment.get_outputs_path(), "model.txt"))
experiment.log_artifacts(experiment.get_outputs_path())
for step in range(1000):
    experiment.log_metrics(step=step, loss=1 / (step + 1))
experiment.log_params(found=True)
experiment.log_tags("from-inside")
experiment.log_data_ref(data="rows")
experiment.log_framework("pytorch")
experiment.log_backend("mine")
experiment.log_run_env()
experiment.log_code_ref()
experiment.set_name("named-inside")
experiment.set_description("described inside")
experiment.get_entity_data()
print("entity", experiment._entity_data["unique_name"])
transport = experiment.client.transport
deadline = time.monotonic() + 20
while (transport.periodic_http_done or 0) < 7 and time.monotonic() < deadline:
    time.sleep(0.1)
print("sent", json.dumps([transport.periodic_http_done >= 7, transport.periodic_http_exceptions]))
"""


def said(log: str, word: str) -> Any:
    """What the script printed after a word."""
    lines = [line.partition(f"{word} ")[2] for line in log.splitlines() if f"{word} " in line]
    assert len(lines) == 1, log
    return json.loads(lines[0])


def log_of(api: Any, project: str, number: int) -> str:
    return api.experiment.logs(USER, project, number, stream=False).text


def test_a_script_uploaded_by_run(
    at_project: CommandLine, api: Any, project: str, status_of: Any, recorder: CallRecorder
) -> None:
    (at_project.folder / "train.py").write_text(TRAIN)
    params = {"lr": 0.1, "layers": [64, 32], "activation": "relu"}
    polyaxonfile(
        at_project.folder, f"{RUN} train.py", params=params, logging={"level": "DEBUG"}, tags=["file"]
    )
    at_project("run", "-u")
    shown = status_of(1, "succeeded")
    log = log_of(api, project, 1)
    found = said(log, "found")
    assert found["params"] == found["declarations"] == params
    assert found["id"] == "1"
    info = found["info"]
    assert (info["project_name"], info["experiment_name"]) == (f"{USER}.{project}", f"{USER}.{project}.1")
    assert info["experiment_uuid"] == shown["uuid"]
    assert info["project_uuid"] == api.project.get_project(USER, project)["uuid"]
    assert found["outputs"][0] == found["outputs"][1]
    assert found["log_level"] == ["DEBUG", "DEBUG"]
    assert (found["data_paths"], found["outputs_refs"]) == ([None, None], [None, None])
    assert f"entity {USER}.{project}.1" in log
    assert said(log, "sent") == [True, 0]
    recorder.script(TRAIN)

    assert shown["params"] == {**params, "found": True}
    assert sorted(shown["tags"]) == ["file", "from-inside"]
    fields = ("name", "description", "framework", "backend")
    assert [shown[key] for key in fields] == ["named-inside", "described inside", "pytorch", "mine"]
    assert shown["run_env"]["filename"]
    metrics = api.experiment.get_metrics(USER, project, 1)["results"]
    assert [row["values"] for row in metrics] == [
        {"step": step, "loss": 1 / (step + 1)} for step in range(1000)
    ]
    assert shown["last_metric"] == {"step": 999, "loss": 0.001}


def test_an_end_that_a_job_reports_is_not_its_end(
    api: Any, project: str, create: Any, status_of: Any, tmp_path: Path
) -> None:
    """The process decides: what it says of itself before it ends is kept among the statuses alone."""
    script = tmp_path / "failing.py"
    script.write_text(
        "from polyaxon_client.tracking import Experiment\n"
        "Experiment().log_failed(message='I give up')\n"
        "print('but ends well')\n"
    )
    create(content=content(f"{RUN} {script}"))
    status_of(1, "succeeded")
    rows = api.experiment.get_statuses(USER, project, 1)["results"]
    assert "I give up" in [row["message"] for row in rows]
    assert rows[-1]["status"] == "succeeded"


TOKEN = """\
import json, os
from polyaxon_client import PolyaxonClient, settings
from polyaxon_client.tracking import Experiment
client = PolyaxonClient(reraise=True)
own = os.environ["POLYAXON_EXPERIMENT_INFO"]
user, name = json.loads(own)["project_name"].split(".")
print("token", json.dumps(settings.SECRET_USER_TOKEN))
print("own", json.dumps(client.experiment.get_experiment(user, name, 1)["id"]))
print("exchanged", json.dumps(client.auth.login_experiment_ephemeral_token(
    user, name, 1, ephemeral_token=settings.SECRET_USER_TOKEN, persist_token=False
)))
def refused(call):
    try:
        return call() and 200
    except Exception as error:
        return error.status_code
print("refused", json.dumps([
    refused(lambda: client.project.get_project(user, name + "-other")),
    refused(lambda: client.project.delete_project(user, name)),
    refused(lambda: client.experiment.delete_experiment(user, name, 1)),
]))
"""


def test_the_token_of_a_job_is_worth_its_run_alone(
    server: FrancaServer, api: Any, project: str, create: Any, status_of: Any, tmp_path: Path
) -> None:
    other = f"{project}-other"
    api.project.create_project({"name": other, "is_public": False})
    script = tmp_path / "ask.py"
    script.write_text(TOKEN)
    try:
        create(content=content(f"python {script}"))
        status_of(1, "succeeded")
    finally:
        api.project.delete_project(USER, other)
    log = log_of(api, project, 1)
    assert said(log, "own") == 1
    assert said(log, "exchanged") == said(log, "token")
    assert set(said(log, "refused")) <= {403, 404}
    late = connect(server.port, token=said(log, "token"))
    with pytest.raises(AuthenticationError):
        late.experiment.get_experiment(USER, project, 1)


TENSORFLOW = """\
import json, sys, time
from polyaxon_client.tracking import Experiment
known = [Experiment.get_cluster_def(), Experiment.get_task_info(), Experiment.get_tf_config()]
print("roles", json.dumps(known), flush=True)
Experiment.get_tf_config(envvar="MY_TF_CONFIG")
"""


def test_every_task_of_a_distributed_run_knows_the_others(
    api: Any, project: str, create: Any, status_of: Any, recorder: CallRecorder, tmp_path: Path
) -> None:
    script = tmp_path / "roles.py"
    script.write_text(TENSORFLOW)
    go_on = tmp_path / "go-on"
    create(
        content=content(
            [f"python {script}", gate(go_on)],
            framework="tensorflow",
            environment={"replicas": {"n_workers": 2, "n_ps": 1}},
        )
    )
    at = (USER, project, 1)
    wait_until(lambda: len(api.experiment.list_jobs(*at)["results"]) == 4, lambda: "no jobs")
    jobs = api.experiment.list_jobs(*at)["results"]
    logs = lambda: [api.experiment_job.logs(*at, job["id"], stream=False).text for job in jobs]  # noqa: E731
    wait_until(lambda: all("roles " in log for log in logs()), lambda: str(logs()))
    printed = [said(log, "roles") for log in logs()]
    go_on.touch()
    assert status_of(1, "succeeded")["num_jobs"] == 4
    recorder.script(TENSORFLOW)
    [cluster] = {json.dumps(each[0], sort_keys=True) for each in printed}
    assert {role: len(hosts) for role, hosts in json.loads(cluster).items()} == {
        "master": 1,
        "worker": 2,
        "ps": 1,
    }
    addresses = [address for hosts in json.loads(cluster).values() for address in hosts]
    assert len(set(addresses)) == 4
    tasks = {(each[1]["type"], each[1]["index"]) for each in printed}
    assert tasks == {("master", 0), ("worker", 0), ("worker", 1), ("ps", 0)}
    for job, (_, task, config) in zip(jobs, printed, strict=True):
        assert job["role"] == task["type"]
        assert (config["cluster"], config["task"]) == (json.loads(cluster), task)


def test_a_token_that_is_exchanged(api: Any, project: str, create: Any) -> None:
    """Only the run's own token is given for an ephemeral one; see TOKEN. A made-up one is refused."""
    create(is_managed=False)
    with pytest.raises(PolyaxonHTTPError) as refused:
        api.auth.login_experiment_ephemeral_token(
            USER, project, 1, ephemeral_token="made-up", set_token=False, persist_token=False
        )
    assert refused.value.status_code in (401, 403)

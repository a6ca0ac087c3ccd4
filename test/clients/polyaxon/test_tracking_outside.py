"""`polyaxon_client.tracking.Experiment` in a script of the user's own, which no Franca started."""

import importlib.metadata
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from calls import CallRecorder
from command_line import PROGRAMS, CommandLine
from experiments import USER
from franca_server import FrancaServer

VERSION = importlib.metadata.version("polyaxon-client")
HEAD = """\
import logging, sys
from polyaxon_client import PolyaxonClient, tracking
from polyaxon_client.exceptions import PolyaxonClientException
from polyaxon_client.tracking import Experiment
port = int(sys.argv[1])
client = PolyaxonClient(host="127.0.0.1", port=port, token="any", use_https=False, is_managed=False)
experiment = Experiment(project=sys.argv[2], client=client)
"""
# The client waits so long for what it has yet to send when the script ends.
PATIENCE = {"POLYAXON_MIN_TIMEOUT": "3"}

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(server: FrancaServer, recorder: CallRecorder, project: str, tmp_path: Path) -> Run:
    """Runs a script that tracks an experiment of the test's project."""

    def run_script(body: str, code: int = 0, **variables: str) -> "subprocess.CompletedProcess[str]":
        script = tmp_path / "track.py"
        script.write_text(HEAD + body)
        kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
        done = subprocess.run(
            [str(PROGRAMS / "python"), "track.py", str(server.port), f"{USER}/{project}"],
            cwd=tmp_path,
            env={
                **kept,
                **PATIENCE,
                "HOME": str(tmp_path),
                "GIT_CEILING_DIRECTORIES": str(tmp_path.parent),
                **variables,
            },
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == code, f"{done.stdout}{done.stderr}"
        recorder.script(HEAD + body)
        return done

    return run_script


def statuses(api: Any, project: str, number: int = 1) -> list[str]:
    return [each["status"] for each in api.experiment.get_statuses(USER, project, number)["results"]]


def test_all_that_a_script_logs(run: Run, api: Any, project: str, tmp_path: Path) -> None:
    (tmp_path / "artifact").mkdir()
    (tmp_path / "artifact" / "file").touch()
    done = run("""\
experiment.create(name="tracked", framework="pytorch", tags=["a"], description="d", content=None)
experiment.log_params(lr=0.1, layers=3, activation="relu")
experiment.log_params(dropout=0.5)
experiment.log_tags("b, c")
experiment.log_data_ref(data="rows", data_name="rows")
experiment.log_run_env()
experiment.log_framework("tensorflow")
experiment.log_backend("mine")
experiment.set_name("renamed")
experiment.set_description("described")
for step in range(1000):
    experiment.log_metrics(step=step, loss=1 / (step + 1))
logging.getLogger("train").warning("epoch one")
logging.info("epoch two")
experiment.send_logs("2026-11-25 21:50:27 UTC INFO -- epoch three")
experiment.log_status("warning", message="slow")
experiment.set_outputs_store(outputs_path="artifact")
experiment.log_artifact("artifact/file")
experiment.log_artifacts("artifact")
experiment.log_output("artifact/file")
experiment.log_outputs("artifact")
experiment.get_entity_data()
print(experiment.experiment_id, experiment._entity_data["unique_name"])
""")
    assert done.stdout.splitlines()[-1] == f"1 {USER}.{project}.1"
    shown = api.experiment.get_experiment(USER, project, 1)
    fields = ("name", "description", "framework", "backend", "is_managed", "last_status")
    assert [shown[key] for key in fields] == [
        "renamed",
        "described",
        "tensorflow",
        "mine",
        False,
        "succeeded",
    ]
    assert sorted(shown["tags"]) == ["a", "b", "c"]
    assert shown["params"] == {"lr": 0.1, "layers": 3, "activation": "relu", "dropout": 0.5}
    assert shown["run_env"]["client_version"] == VERSION
    assert shown["run_env"]["sys.argv"][0] == "track.py"
    assert shown["started_at"] is not None
    assert shown["finished_at"] is not None
    assert statuses(api, project) == ["created", "running", "warning", "succeeded"]
    metrics = api.experiment.get_metrics(USER, project, 1)["results"]
    assert [row["values"] for row in metrics] == [
        {"step": step, "loss": 1 / (step + 1)} for step in range(1000)
    ]
    assert len({row["created_at"] for row in metrics}) > 900
    assert shown["last_metric"] == {"step": 999, "loss": 0.001}
    lines = api.experiment.logs(USER, project, 1, stream=False).text.splitlines()
    assert [line[-10:].strip() for line in lines] == ["epoch one", "epoch two", "poch three"]


def test_replacing_what_was_logged(run: Run, api: Any, project: str) -> None:
    run("""\
experiment.create(tags=["a"])
experiment.log_params(lr=0.1)
experiment.log_params(reset=True, n=1)
experiment.log_tags(["b"], reset=True)
experiment.log_data_ref(data="rows", reset=True)
""")
    shown = api.experiment.get_experiment(USER, project, 1)
    assert (shown["params"], shown["tags"]) == ({"n": 1}, ["b"])


def test_a_script_uses_the_login_of_the_program(run: Run, api: Any, project: str, home: CommandLine) -> None:
    """The project's owner is then whoever is logged in."""
    run(
        "Experiment(project=sys.argv[2].split('/')[1]).create(name='by-login')\n",
        HOME=str(home.home),
    )
    assert api.experiment.get_experiment(USER, project, 1)["name"] == "by-login"


@pytest.mark.parametrize(
    ("end", "status"),
    [
        ("experiment.log_succeeded()", "succeeded"),
        ("experiment.succeeded()", "succeeded"),
        ("experiment.log_failed(message='m', traceback='t')", "failed"),
        ("experiment.failed(message='m')", "failed"),
        ("experiment.log_stopped()", "stopped"),
        ("experiment.stop()", "stopped"),
        ("experiment.end('skipped', message='m')", "skipped"),
    ],
)
def test_every_end(run: Run, api: Any, project: str, end: str, status: str) -> None:
    run(f"experiment.create(name='x')\nexperiment.start()\n{end}\n", POLYAXON_MIN_TIMEOUT="1")
    shown = api.experiment.get_experiment(USER, project, 1)
    assert shown["last_status"] == status
    # To the client `skipped` is no end: it reports success when the script ends, which moves nothing.
    assert statuses(api, project)[-1] == ("succeeded" if status == "skipped" else status)
    if "'m'" in end:
        messages = [each["message"] for each in api.experiment.get_statuses(USER, project, 1)["results"]]
        assert "m" in messages


def test_a_script_that_raises(run: Run, api: Any, project: str) -> None:
    done = run("experiment.create()\nraise ValueError('no good')\n", code=1)
    assert "ValueError: no good" in done.stderr
    last = api.experiment.get_statuses(USER, project, 1)["results"][-1]
    assert last["status"] == "failed"
    assert "no good" in last["message"]


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=Jane", "-c", "user.email=jane@example.org", "-c", "init.defaultBranch=trunk"]
    done = subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_code_in_a_repository(run: Run, api: Any, project: str, tmp_path: Path) -> None:
    git(tmp_path, "init")
    (tmp_path / "model.py").write_text("x = 1\n")
    git(tmp_path, "add", "model.py")
    git(tmp_path, "commit", "-m", "First")
    git(tmp_path, "remote", "add", "origin", "git@example.org:jane/model.git")
    (tmp_path / "model.py").write_text("x = 2\n")
    run("experiment.create()\nexperiment.log_code_ref()\n")
    commit = git(tmp_path, "rev-parse", "HEAD")
    expected = {"commit": commit, "head": commit, "branch": "trunk", "is_dirty": True}
    expected["git_url"] = "git@example.org:jane/model.git"
    assert expected.items() <= api.experiment.get_code_reference(USER, project, 1).items()


def test_code_outside_a_repository(run: Run, api: Any, project: str) -> None:
    run("experiment.create()\nexperiment.log_code_ref()\n")
    assert api.experiment.get_code_reference(USER, project, 1)["commit"] is None


def test_without_tracking_of_logs_code_and_environment(
    server: FrancaServer, run: Run, api: Any, project: str
) -> None:
    run("""\
experiment = Experiment(
    project=sys.argv[2], client=client, track_logs=False, track_code=False, track_env=False
)
experiment.create(base_outputs_path="outputs")
logging.getLogger("train").warning("epoch one")
print(experiment.outputs_store.path)
""")
    shown = api.experiment.get_experiment(USER, project, 1)
    assert (shown["last_status"], shown["run_env"] or {}) == ("succeeded", {})
    assert api.experiment.logs(USER, project, 1, stream=False).text == ""


def test_heartbeats_are_taken(run: Run, api: Any, project: str) -> None:
    done = run(
        """\
import time
experiment.create()
deadline = time.monotonic() + 20
while (client.transport.periodic_http_done or 0) < 2 and time.monotonic() < deadline:
    time.sleep(0.1)
print(client.transport.periodic_http_done >= 2, client.transport.periodic_http_exceptions)
""",
        HEALTH_CHECK_INTERVAL="0",
    )
    assert done.stdout.splitlines()[-1] == "True 0"


def test_what_is_known_only_inside_a_job(run: Run) -> None:
    done = run("""\
calls = [
    lambda: experiment.get_params(),
    lambda: experiment.get_outputs_path(),
    lambda: tracking.get_log_level(),
]
for call in calls:
    try:
        call()
    except PolyaxonClientException as refused:
        print(refused)
""")
    assert done.stdout.splitlines() == ["This experiment/job is not managed by Polyaxon."] * 3


def test_not_at_all(run: Run, api: Any, project: str) -> None:
    """POLYAXON_NO_OP makes a script run without a server."""
    run("experiment.create()\nexperiment.log_metrics(loss=1)\n", POLYAXON_NO_OP="true")
    assert api.project.list_experiments(USER, project)["count"] == 0


@pytest.mark.skipif(VERSION == "0.5.6", reason="that version cannot be offline")
def test_offline(run: Run, api: Any, project: str) -> None:
    done = run(
        """\
experiment = Experiment(project=sys.argv[2])
experiment.create(name="x")
experiment.log_metrics(loss=1)
experiment.log_params(n=1)
print(experiment.client, experiment.experiment_id > 1_000_000_000)
""",
        POLYAXON_IS_OFFLINE="true",
    )
    assert done.stdout.splitlines()[-1] == "None True"
    assert api.project.list_experiments(USER, project)["count"] == 0

"""ExperimentClient, with commands that really run."""

import re
import threading
from datetime import datetime
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import Any

import pytest
from submarine.client import (
    ApiException,
    CodeSpec,
    EnvironmentSpec,
    ExperimentMeta,
    ExperimentSpec,
    ExperimentTaskSpec,
    GitCodeSpec,
)
from submarine.client.api.experiment_client import ExperimentClient

from answers import commands, pods_of
from franca_session import wait_until
from specs import experiment_spec, task

ID = re.compile(r"experiment_\d{13}_\d{4,}")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00")
QUICK = 0.05


def test_create_answers_the_accepted_experiment(create: Any, unique: str) -> None:
    experiment = create(
        experiment_spec("echo hello", name=unique, env_vars={"ENV_1": "ENV1"}, tags=["a", "b"])
    )
    assert ID.fullmatch(experiment["experimentId"])
    assert UUID.fullmatch(experiment["uid"])
    assert experiment["status"] == "Accepted"
    assert TIME.fullmatch(experiment["acceptedTime"])
    assert [experiment[key] for key in ("createdTime", "runningTime", "finishedTime")] == [None, None, None]
    spec = experiment["spec"]
    assert spec["meta"] == {
        "name": unique,
        "namespace": "default",
        "framework": "TensorFlow",
        "cmd": "echo hello",
        "envVars": {"ENV_1": "ENV1"},
        "tags": ["a", "b"],
        "experimentId": experiment["experimentId"],
    }
    assert spec["environment"]["image"] == "apache/submarine:tf-mnist-with-summaries-1.0"
    assert spec["spec"]["Worker"]["replicas"] == 1
    assert spec["spec"]["Worker"]["resources"] == "cpu=1,memory=1024M"


def test_wait_for_finish_prints_the_log_and_returns_on_success(
    experiments: ExperimentClient, create: Any, printed: Any
) -> None:
    experiment_id = create(experiment_spec("echo hello world"))["experimentId"]
    assert printed(lambda: experiments.wait_for_finish(experiment_id, QUICK)) == ["hello world"]
    finished = experiments.get_experiment(experiment_id)
    assert finished["status"] == "Succeeded"
    times = [finished[key] for key in ("acceptedTime", "createdTime", "runningTime", "finishedTime")]
    assert all(TIME.fullmatch(time) for time in times)
    assert times == sorted(times, key=datetime.fromisoformat)


def test_wait_for_finish_prints_each_line_once_while_the_job_still_prints(
    experiments: ExperimentClient, create: Any, printed: Any, tmp_path: Path
) -> None:
    script = tmp_path / "slow.sh"
    script.write_text("for i in 1 2 3 4 5 6 7 8; do echo step $i; sleep 0.1; done\nseq 1 500\n")
    experiment_id = create(experiment_spec(f"sh {script}"))["experimentId"]
    lines = printed(lambda: experiments.wait_for_finish(experiment_id, QUICK))
    assert lines == [f"step {i}" for i in range(1, 9)] + [str(i) for i in range(1, 501)]


def test_wait_for_finish_never_returns_for_a_failed_experiment(
    server: Any, experiments: ExperimentClient, create: Any, status_of: Any
) -> None:
    # A defect of the SDK, in every release: it stops at Succeeded and Deleted only. A user ends the wait by
    # deleting the experiment; the next poll is a 404 then.
    experiment_id = create(experiment_spec("false"))["experimentId"]
    status_of(experiment_id, "Failed")
    polls: list[str] = []
    ends: list[ApiException] = []

    class Counting(ExperimentClient):
        def get_experiment(self, id: str) -> Any:
            experiment = super().get_experiment(id)
            polls.append(experiment["status"])
            return experiment

    def wait() -> None:
        try:
            Counting(host=server.url).wait_for_finish(experiment_id, QUICK)
        except ApiException as error:
            ends.append(error)

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    wait_until(lambda: len(polls) >= 5, lambda: f"polls: {polls}")
    assert waiting.is_alive()
    experiments.delete_experiment(experiment_id)
    waiting.join(timeout=10)
    assert not waiting.is_alive()
    assert set(polls) == {"Failed"}
    assert [error.status for error in ends] == [404]


@pytest.mark.parametrize("cmd", ["false", "no-such-command-anywhere", "/etc/hostname"])
def test_a_command_that_fails_makes_the_experiment_failed(create: Any, status_of: Any, cmd: str) -> None:
    failed = status_of(create(experiment_spec(cmd))["experimentId"], "Failed")
    assert TIME.fullmatch(failed["finishedTime"])


def test_words_are_split_on_single_spaces_and_no_shell_runs(
    experiments: ExperimentClient, create: Any, printed: Any
) -> None:
    experiment_id = create(experiment_spec("echo $HOME; echo 'a b' && false"))["experimentId"]
    assert printed(lambda: experiments.wait_for_finish(experiment_id, QUICK)) == [
        "$HOME; echo 'a b' && false"
    ]


def test_the_job_finds_its_variables(experiments: ExperimentClient, create: Any, status_of: Any) -> None:
    created = create(experiment_spec("printenv JOB_ID ENV_1", env_vars={"ENV_1": "one = 1, two"}))
    experiment_id = created["experimentId"]
    finished = status_of(experiment_id, "Succeeded")
    assert list(pods_of(experiments, experiment_id).values()) == [[experiment_id, "one = 1, two"]]
    # What the server adds for the job is not shown as if the user had sent it.
    assert finished["spec"]["meta"]["envVars"] == {"ENV_1": "one = 1, two"}


def test_a_task_may_replace_the_command_and_the_variables(
    experiments: ExperimentClient, create: Any, status_of: Any
) -> None:
    worker = task(cmd="printenv JOB_ID TASK_ONLY", env_vars={"TASK_ONLY": "yes"}, image="busybox", name="w")
    created = create(experiment_spec("false", roles={"Worker": worker}))
    status_of(created["experimentId"], "Succeeded")
    assert list(pods_of(experiments, created["experimentId"]).values()) == [[created["experimentId"], "yes"]]
    shown = created["spec"]["spec"]["Worker"]
    assert [shown[key] for key in ("cmd", "envVars", "image")] == [
        "printenv JOB_ID TASK_ONLY",
        {"TASK_ONLY": "yes"},
        "busybox",
    ]


def test_list_experiments_shows_all_or_those_of_a_status(
    experiments: ExperimentClient, create: Any, status_of: Any
) -> None:
    ended = create(experiment_spec("true"))["experimentId"]
    running = create(experiment_spec("sleep 86397"))["experimentId"]
    status_of(ended, "Succeeded")
    status_of(running, "Running")

    def listed(status: str | None = None) -> set[str]:
        found = experiments.list_experiments(status=status)
        assert status is None or {experiment["status"].lower() for experiment in found} <= {status.lower()}
        return {experiment["experimentId"] for experiment in found} & {ended, running}

    assert listed() == {ended, running}
    assert listed("Running") == {running}
    assert listed("succeeded") == {ended}
    assert listed("Failed") == set()
    assert experiments.list_experiments(status="NoSuchStatus") == []
    by_id = {experiment["experimentId"]: experiment for experiment in experiments.list_experiments()}
    assert by_id[ended] == experiments.get_experiment(ended)


def test_list_log_names_the_pods_without_their_lines(
    experiments: ExperimentClient, create: Any, status_of: Any, unique: str
) -> None:
    experiment_id = create(experiment_spec("echo not shown in lists", name=unique))["experimentId"]
    status_of(experiment_id, "Succeeded")
    expected = {
        "experimentId": experiment_id,
        "logContent": [{"podName": f"{unique}-worker-0", "podLog": []}],
    }
    assert expected in experiments.list_log(status="Succeeded")
    assert expected in experiments.list_log(status=None)
    assert expected not in experiments.list_log(status="Running")


def test_delete_stops_the_job_and_forgets_the_experiment(
    server: Any, experiments: ExperimentClient, create: Any, status_of: Any
) -> None:
    experiment_id = create(experiment_spec("sleep 86395"))["experimentId"]
    status_of(experiment_id, "Running")
    wait_until(lambda: commands(server, "86395") == 1, lambda: str(server.processes()))
    deleted = experiments.delete_experiment(experiment_id)
    assert (deleted["experimentId"], deleted["status"]) == (experiment_id, "Deleted")
    for call in (experiments.get_experiment, experiments.get_log, experiments.delete_experiment):
        with pytest.raises(ApiException) as raised:
            call(experiment_id)
        assert raised.value.status == 404
    assert experiment_id not in [experiment["experimentId"] for experiment in experiments.list_experiments()]
    assert experiment_id not in [log["experimentId"] for log in experiments.list_log(status=None)]
    wait_until(lambda: commands(server, "86395") == 0, lambda: str(server.processes()))


def test_the_async_calls_give_the_same(experiments: ExperimentClient, create: Any, status_of: Any) -> None:
    experiment_id = create(experiment_spec("true"))["experimentId"]
    status_of(experiment_id, "Succeeded")
    assert experiments.get_experiment_async(experiment_id).get(30).result == experiments.get_experiment(
        experiment_id
    )
    listed = experiments.list_experiments_async(status="Succeeded").get(30).result
    assert experiment_id in [experiment["experimentId"] for experiment in listed]
    assert experiments.delete_experiment_async(experiment_id).get(30).result["status"] == "Deleted"
    with pytest.raises(ApiException) as raised:
        experiments.get_experiment_async(experiment_id).get(30)
    assert raised.value.status == 404


def test_many_creations_at_once_are_all_run(server: Any, create: Any, status_of: Any) -> None:
    with ThreadPool(8) as threads:
        created = threads.map(lambda number: create(experiment_spec(f"echo {number}")), range(24))
    ids = [experiment["experimentId"] for experiment in created]
    assert len(set(ids)) == 24
    for experiment_id in ids:
        status_of(experiment_id, "Succeeded")


def test_the_spec_of_the_sdk_own_end_to_end_test_is_taken(
    experiments: ExperimentClient, create: Any, printed: Any
) -> None:
    # Framework in another case, two roles, and the task fields that 0.8's server itself refuses.
    spec = ExperimentSpec(
        meta=ExperimentMeta(
            name="Mnist-Dist",
            namespace="default",
            framework="Tensorflow",
            cmd="echo trained",
            env_vars={"ENV1": "ENV1"},
        ),
        environment=EnvironmentSpec(image="apache/submarine:tf-dist-mnist-test-1.0"),
        spec={
            "Ps": ExperimentTaskSpec(
                resources="cpu=1,memory=1024M", replicas=1, cpu="1", memory="1024M", gpu="0"
            ),
            "Worker": ExperimentTaskSpec(resources="cpu=1,memory=1024M", replicas=1),
        },
    )
    experiment = create(spec)
    assert experiment["spec"]["meta"]["name"] == "mnist-dist"
    printed(lambda: experiments.wait_for_finish(experiment["experimentId"], QUICK))
    # That prints the first pod, the Ps, which the end of worker 0 may stop before it says anything.
    assert pods_of(experiments, experiment["experimentId"])["mnist-dist-worker-0"] == ["trained"]


def test_code_and_handler_are_shown_again_without_the_password(
    experiments: ExperimentClient, create: Any
) -> None:
    git = GitCodeSpec(url="https://example.org/code.git", branch="main", username="me", password="hunter2")
    spec = experiment_spec("true")
    spec.code = CodeSpec(sync_mode="git", git=git)
    spec.experiment_handler_spec = {"FILE_SYSTEM_TYPE": "HDFS", "HDFS_PORT": "9000"}
    created = create(spec)
    found = experiments.get_experiment(created["experimentId"])
    for shown in (created["spec"], found["spec"]):
        assert shown["code"]["syncMode"] == "git"
        assert shown["code"]["git"]["url"] == "https://example.org/code.git"
        assert shown["code"]["git"]["username"] == "me"
        assert shown["experimentHandlerSpec"] == {"FILE_SYSTEM_TYPE": "HDFS", "HDFS_PORT": "9000"}
        assert "hunter2" not in str(shown)


def test_a_stored_environment_is_used_by_name(
    experiments: ExperimentClient, environments: Any, create: Any, clean_up: Any, printed: Any, unique: str
) -> None:
    environments.create_environment(EnvironmentSpec(name=unique, docker_image="continuumio/anaconda3"))
    clean_up(environments.delete_environment, unique)
    spec = experiment_spec("echo in the environment")
    spec.environment = EnvironmentSpec(name=unique)
    experiment = create(spec)
    assert experiment["spec"]["environment"]["name"] == unique
    assert printed(lambda: experiments.wait_for_finish(experiment["experimentId"], QUICK)) == [
        "in the environment"
    ]

"""ExperimentClient, with commands that really run."""

import json
import re
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from submarine.client import (
    ApiException,
    EnvironmentSpec,
    ExperimentMeta,
    ExperimentSpec,
    ExperimentTaskSpec,
)
from submarine.client.api.experiment_client import ExperimentClient

from answers import wait_until
from specs import experiment_spec, task

ID = re.compile(r"experiment_\d{13}_\d{4,}")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00")
QUICK = 0.05


def pods_of(experiments: ExperimentClient, experiment_id: str) -> dict[str, list[str]]:
    content = experiments.experiment_api.get_log(experiment_id).result["logContent"]
    return {pod["podName"]: pod["podLog"] for pod in content}


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


def test_get_log_prints_all_pods_or_the_first(
    experiments: ExperimentClient, create: Any, status_of: Any, printed: Any, unique: str
) -> None:
    roles = {"Master": task(cmd="echo from master"), "Worker": task(replicas=2, cmd="printenv RANK")}
    experiment_id = create(experiment_spec("true", name=unique, framework="PyTorch", roles=roles))[
        "experimentId"
    ]
    status_of(experiment_id, "Succeeded")
    master, first, second = (f"{unique}-{pod}" for pod in ("master-0", "worker-0", "worker-1"))
    assert list(pods_of(experiments, experiment_id)) == [master, first, second]
    lines = printed(lambda: experiments.get_log(experiment_id))
    heads = [f"The logs of Pod {pod}:\n" for pod in (master, first, second)]
    assert [line for line in lines if line.startswith("The logs")] == heads
    only_master = printed(lambda: experiments.get_log(experiment_id, onlyMaster=True))
    assert only_master == [heads[0], "from master"]


def test_pytorch_jobs_know_each_other(
    experiments: ExperimentClient, create: Any, unique: str, tmp_path: Path
) -> None:
    script = tmp_path / "show.sh"
    # The master's end would end the workers, so it stays until the test has read all.
    script.write_text(
        "printenv RANK WORLD_SIZE MASTER_ADDR MASTER_PORT; test $RANK != 0 || exec sleep 86399\n"
    )
    roles = {"Master": task(), "Worker": task(replicas=2)}
    experiment_id = create(experiment_spec(f"sh {script}", name=unique, framework="PyTorch", roles=roles))[
        "experimentId"
    ]
    wait_until(
        lambda: [len(log) for log in pods_of(experiments, experiment_id).values()] == [4, 4, 4],
        lambda: str(pods_of(experiments, experiment_id)),
    )
    pods = pods_of(experiments, experiment_id)
    assert {pod: log[:2] for pod, log in pods.items()} == {
        f"{unique}-master-0": ["0", "3"],
        f"{unique}-worker-0": ["1", "3"],
        f"{unique}-worker-1": ["2", "3"],
    }
    assert len({tuple(log[2:]) for log in pods.values()}) == 1, "all are told the same address"


def test_a_tensorflow_experiment_ends_with_worker_0_and_its_ps_is_stopped(
    server: Any, experiments: ExperimentClient, create: Any, status_of: Any, unique: str
) -> None:
    roles = {"Ps": task(cmd="sleep 86398"), "Worker": task(cmd="printenv TF_CONFIG")}
    experiment_id = create(experiment_spec("true", name=unique, roles=roles))["experimentId"]
    status_of(experiment_id, "Succeeded")
    config = json.loads(pods_of(experiments, experiment_id)[f"{unique}-worker-0"][0])
    assert config["task"] == {"type": "worker", "index": 0}
    assert {role: len(hosts) for role, hosts in config["cluster"].items()} == {"ps": 1, "worker": 1}
    wait_until(
        lambda: not [command for command in server.processes().values() if "86398" in command],
        lambda: str(server.processes()),
    )


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


def test_patch_rescales_a_running_experiment(
    experiments: ExperimentClient, create: Any, status_of: Any, unique: str
) -> None:
    created = create(experiment_spec("sleep 86396", name=unique))
    experiment_id = created["experimentId"]
    status_of(experiment_id, "Running")
    wider = experiment_spec("sleep 86396", name=unique, roles={"Worker": task(replicas=2)})
    patched = experiments.patch_experiment(experiment_id, wider)
    assert (patched["experimentId"], patched["uid"]) == (experiment_id, created["uid"])
    assert patched["spec"]["spec"]["Worker"]["replicas"] == 2
    assert patched["spec"]["meta"]["experimentId"] == experiment_id
    both = [f"{unique}-worker-0", f"{unique}-worker-1"]
    wait_until(
        lambda: list(pods_of(experiments, experiment_id)) == both,
        lambda: str(pods_of(experiments, experiment_id)),
    )
    assert experiments.get_experiment(experiment_id)["status"] == "Running"


def test_patch_of_a_finished_experiment_runs_it_again(
    experiments: ExperimentClient, create: Any, status_of: Any, unique: str
) -> None:
    created = create(experiment_spec("false", name=unique))
    experiment_id = created["experimentId"]
    status_of(experiment_id, "Failed")
    experiments.patch_experiment(experiment_id, experiment_spec("echo mended", name=unique))
    again = status_of(experiment_id, "Succeeded")
    assert (again["uid"], again["spec"]["meta"]["cmd"]) == (created["uid"], "echo mended")
    assert pods_of(experiments, experiment_id)[f"{unique}-worker-0"] == ["mended"]


def test_delete_stops_the_job_and_forgets_the_experiment(
    server: Any, experiments: ExperimentClient, create: Any, status_of: Any
) -> None:
    experiment_id = create(experiment_spec("sleep 86395"))["experimentId"]
    status_of(experiment_id, "Running")

    def sleepers() -> list[str]:
        return [command for command in server.processes().values() if "86395" in command]

    wait_until(lambda: sleepers() != [], lambda: str(server.processes()))
    deleted = experiments.delete_experiment(experiment_id)
    assert (deleted["experimentId"], deleted["status"]) == (experiment_id, "Deleted")
    for call in (experiments.get_experiment, experiments.get_log, experiments.delete_experiment):
        with pytest.raises(ApiException) as raised:
            call(experiment_id)
        assert raised.value.status == 404
    assert experiment_id not in [experiment["experimentId"] for experiment in experiments.list_experiments()]
    assert experiment_id not in [log["experimentId"] for log in experiments.list_log(status=None)]
    wait_until(lambda: sleepers() == [], lambda: str(server.processes()))


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
    assert printed(lambda: experiments.wait_for_finish(experiment["experimentId"], QUICK)) == ["trained"]


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

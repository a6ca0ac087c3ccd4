"""ExperimentClient with several roles and replicas, and PATCH, which changes them."""

import json
from pathlib import Path
from typing import Any

from submarine.client.api.experiment_client import ExperimentClient

from answers import commands, pods_of
from franca_session import wait_until
from specs import experiment_spec, task


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
    wait_until(lambda: commands(server, "86398") == 0, lambda: str(server.processes()))


def test_patch_rescales_a_running_experiment(
    server: Any, experiments: ExperimentClient, create: Any, status_of: Any, unique: str
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
    wait_until(lambda: commands(server, "86396") == 2, lambda: str(server.processes()))
    experiments.patch_experiment(experiment_id, experiment_spec("sleep 86396", name=unique))
    wait_until(lambda: commands(server, "86396") == 1, lambda: str(server.processes()))
    assert experiments.get_experiment(experiment_id)["status"] == "Running"


def test_patch_with_another_command_begins_again(
    server: Any, experiments: ExperimentClient, create: Any, status_of: Any, unique: str, tmp_path: Path
) -> None:
    script = tmp_path / "first.sh"
    script.write_text("echo first; exec sleep 86388\n")
    experiment_id = create(experiment_spec(f"sh {script}", name=unique))["experimentId"]
    pod = f"{unique}-worker-0"
    wait_until(lambda: pods_of(experiments, experiment_id)[pod] == ["first"], lambda: server.log_tail())
    experiments.patch_experiment(experiment_id, experiment_spec("echo second", name=unique))
    status_of(experiment_id, "Succeeded")
    assert pods_of(experiments, experiment_id)[pod] == ["first", "second"]
    assert commands(server, "86388") == 0


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

"""Every call of the client about experiments and their jobs."""

import math
import tarfile
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy
import pytest
from polyaxon_client.exceptions import BadRequestError, NotFoundError
from polyaxon_client.schemas import (
    CodeReferenceConfig,
    ExperimentConfig,
    ExperimentJobConfig,
    ExperimentJobStatusConfig,
    ExperimentMetricConfig,
    ExperimentStatusConfig,
)

from experiments import USER, connect, content, specification
from franca_session import wait_until


def test_create_get_update_delete(api: Any, project: str, create: Any) -> None:
    created = create(
        is_managed=False, name="one", description="d", tags=["a"], params={"lr": 0.1}, framework="pytorch"
    )
    assert (created["id"], created["last_status"]) == (1, "created")
    at = (USER, project, 1)
    shown = api.experiment.get_experiment(*at)
    fields = ("name", "description", "tags", "params", "framework", "is_managed", "num_jobs")
    assert [shown[key] for key in fields] == ["one", "d", ["a"], {"lr": 0.1}, "pytorch", False, 0]
    assert len(shown["uuid"].replace("-", "")) == 32
    patch = {"tags": ["b"], "params": {"n": 2}, "merge": True}
    updated = api.experiment.update_experiment(*at, patch)
    assert (sorted(updated["tags"]), updated["params"]) == (["a", "b"], {"lr": 0.1, "n": 2})
    updated = api.experiment.update_experiment(*at, {"tags": ["c"], "params": {"n": 3}, "name": "two"})
    assert (updated["tags"], updated["params"], updated["name"]) == (["c"], {"n": 3}, "two")
    listed = api.experiment.list_experiments()
    assert f"{USER}.{project}.1" in [each["unique_name"] for each in listed["results"]]
    assert api.experiment.delete_experiment(*at).status_code == 204
    with pytest.raises(NotFoundError):
        api.experiment.get_experiment(*at)


def test_contents_in_every_form(api: Any, project: str, create: Any, status_of: Any) -> None:
    """A text, a mapping, which the client sends as Python writes it, and one with nulls and booleans."""
    as_mapping = specification('echo "it\'s {{ n }}"', params={"n": 5}, build={"image": "x", "nocache": True})
    as_mapping["environment"] = {"resources": None, "node_selector": None}
    for number, given in ((1, content("true")), (2, as_mapping)):
        create(content=api.project.validate_content(given))
        status_of(number, "succeeded")
    assert api.experiment.logs(USER, project, 2, stream=False).text.strip().endswith("it's 5")


def test_statuses(api: Any, project: str, create: Any) -> None:
    create(is_managed=False)
    at = (USER, project, 1)
    row = api.experiment.create_status(*at, "running")
    assert (row["status"], row["experiment"]) == ("running", 1)
    api.experiment.create_status(*at, "failed", message="Out of memory", traceback="Traceback…")
    listed = api.experiment.get_statuses(*at)
    assert [each["status"] for each in listed["results"]] == ["created", "running", "failed"]
    assert listed["results"][-1]["message"] == "Out of memory"
    assert listed["count"] == 3
    with pytest.raises(BadRequestError):
        api.experiment.create_status(*at, "confused")


def test_metrics(api: Any, project: str, create: Any) -> None:
    create(is_managed=False)
    at = (USER, project, 1)
    row = api.experiment.create_metric(
        *at, {"loss": 0.5, "none": None}, created_at=datetime(2026, 1, 2, 3, 4, 5, 6)
    )
    assert (row["values"], row["experiment"]) == ({"loss": 0.5, "none": None}, 1)
    assert row["created_at"] == "2026-01-02T03:04:05.000006+00:00"
    api.experiment.create_metric(*at, {"loss": numpy.float32(0.25), "step": numpy.int64(7)})
    rows = api.experiment.get_metrics(*at)["results"]
    assert [each["values"] for each in rows] == [{"loss": 0.5, "none": None}, {"loss": 0.25, "step": 7}]
    assert api.experiment.get_experiment(*at)["last_metric"] == {"loss": 0.25, "step": 7}
    assert math.isclose(rows[1]["values"]["loss"], 0.25)


def test_code_references(api: Any, project: str, create: Any) -> None:
    create(is_managed=False)
    at = (USER, project, 1)
    assert api.experiment.get_code_reference(*at)["commit"] is None
    given = {"commit": "c0ffee", "head": "c0ffee", "branch": "master", "git_url": "git@x:y", "is_dirty": True}
    assert given.items() <= api.experiment.create_code_reference(*at, given).items()
    assert given.items() <= api.experiment.get_code_reference(*at).items()


def test_logs_of_an_experiment_that_is_only_tracked(api: Any, project: str, create: Any) -> None:
    create(is_managed=False)
    at = (USER, project, 1)
    assert api.experiment.send_logs(*at, "one").status_code < 300
    assert api.experiment.send_logs(*at, ["two", "thrée"]).status_code < 300
    lines = api.experiment.logs(*at, stream=False).text.splitlines()
    assert [line.split()[-1] for line in lines] == ["one", "two", "thrée"]


def streamed(call: Any) -> tuple[list[str], list[str]]:
    """The lines and the statuses that a stream gave until the server closed it."""
    lines: list[str] = []
    statuses: list[str] = []

    def take(frame: dict[str, Any]) -> None:
        given = frame["log_lines"] or []
        lines.extend([given] if isinstance(given, str) else given)
        if frame.get("status"):
            statuses.append(frame["status"])

    call(take)
    return lines, statuses


def test_jobs_and_streams(api: Any, project: str, create: Any, status_of: Any) -> None:
    create(content=content("echo said"))
    at = (USER, project, 1)
    lines, statuses = streamed(lambda take: api.experiment.logs(*at, message_handler=take))
    assert [line.split()[-1] for line in lines] == ["said"]
    assert statuses[-1] == status_of(1, "succeeded")["last_status"]
    [job] = api.experiment.list_jobs(*at)["results"]
    assert (job["role"], job["unique_name"], job["experiment"]) == (
        "master",
        f"{USER}.{project}.1.{job['id']}.master",
        1,
    )
    one = (*at, job["id"])
    assert api.experiment_job.get_job(*one)["uuid"] == job["uuid"]
    assert api.experiment_job.get_statuses(*one)["results"][-1]["status"] == "succeeded"
    assert api.experiment_job.logs(*one, stream=False).text.split()[-1] == "said"
    lines, _ = streamed(lambda take: api.experiment_job.logs(*one, message_handler=take))
    assert [line.split()[-1] for line in lines] == ["said"]
    # The run is over, so there is nothing to stream, and the calls return.
    api.experiment.resources(*at, message_handler=lambda frame: None)
    api.experiment_job.resources(*one, message_handler=lambda frame: None)


def test_again(api: Any, project: str, create: Any, status_of: Any) -> None:
    create(content=content("echo {{ n }}", params={"n": 1}))
    at = (USER, project, 1)
    status_of(1, "succeeded")
    again = (api.experiment.restart, api.experiment.resume, api.experiment.copy)
    for number, call in enumerate(again, 2):
        made = call(*at, content={"params": {"n": number}}, update_code=True)
        assert (made["id"], made["original"]) == (number, f"{USER}.{project}.1")
        assert status_of(number, "succeeded")["params"] == {"n": number}


def test_outputs(
    api: Any, project: str, create: Any, status_of: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(content=content("mkdir $POLYAXON_RUN_OUTPUTS_PATH/d && echo 1 > $POLYAXON_RUN_OUTPUTS_PATH/d/f"))
    status_of(1, "succeeded")
    monkeypatch.chdir(tmp_path)
    name = api.experiment.download_outputs(USER, project, 1)
    with tarfile.open(tmp_path / name) as archive:
        assert "d/f" in [each.removeprefix("./") for each in archive.getnames()]


def test_bookmarks_and_heartbeat(api: Any, project: str, create: Any) -> None:
    create(is_managed=False)
    at = (USER, project, 1)
    api.experiment.bookmark(*at)
    assert api.experiment.get_experiment(*at)["bookmarked"] is True
    marked = api.bookmark.experiments(USER)
    assert [each["unique_name"] for each in marked["results"]].count(f"{USER}.{project}.1") == 1
    api.experiment.unbookmark(*at)
    assert api.experiment.get_experiment(*at)["bookmarked"] is False
    url = api.experiment.get_heartbeat_url(*at)
    assert api.transport.post(url).status_code == 200


def test_in_the_background(api: Any, project: str, create: Any, status_of: Any, server: Any) -> None:
    """The same calls, made by a thread of the client, which tells nobody how they ended."""
    create(is_managed=False)
    create(content=content("sleep 86306"))
    at, second = (USER, project, 1), (USER, project, 2)
    experiment = api.experiment
    calls = [
        lambda: experiment.update_experiment(*at, {"name": "n"}, background=True),
        lambda: experiment.create_status(*at, "running", background=True),
        lambda: experiment.create_metric(*at, {"loss": 1}, background=True),
        lambda: experiment.create_code_reference(*at, {"commit": "c"}, background=True),
        lambda: experiment.send_logs(*at, "line", background=True),
        lambda: experiment.bookmark(*at, background=True),
        lambda: experiment.unbookmark(*at, background=True),
        lambda: experiment.stop(*second, background=True),
        lambda: experiment.restart(*second, background=True),
        lambda: experiment.copy(*second, background=True),
        lambda: experiment.start_tensorboard(*at, background=True),
        lambda: experiment.stop_tensorboard(*at, background=True),
    ]
    for call in calls:
        assert call() is None
    wait_until(lambda: api.transport.threaded_done == len(calls), lambda: str(api.transport.threaded_done))
    assert api.transport.threaded_exceptions == 0
    shown = experiment.get_experiment(*at)
    assert (shown["name"], shown["last_metric"], shown["bookmarked"]) == ("n", {"loss": 1}, False)
    status_of(2, "stopped")
    assert api.project.list_experiments(USER, project)["count"] == 4
    experiment.resume(*second, background=True)
    experiment.delete_experiment(*at, background=True)
    wait_until(
        lambda: api.transport.threaded_done == len(calls) + 2, lambda: str(api.transport.threaded_done)
    )
    assert api.transport.threaded_exceptions == 0
    with pytest.raises(NotFoundError):
        experiment.get_experiment(*at)
    periodic(api, project, create(is_managed=False)["id"])


def periodic(api: Any, project: str, number: int) -> None:
    """Rows that a thread of the client sends together each second."""
    at = (USER, project, number)
    for step in range(250):
        api.experiment.create_metric(*at, {"step": step}, periodic=True)
        api.experiment.send_logs(*at, f"line {step}", periodic=True)
    rows = lambda: api.experiment.get_metrics(*at)["results"]  # noqa: E731
    wait_until(lambda: len(rows()) == 250, lambda: str(len(rows())))
    assert [each["values"] for each in rows()] == [{"step": step} for step in range(250)]
    lines = lambda: api.experiment.logs(*at, stream=False).text.splitlines()  # noqa: E731
    wait_until(lambda: len(lines()) == 250, lambda: str(len(lines())))
    assert [int(line.split()[-1]) for line in lines()] == list(range(250))
    assert api.transport.periodic_http_exceptions == 0


def test_answers_fit_the_clients_schemas(
    server: Any, api: Any, project: str, create: Any, status_of: Any
) -> None:
    environment = {"resources": {"cpu": {"requests": 0.1}, "gpu": {"limits": 0}}}
    create(content=content("true", environment=environment, tags=["x"], params={"a": [1, {"b": None}]}))
    status_of(1, "succeeded")
    api.experiment.create_metric(USER, project, 1, {"loss": 1})
    typed = connect(server.port, schema_response=True)
    at = (USER, project, 1)
    experiment = typed.experiment.get_experiment(*at)
    assert isinstance(experiment, ExperimentConfig)
    assert experiment.finished_at >= experiment.started_at >= experiment.created_at
    job = typed.experiment.list_jobs(*at)["results"][0]
    lists = [
        (ExperimentConfig, typed.project.list_experiments(USER, project)),
        (ExperimentConfig, typed.project.list_experiments(USER, project, metrics=True, params=True)),
        (ExperimentConfig, typed.experiment.list_experiments()),
        (ExperimentStatusConfig, typed.experiment.get_statuses(*at)),
        (ExperimentMetricConfig, typed.experiment.get_metrics(*at)),
        (ExperimentJobConfig, typed.experiment.list_jobs(*at)),
        (ExperimentJobStatusConfig, typed.experiment_job.get_statuses(*at, job.id)),
    ]
    for kind, listed in lists:
        assert len(listed["results"]) >= 1
        assert all(isinstance(each, kind) for each in listed["results"])
    assert isinstance(typed.experiment_job.get_job(*at, job.id), ExperimentJobConfig)
    assert isinstance(typed.experiment.get_code_reference(*at), CodeReferenceConfig)
    for made in (typed.experiment.restart(*at), typed.experiment.copy(*at), typed.experiment.resume(*at)):
        assert isinstance(made, ExperimentConfig)


def test_what_is_refused_without_raising(server: Any, project: str) -> None:
    """As most users have it: the client logs what was refused, and returns nothing."""
    quiet = connect(server.port, reraise=False)
    assert quiet.experiment.get_experiment(USER, project, 77) is None
    assert quiet.experiment.get_metrics(USER, project, 77) is None
    assert quiet.project.list_experiments(USER, project, query="x") == []
    assert quiet.experiment.list_jobs(USER, project, 77) == []

"""MlflowClient: every call about experiments and runs."""

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException


def test_the_life_of_an_experiment(client: MlflowClient, unique: str) -> None:
    experiment_id = client.create_experiment(unique, tags={"k": "v"})
    with pytest.raises(MlflowException) as taken:
        client.create_experiment(unique)
    assert taken.value.error_code == "RESOURCE_ALREADY_EXISTS"
    client.set_experiment_tag(experiment_id, "k", "w")
    client.set_experiment_tag(experiment_id, "mlflow.note.content", "note")
    client.rename_experiment(experiment_id, f"{unique}-new")
    found = client.get_experiment(experiment_id)
    assert (found.name, found.lifecycle_stage) == (f"{unique}-new", "active")
    assert found.tags == {"k": "w", "mlflow.note.content": "note"}
    assert client.get_experiment_by_name(unique) is None
    assert client.get_experiment_by_name(f"{unique}-new").experiment_id == experiment_id
    run = client.create_run(experiment_id)
    client.delete_experiment(experiment_id)
    assert client.get_experiment(experiment_id).lifecycle_stage == "deleted"
    assert client.get_run(run.info.run_id).info.lifecycle_stage == "deleted"
    deleted = client.search_experiments(ViewType.DELETED_ONLY, filter_string=f"name LIKE '{unique}%'")
    assert [one.experiment_id for one in deleted] == [experiment_id]
    client.restore_experiment(experiment_id)
    assert client.get_run(run.info.run_id).info.lifecycle_stage == "active"


def test_experiments_are_searched_in_pages(client: MlflowClient, unique: str) -> None:
    made = [client.create_experiment(f"{unique}-{place}", tags={"group": unique}) for place in range(5)]
    found: list[str] = []
    token = None
    while True:
        page = client.search_experiments(
            filter_string=f"tags.group = '{unique}'", order_by=["name ASC"], max_results=2, page_token=token
        )
        found.extend(one.experiment_id for one in page)
        token = page.token
        if not token:
            break
    assert found == made


def test_the_life_of_a_run(client: MlflowClient, experiment: str) -> None:
    run = client.create_run(experiment, start_time=123, tags={"k": "v"}, run_name="n")
    run_id = run.info.run_id
    assert (run.info.start_time, run.info.status, run.info.run_name) == (123, "RUNNING", "n")
    client.log_metric(run_id, "m", 1.5, timestamp=10, step=1)
    client.log_param(run_id, "p", "x")
    client.set_tag(run_id, "t", "1")
    client.log_batch(
        run_id,
        metrics=[Metric("m", value, 20 + value, 2) for value in range(3)],
        params=[Param("q", "y")],
        tags=[RunTag("u", "2")],
    )
    client.delete_tag(run_id, "t")
    client.update_run(run_id, name="new")
    client.set_terminated(run_id, "FAILED", end_time=456)
    found = client.get_run(run_id)
    assert (found.info.status, found.info.end_time, found.info.run_name) == ("FAILED", 456, "new")
    assert found.data.params == {"p": "x", "q": "y"}
    assert found.data.metrics == {"m": 2.0}
    assert (found.data.tags["u"], "t" in found.data.tags) == ("2", False)
    # It sends the end that it knows along, so that the run keeps it.
    client.update_run(run_id, status="RUNNING")
    assert client.get_run(run_id).info.status == "RUNNING"
    client.delete_run(run_id)
    assert client.search_runs([experiment]) == []
    assert [one.info.run_id for one in client.search_runs([experiment], run_view_type=ViewType.ALL)] == [run_id]
    with pytest.raises(MlflowException) as refused:
        client.log_metric(run_id, "m", 1)
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"
    client.restore_run(run_id)
    client.log_metric(run_id, "m", 3, step=3)


def test_runs_are_searched_in_pages(client: MlflowClient, experiment: str) -> None:
    for place in range(7):
        run = client.create_run(experiment)
        client.log_metric(run.info.run_id, "m", place)
    values: list[float] = []
    token = None
    while True:
        page = client.search_runs([experiment], order_by=["metrics.m"], max_results=3, page_token=token)
        values.extend(run.data.metrics["m"] for run in page)
        token = page.token
        if not token:
            break
    assert values == [float(place) for place in range(7)]


@pytest.mark.parametrize("words", ["metrics.m = ", "params.p > 'x'", "nonsense.x = 1", "metrics.m = 'x'"])
def test_a_filter_that_is_wrong(client: MlflowClient, experiment: str, words: str) -> None:
    with pytest.raises(MlflowException) as refused:
        client.search_runs([experiment], filter_string=words)
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"


def test_what_is_not_there(client: MlflowClient) -> None:
    for ask in (
        lambda: client.get_run("0" * 32),
        lambda: client.get_experiment("999999"),
        lambda: client.list_artifacts("0" * 32),
    ):
        with pytest.raises(MlflowException) as missing:
            ask()
        assert missing.value.error_code == "RESOURCE_DOES_NOT_EXIST"


def test_times_and_steps_beyond_2_to_the_53(client: MlflowClient, experiment: str) -> None:
    run_id = client.create_run(experiment).info.run_id
    client.log_metric(run_id, "m", 1, timestamp=2**62 + 1, step=2**53 + 1)
    (point,) = client.get_metric_history(run_id, "m")
    assert (point.timestamp, point.step) == (2**62 + 1, 2**53 + 1)


def test_a_long_history_comes_whole(client: MlflowClient, experiment: str) -> None:
    run_id = client.create_run(experiment).info.run_id
    for start in range(0, 30_000, 1000):
        client.log_batch(run_id, [Metric("m", step / 7, step, step) for step in range(start, start + 1000)])
    history = client.get_metric_history(run_id, "m")
    assert [(point.step, point.value) for point in history] == [(step, step / 7) for step in range(30_000)]


def test_files_of_a_run_are_deleted_through_the_proxy(
    client: MlflowClient, experiment: str, tmp_path: object
) -> None:
    run = client.create_run(experiment)
    client.log_text(run.info.run_id, "x", "a/b.txt")
    repository = mlflow.artifacts.get_artifact_repository(run.info.artifact_uri)  # type: ignore[attr-defined]
    repository.delete_artifacts("a")
    assert client.list_artifacts(run.info.run_id) == []

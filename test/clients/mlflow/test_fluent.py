"""The fluent API, as scripts and notebooks use it."""

import math
import os
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException


def test_a_run_with_all_that_is_logged(experiment: str, client: MlflowClient) -> None:
    with mlflow.start_run(run_name="outer", tags={"team": "vision"}, description="what it is for") as run:
        mlflow.log_param("lr", 0.1)
        mlflow.log_params({"epochs": 5, "name": "adam"})
        mlflow.log_metric("loss", 0.5, step=1)
        mlflow.log_metrics({"loss": 0.25, "nan": math.nan, "up": math.inf, "down": -math.inf}, step=2)
        mlflow.set_tag("stage", "trial")
        mlflow.set_tags({"a": 1, "b": "two"})
    found = client.get_run(run.info.run_id)
    assert found.info.status == "FINISHED"
    assert found.info.run_name == "outer"
    assert found.info.start_time <= found.info.end_time
    assert found.data.params == {"lr": "0.1", "epochs": "5", "name": "adam"}
    metrics = dict(found.data.metrics)
    assert math.isnan(metrics.pop("nan"))
    assert metrics == {"loss": 0.25, "up": math.inf, "down": -math.inf}
    tags = found.data.tags
    assert {key: tags[key] for key in ("team", "stage", "a", "b")} == {
        "team": "vision",
        "stage": "trial",
        "a": "1",
        "b": "two",
    }
    assert tags["mlflow.note.content"] == "what it is for"
    assert [(m.step, m.value) for m in client.get_metric_history(run.info.run_id, "loss")] == [(1, 0.5), (2, 0.25)]


def test_nested_runs_and_a_run_that_fails(experiment: str, client: MlflowClient) -> None:
    with pytest.raises(ZeroDivisionError):
        with mlflow.start_run() as parent:
            with mlflow.start_run(nested=True) as child:
                mlflow.log_metric("m", 1)
            1 / 0  # noqa: B018
    assert client.get_run(parent.info.run_id).info.status == "FAILED"
    assert client.get_run(child.info.run_id).info.status == "FINISHED"
    children = mlflow.search_runs(
        [experiment], filter_string=f"tags.mlflow.parentRunId = '{parent.info.run_id}'", output_format="list"
    )
    assert [found.info.run_id for found in children] == [child.info.run_id]


def test_a_run_is_taken_up_again(experiment: str, client: MlflowClient) -> None:
    with mlflow.start_run() as run:
        mlflow.log_metric("m", 1, step=0)
    with mlflow.start_run(run_id=run.info.run_id):
        assert client.get_run(run.info.run_id).info.status == "RUNNING"
        mlflow.log_metric("m", 2, step=1)
    assert client.get_run(run.info.run_id).info.status == "FINISHED"
    assert len(client.get_metric_history(run.info.run_id, "m")) == 2


def test_logging_in_the_background(experiment: str, client: MlflowClient) -> None:
    with mlflow.start_run() as run:
        operations = [mlflow.log_metric("m", step, step=step, synchronous=False) for step in range(200)]
        operations.append(mlflow.log_params({"a": "1"}, synchronous=False))
        for operation in operations:
            operation.wait()
    history = client.get_metric_history(run.info.run_id, "m")
    assert sorted((m.step, m.value) for m in history) == [(step, float(step)) for step in range(200)]


def test_a_param_is_set_once(experiment: str) -> None:
    with mlflow.start_run():
        mlflow.log_param("p", 1)
        mlflow.log_param("p", 1)
        with pytest.raises(MlflowException) as refused:
            mlflow.log_param("p", 2)
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"


def test_search_into_a_table(experiment: str) -> None:
    for place in range(5):
        with mlflow.start_run(run_name=f"run-{place}"):
            mlflow.log_param("place", place)
            mlflow.log_metric("m", place / 10)
    found = mlflow.search_runs(
        [experiment], filter_string="metrics.m >= 0.1 and params.place != '3'", order_by=["metrics.m DESC"]
    )
    assert isinstance(found, pd.DataFrame)
    assert list(found["params.place"]) == ["4", "2", "1"]
    assert list(found["metrics.m"]) == [0.4, 0.2, 0.1]
    assert set(found["status"]) == {"FINISHED"}


def test_artifacts_of_every_kind(experiment: str, client: MlflowClient, tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "sub").mkdir(parents=True)
    (source / "a.txt").write_text("A")
    (source / "sub" / "ü b.bin").write_bytes(bytes(range(256)))
    (source / "empty").write_text("")
    with mlflow.start_run() as run:
        mlflow.log_artifacts(str(source), "folder")
        mlflow.log_artifact(str(source / "a.txt"))
        mlflow.log_dict({"x": [1, 2]}, "d.json")
        mlflow.log_text("hello", "texts/hello.txt")
        mlflow.log_image(np.zeros((4, 4, 3), dtype=np.uint8), "image.png")
        mlflow.log_table({"q": ["a", "b"], "n": [1, 2]}, "table.json")
        mlflow.log_table({"q": ["c"], "n": [3]}, "table.json")
    run_id = run.info.run_id
    target = Path(mlflow.artifacts.download_artifacts(run_id=run_id, dst_path=str(tmp_path / "target")))
    assert (target / "folder" / "sub" / "ü b.bin").read_bytes() == bytes(range(256))
    assert (target / "folder" / "empty").read_bytes() == b""
    assert (target / "a.txt").read_text() == "A"
    assert mlflow.artifacts.load_dict(f"runs:/{run_id}/d.json") == {"x": [1, 2]}
    assert mlflow.artifacts.load_text(f"runs:/{run_id}/texts/hello.txt") == "hello"
    assert mlflow.artifacts.load_image(f"runs:/{run_id}/image.png").size == (4, 4)
    assert list(mlflow.load_table("table.json", run_ids=[run_id])["n"]) == [1, 2, 3]
    listed = {file.path: (file.is_dir, file.file_size) for file in client.list_artifacts(run_id)}
    assert listed["a.txt"] == (False, 1)
    assert listed["folder"][0] is True
    assert [file.path for file in client.list_artifacts(run_id, "folder/sub")] == ["folder/sub/ü b.bin"]


def test_a_large_artifact(experiment: str, tmp_path: Path) -> None:
    size = (1024 if os.environ.get("FRANCA_TEST_FULL") == "1" else 64) * 1024 * 1024
    file = tmp_path / "large.bin"
    with open(file, "wb") as out:
        for _ in range(size // (1024 * 1024)):
            out.write(os.urandom(1024) * 1024)
    with mlflow.start_run() as run:
        mlflow.log_artifact(str(file))
    got = mlflow.artifacts.download_artifacts(
        run_id=run.info.run_id, artifact_path="large.bin", dst_path=str(tmp_path / "got")
    )
    with open(file, "rb") as sent, open(got, "rb") as received:
        while piece := sent.read(1024 * 1024):
            assert received.read(1024 * 1024) == piece
        assert received.read(1) == b""


def test_an_artifact_that_a_client_would_put_in_parts(
    experiment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD", "true")
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE", "1")
    (tmp_path / "parts.bin").write_bytes(os.urandom(100_000))
    with mlflow.start_run() as run:
        mlflow.log_artifact(str(tmp_path / "parts.bin"))
    got = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="parts.bin")
    assert Path(got).read_bytes() == (tmp_path / "parts.bin").read_bytes()


def test_datasets(experiment: str, client: MlflowClient) -> None:
    table = pd.DataFrame({"x": [1, 2], "y": [3, 4]})
    with mlflow.start_run() as run:
        dataset = mlflow.data.from_pandas(table, name="points", targets="y")
        mlflow.log_input(dataset, context="training", tags={"k": "v"})
    (used,) = client.get_run(run.info.run_id).inputs.dataset_inputs
    assert (used.dataset.name, used.dataset.digest) == ("points", dataset.digest)
    assert {tag.key: tag.value for tag in used.tags} == {"mlflow.data.context": "training", "k": "v"}
    found = mlflow.search_runs(
        [experiment],
        filter_string="dataset.name = 'points' AND dataset.context = 'training'",
        output_format="list",
    )
    assert [one.info.run_id for one in found] == [run.info.run_id]


def test_autologging_of_scikit_learn(experiment: str, client: MlflowClient) -> None:
    from sklearn.linear_model import LinearRegression

    mlflow.sklearn.autolog(log_datasets=True)
    try:
        with mlflow.start_run() as run:
            points = np.array([[1.0, 1.0], [1.0, 2.0], [2.0, 2.0], [2.0, 3.0]])
            model = LinearRegression().fit(points, points @ np.array([1.0, 2.0]) + 3)
    finally:
        mlflow.sklearn.autolog(disable=True)
    found = client.get_run(run.info.run_id)
    assert found.data.params["fit_intercept"] == "True"
    assert "training_r2_score" in found.data.metrics
    loaded = mlflow.sklearn.load_model(f"runs:/{run.info.run_id}/model")
    assert np.allclose(loaded.predict(points), model.predict(points))

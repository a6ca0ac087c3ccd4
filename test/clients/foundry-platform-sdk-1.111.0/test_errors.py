"""What is refused is raised as the exception that the client has for it, with its parameters."""

from collections.abc import Callable, Iterator
from typing import Any

import foundry_sdk
import pydantic
import pytest
from foundry_sdk.v2.models import errors
from foundry_sdk.v2.models import models as m

from conftest import TOKEN, connect
from franca_server import FrancaServer
from runs import WrittenProject, Writer, WrittenRun

NONE = "01981b2c-7d43-7e55-a1f0-5a6f5a3c9b11"
MODEL = f"ri.models.main.model.{NONE}"
EXPERIMENT = f"ri.models.main.experiment.{NONE}"


@pytest.fixture
def run(project: WrittenProject) -> WrittenRun:
    run = project.create()
    run.log({"values": {"loss": 1}})
    return run


def calls_of(models: Any, rids: tuple[str, str]) -> dict[str, Callable[[], Any]]:
    experiment = models.Model.Experiment
    return {
        "get": lambda: experiment.get(*rids, preview=True),
        "series json": lambda: experiment.Series.json(*rids, "loss", preview=True),
        "series parquet": lambda: experiment.Series.parquet(*rids, "loss", preview=True),
        "table json": lambda: experiment.ArtifactTable.json(*rids, "a.parquet", preview=True),
        "table parquet": lambda: experiment.ArtifactTable.parquet(*rids, "a.parquet", preview=True),
    }


def test_no_model(models: Any) -> None:
    with pytest.raises(errors.ModelNotFound) as refused:
        models.Model.get(MODEL, preview=True)
    assert refused.value.parameters == {"modelRid": MODEL}
    assert len(refused.value.error_instance_id) == 36
    with pytest.raises(foundry_sdk.NotFoundError) as unknown:
        models.Model.Experiment.search(MODEL, preview=True)
    assert unknown.value.name == "ModelNotFound"


def test_no_experiment(models: Any, run: WrittenRun) -> None:
    gone = run.project.create()
    gone.delete()
    for rids in [(MODEL, EXPERIMENT), (run.project.rid, EXPERIMENT), (MODEL, run.rid), gone.rids]:
        for call in calls_of(models, rids).values():
            with pytest.raises(errors.ModelExperimentNotFound) as refused:
                call()
            assert refused.value.parameters == {"modelRid": rids[0], "experimentRid": rids[1]}


def test_no_series(models: Any, run: WrittenRun) -> None:
    for name in ("none", "a/b", "LOSS", "' or 1=1 --"):
        for read in (models.Model.Experiment.Series.json, models.Model.Experiment.Series.parquet):
            with pytest.raises(errors.ExperimentSeriesNotFound) as refused:
                read(*run.rids, name, preview=True)
            assert refused.value.parameters["seriesName"] == name


def test_no_preview(models: Any, run: WrittenRun) -> None:
    calls = [
        lambda: models.Model.get(run.project.rid),
        lambda: models.Model.Experiment.get(*run.rids),
        lambda: models.Model.Experiment.get(*run.rids, preview=False),
        lambda: models.Model.Experiment.get(MODEL, EXPERIMENT),
        lambda: models.Model.Experiment.search(run.project.rid),
        lambda: models.Model.Experiment.Series.json(*run.rids, "loss"),
        lambda: models.Model.Experiment.ArtifactTable.parquet(*run.rids, "a.parquet"),
    ]
    for call in calls:
        with pytest.raises(foundry_sdk.BadRequestError) as refused:
            call()
        assert (refused.value.name, refused.value.parameters) == ("ApiFeaturePreviewUsageOnly", {})


BAD_FILTERS = {
    "a status": {"type": "eq", "field": "STATUS", "value": "QUEUED"},
    "an operator for its value": m.SearchExperimentsParameterFilter(
        parameterName="lr", operator="GT", value="text"
    ),
    "a length": m.SearchExperimentsSeriesFilter(
        seriesName="loss", field="LENGTH", operator="EQ", value="three"
    ),
    "a place deep within": m.SearchExperimentsAndFilter(
        filters=[
            m.SearchExperimentsNotFilter(value=m.SearchExperimentsEqualsFilter(field="TAG", value=5)),
        ]
    ),
}


@pytest.mark.parametrize("name", BAD_FILTERS)
def test_a_bad_filter(models: Any, project: WrittenProject, name: str) -> None:
    with pytest.raises(errors.InvalidExperimentSearchFilter) as refused:
        models.Model.Experiment.search(project.rid, where=BAD_FILTERS[name], preview=True)
    assert refused.value.parameters["reason"].startswith("where.")


def test_a_bad_page(models: Any, run: WrittenRun) -> None:
    search = models.Model.Experiment.search
    with pytest.raises(foundry_sdk.BadRequestError) as refused:
        search(run.project.rid, page_size=0, preview=True)
    assert (refused.value.name, refused.value.parameters) == ("InvalidPageSize", {"pageSize": 0})
    with pytest.raises(foundry_sdk.BadRequestError) as refused:
        search(run.project.rid, page_token="forged", preview=True)
    assert (refused.value.name, refused.value.parameters) == ("InvalidPageToken", {"pageToken": "forged"})
    with pytest.raises(foundry_sdk.BadRequestError) as refused:
        models.Model.Experiment.Series.json(*run.rids, "loss", offset=-1, preview=True)
    assert refused.value.name == "Conjure:InvalidArgument"


def test_a_search_that_is_too_large(models: Any, project: WrittenProject) -> None:
    where = m.SearchExperimentsEqualsFilter(field="TAG", value="x" * 2_000_000)
    with pytest.raises(foundry_sdk.RequestEntityTooLargeError):
        models.Model.Experiment.search(project.rid, where=where, preview=True)


def test_what_is_no_rid_is_not_even_asked_for(models: Any) -> None:
    with pytest.raises(pydantic.ValidationError):
        models.Model.get("abc", preview=True)


def test_models_are_not_written_here(models: Any, project: WrittenProject) -> None:
    """With an answer that the client can read, so that it does not take the server for another one."""
    folder = "ri.compass.main.folder.1"
    model = models.Model
    for ask in (model, model.with_raw_response, model.with_streaming_response):
        with pytest.raises(foundry_sdk.NotFoundError) as refused:
            ask.create(name="x", parent_folder_rid=folder, preview=True)
        assert refused.value.name == "Default:NotFound"
    with pytest.raises(foundry_sdk.NotFoundError):
        model.Version.list(project.rid, preview=True).__next__()


@pytest.fixture
def private(guarded: FrancaServer, unique: str) -> Iterator[WrittenRun]:
    """A run in a project that is for members."""
    project = Writer(guarded.url, TOKEN).project(unique)
    run = project.create()
    run.log({"values": {"loss": 1}})
    yield run
    project.delete()


@pytest.fixture
def stranger(guarded: FrancaServer, unique: str) -> str:
    """The token of who is no member."""
    guarded.administer("user", "add", unique, "--role", "none")
    return guarded.administer("token", "create", "--user", unique).strip()


def test_no_token(guarded: FrancaServer, private: WrittenRun) -> None:
    for token in ("wrong", "franca_run_x"):
        models = connect(guarded, token).models
        for call in calls_of(models, private.rids).values():
            with pytest.raises(foundry_sdk.UnauthorizedError) as refused:
                call()
            assert refused.value.name == "Default:Unauthorized"
    assert connect(guarded, TOKEN).models.Model.Experiment.get(*private.rids, preview=True)


def test_no_permission(guarded: FrancaServer, private: WrittenRun, stranger: str) -> None:
    models = connect(guarded, stranger).models
    model, experiment = private.rids
    wanted = {
        "get": (errors.ModelExperimentNotFound, {}),
        "series json": (errors.JsonExperimentSeriesPermissionDenied, {"experimentSeriesName": "loss"}),
        "series parquet": (errors.ParquetExperimentSeriesPermissionDenied, {"experimentSeriesName": "loss"}),
        "table json": (
            errors.JsonExperimentArtifactTablePermissionDenied,
            {"experimentArtifactTableName": "a.parquet"},
        ),
        "table parquet": (
            errors.ParquetExperimentArtifactTablePermissionDenied,
            {"experimentArtifactTableName": "a.parquet"},
        ),
    }
    for name, call in calls_of(models, private.rids).items():
        kind, parameters = wanted[name]
        with pytest.raises(kind) as refused:
            call()
        assert refused.value.parameters == {"modelRid": model, "experimentRid": experiment, **parameters}
    with pytest.raises(errors.SearchExperimentsPermissionDenied) as denied:
        models.Model.Experiment.search(model, preview=True)
    assert denied.value.parameters == {"modelRid": model}
    with pytest.raises(errors.ModelNotFound):
        models.Model.get(model, preview=True)


def test_a_server_that_is_gone(guarded: FrancaServer) -> None:
    with pytest.raises(foundry_sdk.ConnectionError):
        foundry_sdk.FoundryClient(
            auth=foundry_sdk.UserTokenAuth("any"),
            hostname="127.0.0.1:9",
            config=foundry_sdk.Config(scheme="http"),
        ).models.Model.get(MODEL, preview=True)

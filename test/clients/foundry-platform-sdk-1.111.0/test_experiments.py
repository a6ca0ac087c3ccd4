"""Models, experiments and searches, by every way in which the client may be asked."""

import asyncio
import datetime
import time
import uuid
from typing import Any

import foundry_sdk
import pytest
from foundry_sdk.v2.models import models as m

from calls import CallRecorder
from franca_server import FrancaServer
from franca_session import wait_until
from runs import WrittenProject, Writer, WrittenRun

JOB = "ri.foundry.main.job.aaf94076-d773-4732-a1df-3b638eb50448"
VERSION = "ri.models.main.model-version.adf94926-c3ac-41ea-beb2-4946699d08ee"
CONTAINER = "ri.foundry-container-service.main.container.a1b2c3d4-e5f6-7890-abcd-ef1234567890"


@pytest.fixture
def run(project: WrittenProject) -> WrittenRun:
    """A run with something of everything."""
    run = project.create(
        name="first",
        params={
            "lr": 0.001,
            "epochs": str(2**60 + 1),
            "shuffle": True,
            "optimizer": "adam",
            "begin": "2026-11-26T12:00:00.123456+00:00",
            "layers": [1, 2],
        },
        tags=[
            "production",
            "foundry.branch=dev",
            f"foundry.jobRid={JOB}",
            f"foundry.linkedModelVersion={VERSION}",
            f'foundry.source={{"type":"codeWorkspace","containerRid":"{CONTAINER}"}}',
        ],
    )
    rows = [{"loss": 1.5}, {"loss": 0.05, "nan": "NaN"}, {"loss": 0.07}]
    run.log([{"values": row, "created_at": f"2026-11-26 12:00:0{place}"} for place, row in enumerate(rows)])
    return run


def test_a_model(models: Any, project: WrittenProject) -> None:
    model = models.Model.get(project.rid, preview=True)
    assert isinstance(model, m.Model)
    assert model.rid == project.rid
    raw = models.Model.with_raw_response.get(project.rid, preview=True)
    assert (raw.status_code, raw.decode()) == (200, model)
    with models.Model.with_streaming_response.get(project.rid, preview=True) as answer:
        assert b"".join(answer.iter_bytes()).decode() == f'{{"rid":"{project.rid}"}}'


def test_an_experiment(models: Any, run: WrittenRun) -> None:
    experiment = models.Model.Experiment.get(*run.rids, preview=True)
    assert isinstance(experiment, m.Experiment)
    assert (experiment.model_rid, experiment.rid) == run.rids
    assert experiment.status == "RUNNING"
    assert experiment.status_message is None
    assert experiment.branch == "dev"
    assert experiment.job_rid == JOB
    assert experiment.linked_model_version == VERSION
    assert experiment.source == m.ExperimentCodeWorkspaceSource(containerRid=CONTAINER)
    assert uuid.UUID(experiment.created_by).version == 5
    age = datetime.datetime.now(datetime.UTC) - experiment.created_time
    assert abs(age) < datetime.timedelta(minutes=5)
    assert experiment.tags == ["production"]
    assert experiment.artifacts == {}
    begin = datetime.datetime(2026, 11, 26, 12, 0, 0, 123456, datetime.UTC)
    assert {parameter.name: parameter.value for parameter in experiment.parameters} == {
        "lr": m.DoubleParameter(value=0.001),
        "epochs": m.IntegerParameter(value=2**60 + 1),
        "shuffle": m.BooleanParameter(value=True),
        "optimizer": m.StringParameter(value="adam"),
        "begin": m.DatetimeParameter(value=begin),
        "layers": m.StringParameter(value="[1,2]"),
    }
    series = {each.name: each for each in experiment.series}
    assert series["loss"].length == 3
    assert series["loss"].value == m.DoubleSeriesAggregations(min=0.05, max=1.5, last=0.07)
    assert series["nan"].length == 0
    assert series["nan"].value == m.DoubleSeriesAggregations()
    assert {(each.series_name, each.aggregation, each.value) for each in experiment.summary_metrics} == {
        ("loss", "MIN", 0.05),
        ("loss", "MAX", 1.5),
        ("loss", "LAST", 0.07),
    }
    raw = models.Model.Experiment.with_raw_response.get(*run.rids, preview=True)
    assert raw.decode() == experiment
    with models.Model.Experiment.with_streaming_response.get(*run.rids, preview=True) as answer:
        assert b"".join(answer.iter_bytes()).startswith(b'{"rid":')


def test_the_end_of_an_experiment(models: Any, project: WrittenProject) -> None:
    good, bad = project.create(), project.create()
    good.report("succeeded")
    bad.report("failed", "out of luck")
    assert models.Model.Experiment.get(*good.rids, preview=True).status == "SUCCEEDED"
    ended = models.Model.Experiment.get(*bad.rids, preview=True)
    assert (ended.status, ended.status_message) == ("FAILED", "out of luck")


def found(models: Any, project: WrittenProject, where: Any = None, **request: Any) -> list[str]:
    answer = models.Model.Experiment.search(project.rid, where=where, preview=True, **request)
    assert isinstance(answer, m.SearchExperimentsResponse)
    return [experiment.rid for experiment in answer.data]


def test_a_search_in_each_way(models: Any, project: WrittenProject, run: WrittenRun) -> None:
    time.sleep(0.01)
    other = project.create(name="second", params={"lr": 0.1})
    other.report("succeeded")
    both = {run.rid, other.rid}
    assert found(models, project) == [other.rid, run.rid]
    newest = m.SearchExperimentsOrderBy(field="CREATED_TIME", direction="ASC")
    assert found(models, project, order_by=newest) == [run.rid, other.rid]
    by_name = m.SearchExperimentsOrderBy(field="EXPERIMENT_NAME", direction="DESC")
    assert found(models, project, order_by=by_name) == [other.rid, run.rid]
    raw = models.Model.Experiment.with_raw_response.search(project.rid, preview=True)
    assert {each.rid for each in raw.decode().data} == both
    with models.Model.Experiment.with_streaming_response.search(project.rid, preview=True) as answer:
        assert b"".join(answer.iter_bytes()).startswith(b'{"data":[')


FILTERS = {
    "eq": m.SearchExperimentsEqualsFilter(field="STATUS", value="RUNNING"),
    "branch": m.SearchExperimentsEqualsFilter(field="BRANCH", value="dev"),
    "name": m.SearchExperimentsEqualsFilter(field="EXPERIMENT_NAME", value="first"),
    "job": m.SearchExperimentsEqualsFilter(field="JOB_RID", value=JOB),
    "tag": m.SearchExperimentsEqualsFilter(field="TAG", value="production"),
    "parameter": m.SearchExperimentsEqualsFilter(field="PARAMETER_NAME", value="epochs"),
    "series": m.SearchExperimentsEqualsFilter(field="SERIES_NAME", value="loss"),
    "contains": m.SearchExperimentsContainsFilter(field="EXPERIMENT_NAME", value="irs"),
    "starts": m.SearchExperimentsStartsWithFilter(field="PARAMETER_NAME", value="shuf"),
    "and": m.SearchExperimentsAndFilter(
        filters=[
            m.SearchExperimentsEqualsFilter(field="BRANCH", value="dev"),
            m.SearchExperimentsNotFilter(value=m.SearchExperimentsEqualsFilter(field="TAG", value="x")),
        ]
    ),
    "or": m.SearchExperimentsOrFilter(
        filters=[
            m.SearchExperimentsEqualsFilter(field="TAG", value="production"),
            m.SearchExperimentsEqualsFilter(field="TAG", value="x"),
        ]
    ),
    "double": m.SearchExperimentsParameterFilter(parameterName="lr", operator="LT", value=0.01),
    "integer": m.SearchExperimentsParameterFilter(parameterName="epochs", operator="EQ", value=2**60 + 1),
    "boolean": m.SearchExperimentsParameterFilter(parameterName="shuffle", operator="EQ", value=True),
    "datetime": m.SearchExperimentsParameterFilter(
        parameterName="begin", operator="GT", value=datetime.datetime(2026, 11, 26, 12, tzinfo=datetime.UTC)
    ),
    "text": m.SearchExperimentsParameterFilter(parameterName="optimizer", operator="CONTAINS", value="dam"),
    "length": m.SearchExperimentsSeriesFilter(seriesName="loss", field="LENGTH", operator="EQ", value=3),
    "aggregation": m.SearchExperimentsSeriesFilter(
        seriesName="loss", field="AGGREGATION_MAX", operator="GT", value=1
    ),
    "summary": m.SearchExperimentsSummaryMetricFilter(
        seriesName="loss", aggregation="LAST", operator="LT", value=0.08
    ),
    "as a dictionary": {"type": "eq", "field": "TAG", "value": "production"},
}


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter(models: Any, project: WrittenProject, run: WrittenRun, name: str) -> None:
    other = project.create(params={"lr": 0.1, "optimizer": "sgd"})
    other.report("succeeded")
    assert found(models, project, FILTERS[name]) == [run.rid]
    without = m.SearchExperimentsNotFilter.model_validate({"type": "not", "value": FILTERS[name]})
    assert found(models, project, without) == [other.rid]


def test_a_filter_by_rid(models: Any, project: WrittenProject, run: WrittenRun) -> None:
    project.create()
    where = m.SearchExperimentsEqualsFilter(field="EXPERIMENT_RID", value=run.rid)
    assert found(models, project, where) == [run.rid]


def test_pages(models: Any, project: WrittenProject) -> None:
    rids = [project.create().rid for _ in range(7)]
    seen: list[str] = []
    token = None
    while True:
        page = models.Model.Experiment.search(project.rid, page_size=3, page_token=token, preview=True)
        seen += [experiment.rid for experiment in page.data]
        token = page.next_page_token
        if token is None:
            break
    assert sorted(seen) == sorted(rids)


def test_a_run_of_another_dialect(models: Any, server: FrancaServer) -> None:
    writer = Writer(server.url)
    spec = {
        "meta": {"name": "other", "namespace": "default", "framework": "TensorFlow", "cmd": "true"},
        "environment": {"image": "none"},
        "spec": {"Worker": {"replicas": 1, "resources": "cpu=1,memory=128M"}},
    }
    made = writer.call("POST", "experiment", spec)["result"]
    model = f"ri.models.main.model.{uuid.UUID(writer.call('GET', 'root/Default')['uuid'])}"
    rid = f"ri.models.main.experiment.{made['uid']}"
    shown = lambda: models.Model.Experiment.get(model, rid, preview=True)  # noqa: E731
    wait_until(lambda: shown().status == "SUCCEEDED", lambda: str(shown()))
    where = {"type": "eq", "field": "EXPERIMENT_RID", "value": rid}
    assert models.Model.Experiment.search(model, where=where, preview=True).data == [shown()]
    assert shown().source == m.ExperimentSdkSource()
    writer.call("DELETE", f"experiment/{made['experimentId']}")


def test_awaited(
    server: FrancaServer, recorder: CallRecorder, project: WrittenProject, run: WrittenRun
) -> None:
    async def read() -> None:
        client = foundry_sdk.AsyncFoundryClient(
            auth=foundry_sdk.UserTokenAuth("any"),
            hostname=f"127.0.0.1:{server.port}",
            config=foundry_sdk.Config(scheme="http"),
            preview=True,
        )
        model = recorder.watch(client.models, "async ").Model
        assert (await model.get(project.rid, preview=True)).rid == project.rid
        assert (await model.with_raw_response.get(project.rid, preview=True)).status_code == 200
        async with model.with_streaming_response.get(project.rid, preview=True) as answer:
            assert answer.status_code == 200
        experiment = model.Experiment
        assert (await experiment.get(*run.rids, preview=True)).rid == run.rid
        assert (await experiment.with_raw_response.get(*run.rids, preview=True)).status_code == 200
        async with experiment.with_streaming_response.get(*run.rids, preview=True) as answer:
            assert answer.status_code == 200
        assert len((await experiment.search(project.rid, preview=True)).data) == 1
        assert (await experiment.with_raw_response.search(project.rid, preview=True)).status_code == 200
        async with experiment.with_streaming_response.search(project.rid, preview=True) as answer:
            assert answer.status_code == 200
        series = experiment.Series
        assert len((await series.json(*run.rids, "loss", preview=True)).series) == 3
        assert (await series.with_raw_response.json(*run.rids, "loss", preview=True)).status_code == 200
        async with series.with_streaming_response.json(*run.rids, "loss", preview=True) as answer:
            assert answer.status_code == 200
        assert (await series.parquet(*run.rids, "loss", preview=True))[:4] == b"PAR1"
        assert (await series.with_raw_response.parquet(*run.rids, "loss", preview=True)).status_code == 200
        async with series.with_streaming_response.parquet(*run.rids, "loss", preview=True) as answer:
            assert answer.status_code == 200

    asyncio.run(read())

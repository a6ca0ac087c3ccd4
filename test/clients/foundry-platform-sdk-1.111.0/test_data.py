"""Series and tables, as JSON and as Parquet that pyarrow reads."""

import asyncio
import base64
import datetime
import io
import json
import math
import random
import struct
from collections.abc import Callable
from typing import Any

import foundry_sdk
import pyarrow
import pyarrow.parquet
import pytest
from foundry_sdk.v2.models import errors
from foundry_sdk.v2.models import models as m

from calls import CallRecorder
from conftest import TOKEN, connect
from franca_server import FrancaServer
from runs import WrittenProject, Writer, WrittenRun

COLUMNS = {"value": pyarrow.float64(), "timestamp": pyarrow.int64(), "step": pyarrow.int64()}


def parquet(file: bytes) -> pyarrow.Table:
    assert isinstance(file, bytes)
    return pyarrow.parquet.read_table(io.BytesIO(file))


def bits(values: list[float]) -> list[bytes]:
    """NaN is equal to itself, and 0 is not -0."""
    return [struct.pack("<d", value) for value in values]


def test_a_series(models: Any, project: WrittenProject) -> None:
    run = project.create()
    at = [
        "2026-11-26 12:00:00.001",
        "2026-11-26 12:00:00.002",
        "2026-11-26 12:00:00.003",
        "1970-01-01 00:00:00",
    ]
    values = [0.1, "NaN", 5e-324, "-Infinity"]
    run.log(
        [{"values": {"a/b ?#%2F": value}, "created_at": each} for value, each in zip(values, at, strict=True)]
    )
    name = "a/b ?#%2F"
    series = models.Model.Experiment.Series.json(*run.rids, name, preview=True)
    first = datetime.datetime(2026, 11, 26, 12, tzinfo=datetime.UTC).timestamp() * 1000
    assert series == m.DoubleSeriesV1(
        series=[
            m.DoubleSeriesValueV1(value=0.1, timestamp=int(first) + 1, step=1),
            m.DoubleSeriesValueV1(value=5e-324, timestamp=int(first) + 3, step=3),
        ]
    )
    table = parquet(models.Model.Experiment.Series.parquet(*run.rids, name, preview=True))
    assert dict(zip(table.schema.names, table.schema.types, strict=True)) == COLUMNS
    assert bits(table["value"].to_pylist()) == bits([-math.inf, 0.1, math.nan, 5e-324])
    assert table["timestamp"].to_pylist() == [0, int(first) + 1, int(first) + 2, int(first) + 3]
    assert table["step"].to_pylist() == [0, 1, 2, 3]


def test_a_long_series(models: Any, project: WrittenProject) -> None:
    run = project.create()
    source = random.Random(7)
    values = [struct.unpack("<d", source.randbytes(8))[0] for _ in range(50_000)]
    values = [value if math.isfinite(value) else 0.5 for value in values]
    for begin in range(0, len(values), 10_000):
        run.log([{"values": {"long": value}} for value in values[begin : begin + 10_000]])
    read: list[float] = []
    while True:
        page = models.Model.Experiment.Series.json(
            *run.rids, "long", offset=len(read), page_size=1000, preview=True
        )
        if page.series == []:
            break
        read += [point.value for point in page.series]
    # What was logged in one call came at one time: its order among itself is that of arrival.
    assert bits(read) == bits(values)
    table = parquet(models.Model.Experiment.Series.parquet(*run.rids, "long", preview=True))
    assert bits(table["value"].to_pylist()) == bits(values)
    assert table["step"].to_pylist() == list(range(len(values)))
    assert len(models.Model.Experiment.Series.json(*run.rids, "long", preview=True).series) == 200


def test_a_series_in_other_ways(models: Any, project: WrittenProject) -> None:
    run = project.create()
    run.log({"values": {"loss": 1}})
    series = models.Model.Experiment.Series
    raw = series.with_raw_response.json(*run.rids, "loss", preview=True)
    assert raw.decode() == series.json(*run.rids, "loss", preview=True)
    with series.with_streaming_response.json(*run.rids, "loss", preview=True) as answer:
        assert json.loads(b"".join(answer.iter_bytes()))["type"] == "doubleV1"
    whole = series.parquet(*run.rids, "loss", preview=True)
    assert series.with_raw_response.parquet(*run.rids, "loss", preview=True).decode() == whole
    with series.with_streaming_response.parquet(*run.rids, "loss", preview=True) as answer:
        assert b"".join(answer.iter_bytes()) == whole


WRITE = """
import datetime, decimal, os
import pyarrow as pa, pyarrow.parquet as pq
root = os.environ["POLYAXON_RUN_OUTPUTS_PATH"]
os.makedirs(f"{root}/tables", exist_ok=True)
count = 2500
table = pa.table({
    "id": pa.array([2**62 + index for index in range(count)], pa.int64()),
    "text": pa.array([None if index % 7 == 0 else f"row \\u00e9 {index}" for index in range(count)]),
    "score": pa.array([index / 7 if index % 5 else float("nan") for index in range(count)], pa.float64()),
    "flag": pa.array([index % 2 == 0 for index in range(count)]),
    "at": pa.array([datetime.datetime(2026, 1, 1, microsecond=index) for index in range(count)], pa.timestamp("us")),
    "day": pa.array([datetime.date(1969, 12, 31)] * count, pa.date32()),
    "raw": pa.array([bytes([index % 256]) for index in range(count)], pa.binary()),
    "list": pa.array([[index, None] for index in range(count)], pa.list_(pa.int32())),
    "deep": pa.array([{"a": index, "b": "x"} for index in range(count)], pa.struct([("a", pa.int32()), ("b", pa.string())])),
    "kind": pa.array(["cat", "dog"] * (count // 2)).dictionary_encode(),
})
for codec in ("none", "snappy", "gzip", "brotli", "zstd"):
    pq.write_table(table, f"{root}/tables/{codec}.parquet", compression=codec, row_group_size=1000, data_page_size=2000)
pq.write_table(table, f"{root}/v2.parquet", data_page_version="2.0", write_page_index=True, use_dictionary=False)
pq.write_table(table.slice(0, 0), f"{root}/empty.parquet")
with open(f"{root}/damaged.parquet", "wb") as file:
    file.write(open(f"{root}/v2.parquet", "rb").read()[:-1000])
with open(f"{root}/notes.txt", "w") as file:
    file.write("no table")
"""

NAMES = ["tables/none", "tables/snappy", "tables/gzip", "tables/brotli", "tables/zstd", "v2"]


def expected(index: int) -> dict[str, Any]:
    return {
        "id": 2**62 + index,
        "text": None if index % 7 == 0 else f"row é {index}",
        "score": index / 7 if index % 5 else None,
        "flag": index % 2 == 0,
        "at": f"2026-01-01T00:00:00.{index:06d}Z",
        "day": "1969-12-31",
        "raw": base64.b64encode(bytes([index % 256])).decode(),
        "list": [index, None],
        "deep": {"a": index, "b": "x"},
        "kind": ["cat", "dog"][index % 2],
    }


def test_tables(models: Any, execute: Callable[..., WrittenRun]) -> None:
    run = execute(WRITE)
    artifacts = models.Model.Experiment.get(*run.rids, preview=True).artifacts
    assert sorted(artifacts) == sorted([*(f"{name}.parquet" for name in NAMES), "empty.parquet"])
    tables = models.Model.Experiment.ArtifactTable
    for name in (f"{each}.parquet" for each in NAMES):
        assert artifacts[name].details == m.TableArtifactDetails(rowCount=2500)
        rows = json.loads(tables.json(*run.rids, name, preview=True))
        assert rows == [expected(index) for index in range(10)], name
        rows = json.loads(tables.json(*run.rids, name, offset=1950, page_size=100, preview=True))
        assert rows == [expected(index) for index in range(1950, 2050)], name
        assert json.loads(tables.json(*run.rids, name, offset=2500, preview=True)) == []
        whole = tables.parquet(*run.rids, name, preview=True)
        assert len(whole) == artifacts[name].size_bytes
        assert parquet(whole)["id"].to_pylist() == [2**62 + index for index in range(2500)]
    assert artifacts["empty.parquet"].details.row_count == 0
    assert json.loads(tables.json(*run.rids, "empty.parquet", preview=True)) == []
    raw = tables.with_raw_response.json(*run.rids, "v2.parquet", page_size=1, preview=True)
    assert json.loads(raw.decode()) == [expected(0)]
    with tables.with_streaming_response.json(*run.rids, "v2.parquet", page_size=1, preview=True) as answer:
        assert json.loads(b"".join(answer.iter_bytes())) == [expected(0)]
    raw = tables.with_raw_response.parquet(*run.rids, "v2.parquet", preview=True)
    with tables.with_streaming_response.parquet(*run.rids, "v2.parquet", preview=True) as answer:
        assert b"".join(answer.iter_bytes()) == raw.decode()


def test_what_is_no_table(models: Any, execute: Callable[..., WrittenRun]) -> None:
    run = execute(WRITE)
    tables = models.Model.Experiment.ArtifactTable
    for read in (tables.json, tables.parquet):
        for name in ("notes.txt", "none.parquet", "tables"):
            with pytest.raises(errors.ExperimentArtifactNotFound) as refused:
                read(*run.rids, name, preview=True)
            assert refused.value.parameters["artifactName"] == name
    with pytest.raises(foundry_sdk.BadRequestError, match="no table that can be read"):
        tables.json(*run.rids, "damaged.parquet", preview=True)


def test_tables_awaited(
    server: FrancaServer, recorder: CallRecorder, execute: Callable[..., WrittenRun]
) -> None:
    run = execute(WRITE)

    async def read() -> None:
        client = foundry_sdk.AsyncFoundryClient(
            auth=foundry_sdk.UserTokenAuth("any"),
            hostname=f"127.0.0.1:{server.port}",
            config=foundry_sdk.Config(scheme="http"),
            preview=True,
        )
        tables = recorder.watch(client.models, "async ").Model.Experiment.ArtifactTable
        named = (*run.rids, "v2.parquet")
        assert len(json.loads(await tables.json(*named, preview=True))) == 10
        assert (await tables.with_raw_response.json(*named, preview=True)).status_code == 200
        async with tables.with_streaming_response.json(*named, preview=True) as answer:
            assert answer.status_code == 200
        assert (await tables.parquet(*named, preview=True))[:4] == b"PAR1"
        assert (await tables.with_raw_response.parquet(*named, preview=True)).status_code == 200
        async with tables.with_streaming_response.parquet(*named, preview=True) as answer:
            assert answer.status_code == 200

    asyncio.run(read())


def test_a_job_reads_its_own_run(guarded: FrancaServer, execute: Callable[..., WrittenRun]) -> None:
    script = """
import os
import foundry_sdk
client = foundry_sdk.FoundryClient(config=foundry_sdk.Config(scheme="http"))
rids = os.environ["FOUNDRY_MODEL_RID"], os.environ["FOUNDRY_EXPERIMENT_RID"]
experiment = client.models.Model.Experiment.get(*rids, preview=True)
assert experiment.status == "RUNNING", experiment
assert experiment.rid == rids[1]
"""
    project = Writer(guarded.url, TOKEN).project("jobs")
    run = execute(script, project)
    assert connect(guarded, TOKEN).models.Model.Experiment.get(*run.rids, preview=True).status == "SUCCEEDED"
    project.delete()

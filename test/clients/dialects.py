"""What each API of Franca tells of one run, over HTTP."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Seen:
    """What an API shows of a run; null for what it has no place for."""

    metrics: dict[str, list[float]]
    params: dict[str, str]
    tags: dict[str, str] | list[str] | None
    # The names of files and folders at the top of what the run left.
    files: set[str]


def seen_by_all(server_url: str, experiment: dict[str, Any]) -> dict[str, Seen]:
    """What every API shows of an experiment of Submarine's in the default project."""
    return {
        "submarine": _seen_by_submarine(server_url, experiment["experimentId"]),
        "polyaxon": _seen_by_polyaxon(server_url, UUID(experiment["uid"])),
        "mlflow": _seen_by_mlflow(server_url, UUID(experiment["uid"])),
        "foundry": _seen_by_foundry(server_url, UUID(experiment["uid"])),
    }


def ask(url: str, body: object = None) -> Any:
    """The JSON of an answer: to a GET, or to a POST of a body."""
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, content, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refusal:
        raise AssertionError(f"{url}: {refusal.code} {refusal.read().decode()}") from refusal


def _seen_by_submarine(url: str, experiment_id: str) -> Seen:
    experiment = ask(f"{url}/api/v1/experiment/{experiment_id}")["result"]
    metrics: dict[str, list[float]] = {}
    for row in ask(f"{url}/api/metric/selective", {"id": experiment_id})["result"]:
        metrics.setdefault(row["key"], []).append(row["value"])
    params = ask(f"{url}/api/param/selective", {"id": experiment_id})["result"]
    addresses = ask(f"{url}/api/v1/experiment/artifacts/{experiment_id}")["result"]
    root = f"s3://submarine/experiment/{experiment_id}/"
    assert all(address.startswith(root) for address in addresses), addresses
    return Seen(
        metrics=metrics,
        params={row["key"]: row["value"] for row in params},
        tags=experiment["spec"]["meta"]["tags"],
        files={address.removeprefix(root).removesuffix("/") for address in addresses},
    )


def _seen_by_polyaxon(url: str, uuid: UUID) -> Seen:
    project = f"{url}/api/v1/root/default/experiments"
    found = [one["id"] for one in ask(f"{project}?limit=1000")["results"] if one["uuid"] == uuid.hex]
    experiment = ask(f"{project}/{found[0]}")
    metrics: dict[str, list[float]] = {}
    for row in ask(f"{project}/{found[0]}/metrics")["results"]:
        for key, value in row["values"].items():
            metrics.setdefault(key, []).append(value)
    tree = ask(f"{project}/{found[0]}/outputs/tree")
    return Seen(
        metrics=metrics,
        params=experiment["params"] or {},
        tags=experiment["tags"] or [],
        files={name for name, _ in tree["files"]} | set(tree["dirs"]),
    )


def _seen_by_mlflow(url: str, uuid: UUID) -> Seen:
    api = f"{url}/api/2.0/mlflow"
    data = ask(f"{api}/runs/get?run_id={uuid.hex}")["run"]["data"]
    keys = [metric["key"] for metric in data.get("metrics", [])]
    histories = {
        key: ask(f"{api}/metrics/get-history?run_id={uuid.hex}&metric_key={key}")["metrics"] for key in keys
    }
    files = ask(f"{api}/artifacts/list?run_id={uuid.hex}").get("files", [])
    return Seen(
        metrics={key: [point["value"] for point in points] for key, points in histories.items()},
        params={param["key"]: param["value"] for param in data.get("params", [])},
        tags={tag["key"]: tag["value"] for tag in data["tags"]},
        files={file["path"] for file in files},
    )


def _seen_by_foundry(url: str, uuid: UUID) -> Seen:
    """Of files, Foundry shows tables alone."""
    project = UUID(ask(f"{url}/api/v1/root/default")["uuid"])
    rid = f"ri.models.main.experiment.{uuid}"
    path = f"{url}/api/v2/models/ri.models.main.model.{project}/experiments/{rid}"
    experiment = ask(f"{path}?preview=true")
    return Seen(
        metrics={
            series["name"]: [
                point["value"] for point in ask(f"{path}/series/{series['name']}/json?preview=true")["series"]
            ]
            for series in experiment["series"]
        },
        params={one["name"]: str(one["value"]["value"]) for one in experiment["parameters"]},
        tags=experiment["tags"],
        files=set(experiment["artifacts"]),
    )

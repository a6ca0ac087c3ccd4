"""Tensorboard: a real one, started, found at the address that the program prints, and stopped."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
import yaml

from command_line import CommandLine, rows
from experiments import USER, content
from franca_server import FrancaServer
from franca_session import wait_until

WRITE = """\
import os, time
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter
writer = EventFileWriter(os.environ["POLYAXON_RUN_OUTPUTS_PATH"])
for step in range(3):
    summary = Summary(value=[Summary.Value(tag="loss", simple_value=1 / (step + 1))])
    writer.add_event(Event(step=step, wall_time=time.time(), summary=summary))
writer.close()
"""


def fetch(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def boards(server: FrancaServer) -> list[str]:
    return [
        each for each in server.processes().values() if "/tensorboard " in each or "tensorboard --" in each
    ]


@pytest.fixture
def written(create: Any, status_of: Any, tmp_path: Any) -> None:
    """The first experiment wrote events."""
    script = tmp_path / "write.py"
    script.write_text(WRITE)
    create(content=content(f"python {script}"))
    status_of(1, "succeeded")


def losses(address: str) -> dict[str, Any]:
    """The names of the runs and of their scalars, as the page asks for them."""
    status, text = fetch(f"{address}data/plugin/scalars/tags")
    return json.loads(text) if status == 200 else {"status": status}


@pytest.mark.usefixtures("written")
def test_of_an_experiment(at_project: CommandLine, server: FrancaServer, project: str, api: Any) -> None:
    named = ("tensorboard", "--experiment=1")
    address = f"{server.url}/tensorboard/{USER}/{project}/experiments/1/"
    assert "does not have a running tensorboard" in at_project(*named, "url")
    said = at_project(*named, "start")
    assert "Tensorboard is being deployed for experiment `1`" in said
    assert address in said.split()
    wait_until(lambda: fetch(address)[0] == 200, lambda: str(fetch(address)), 60)
    assert "TensorBoard" in fetch(address)[1]
    wait_until(lambda: "loss" in json.dumps(losses(address)), lambda: str(losses(address)))
    assert len(boards(server)) == 1

    assert at_project(*named, "url").strip() == address
    assert api.experiment.get_experiment(USER, project, 1)["has_tensorboard"] is True
    again = at_project(*named, "start")
    assert "A tensorboard for this experiment `1` is already running on:" in again
    [listed] = rows(at_project("project", "tensorboards", "--page=1"), "Tensorboards:")
    assert listed["user"] == USER
    for narrowed in ("--query=id:1", "--sort=id"):
        assert "is not taken here" in at_project("project", "tensorboards", narrowed, code=1)

    assert at_project(*named, "stop", code=1, answer="n\n").endswith(
        "Existing without stopping tensorboard.\n"
    )
    assert at_project(*named, "stop", "--yes") == "Tensorboard is being deleted\n"
    wait_until(lambda: boards(server) == [], lambda: str(boards(server)))
    assert fetch(address)[0] == 404
    assert "does not have a running tensorboard" in at_project(*named, "url")
    assert api.experiment.get_experiment(USER, project, 1)["has_tensorboard"] is None


@pytest.mark.usefixtures("written")
def test_of_a_project(at_project: CommandLine, server: FrancaServer, project: str) -> None:
    file = at_project.folder / "tensorboard.yaml"
    sections = {"version": 1, "kind": "tensorboard", "build": {"image": "tensorflow/tensorflow:1.4.1"}}
    file.write_text(yaml.safe_dump(sections))
    address = f"{server.url}/tensorboard/{USER}/{project}/"
    named = ("tensorboard", f"--project={project}")
    said = at_project(*named, "start", f"--file={file}")
    assert f"Tensorboard is being deployed for project `{project}`" in said
    assert address in said.split()
    wait_until(lambda: fetch(address)[0] == 200, lambda: str(fetch(address)), 60)
    wait_until(lambda: "loss" in json.dumps(losses(address)), lambda: str(losses(address)))
    assert at_project(*named, "url").strip() == address
    # What belongs to a project ends with it; the fixture deletes the project.


def test_not_there(at_project: CommandLine) -> None:
    for named in (["-xp", "77"], ["--group=1"]):
        for command in (["start"], ["url"], ["stop", "-y"]):
            assert "Error message `404 on" in at_project("tensorboard", *named, *command, code=1)

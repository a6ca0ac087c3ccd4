"""The `submarine` program, run as a user runs it."""

import json
from typing import Any

import pytest
from submarine.client import EnvironmentSpec, KernelSpec

from specs import experiment_spec


def rows(output: str) -> list[list[str]]:
    """The cells of a table that the program drew, the heading first."""
    lines = [line for line in output.splitlines() if line[:1] in "┃│"]
    return [[cell.strip() for cell in line.strip("┃│").replace("┃", "│").split("│")] for line in lines]


def panel(output: str) -> tuple[str, Any]:
    """Title and JSON content of a panel that the program drew."""
    title, *body = output.splitlines()
    return title.strip("╭╮─ "), json.loads("\n".join(line.strip("│").rstrip() for line in body[:-1]))


def test_config(unset_cli: Any) -> None:
    assert panel(unset_cli("config", "list")) == (
        "SubmarineCliConfig",
        {"connection": {"hostname": "localhost", "port": 32080}},
    )
    assert unset_cli("config", "set", "connection.port", "5050") == ""
    assert unset_cli("config", "get", "connection.port") == "connection.port=5050\n"
    assert (
        unset_cli("config", "get", "connection.nothing")
        == "'ConnectionConfig' object has no attribute 'nothing'\n"
    )
    assert unset_cli("config", "init") == "Submarine CLI Config initialized\n"
    assert unset_cli("config", "get", "connection.port") == "connection.port=32080\n"


def test_list_and_get_experiment(cli: Any, create: Any, status_of: Any, unique: str) -> None:
    finished = create(experiment_spec("true", name=f"{unique}-done", tags=["red", "blue"]))["experimentId"]
    status_of(finished, "Succeeded")
    running = create(experiment_spec("sleep 86392", name=f"{unique}-still"))["experimentId"]
    done, still = status_of(finished, "Succeeded"), status_of(running, "Running")

    heading, *listed = rows(cli("list", "experiment"))
    assert heading == ["Name", "Id", "Tags", "Finished Time", "Created Time", "Running Time", "Status"]
    assert [
        f"{unique}-done",
        finished,
        "red,blue",
        done["finishedTime"],
        done["createdTime"],
        done["runningTime"],
        "Succeeded",
    ] in listed
    assert [
        f"{unique}-still",
        running,
        "",
        "",
        still["createdTime"],
        still["runningTime"],
        "Running",
    ] in listed

    assert panel(cli("get", "experiment", finished)) == (f"Experiment(id = {finished} )", done)


def test_delete_experiment(cli: Any, create: Any, status_of: Any) -> None:
    waited = create(experiment_spec("sleep 86391"))["experimentId"]
    status_of(waited, "Running")
    assert cli("delete", "experiment", waited, "--wait").strip() == f"Experiment(id = {waited} ) deleted"
    assert cli("get", "experiment", waited) == "[Api Error] Not found experiment.\n"
    not_waited = create(experiment_spec("true"))["experimentId"]
    assert cli("delete", "experiment", not_waited, "--no-wait").strip() == ""
    assert cli("delete", "experiment", not_waited) == "[Api Error] Not found experiment.\n"


def test_environments(cli: Any, environments: Any, clean_up: Any, unique: str) -> None:
    kernel = KernelSpec(name="k", channels=["defaults"], conda_dependencies=[], pip_dependencies=[])
    spec = EnvironmentSpec(name=unique, docker_image="continuumio/anaconda3", kernel_spec=kernel)
    created = environments.create_environment(spec)
    clean_up(environments.delete_environment, unique)
    bare = environments.create_environment(EnvironmentSpec(name=f"{unique}-bare", image="busybox"))
    clean_up(environments.delete_environment, f"{unique}-bare")

    heading, *listed = rows(cli("list", "environment"))
    assert heading == ["Name", "Id", "dockerImage"]
    assert [unique, created["environmentId"], "continuumio/anaconda3"] in listed
    assert [f"{unique}-bare", bare["environmentId"], ""] in listed

    assert panel(cli("get", "environment", unique)) == (f"Environment(name = {unique} )", created)
    assert cli("delete", "environment", unique).strip() == f"Environment(name = {unique} ) deleted"
    assert cli("get", "environment", unique) == "[Api Error] Environment not found.\n"
    assert cli("delete", "environment", unique) == "[Api Error] Environment not found.\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["list", "notebook"],
        ["get", "notebook", "notebook_1_0001"],
        ["delete", "notebook", "notebook_1_0001"],
        ["create", "serve", "model", "1"],
        ["delete", "serve", "model", "1"],
    ],
    ids=" ".join,
)
def test_what_franca_does_not_serve_is_one_line_and_no_traceback(cli: Any, arguments: list[str]) -> None:
    output = cli(*arguments)
    assert output.startswith("[Api Error] ")
    assert output.count("\n") == 1
    assert output != "[Api Error] None\n"


@pytest.mark.parametrize(
    ("arguments", "output"),
    [
        (["list", "serve"], "The command is not supported yet.\nlist serve!\n"),
        (
            ["get", "serve", "m", "1"],
            "The command is not supported yet.\nget serve! model name: m, model version: 1\n",
        ),
        (["sandbox", "start"], "start sandbox! version=0.6.0\n"),
        (["sandbox", "delete"], "delete sandbox!\n"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_commands_that_ask_no_server(unset_cli: Any, arguments: list[str], output: str) -> None:
    assert unset_cli(*arguments) == output

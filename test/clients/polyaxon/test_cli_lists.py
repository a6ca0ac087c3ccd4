"""`polyaxon project experiments`: filters, order, pages, and tables of metrics and parameters."""

from typing import Any

import pytest

from command_line import CommandLine, facts, rows
from experiments import USER


@pytest.fixture
def three(api: Any, project: str, create: Any) -> None:
    """Three tracked experiments; the first succeeded, the second failed, the third runs."""
    for loss, activation, status in (
        (0.3, "relu", "succeeded"),
        (0.2, "sigmoid", "failed"),
        (0.1, "relu", "running"),
    ):
        number = create(is_managed=False, params={"activation": activation, "lr": 0.01}, tags=[activation])[
            "id"
        ]
        api.experiment.create_metric(USER, project, number, {"loss": 1.0})
        api.experiment.create_metric(USER, project, number, {"loss": loss})
        api.experiment.create_status(USER, project, number, status)


def listed(program: CommandLine, project: str, *options: str) -> list[str]:
    said = program("project", "-p", project, "experiments", *options)
    if "No experiments found" in said:
        return []
    return [row["id"] for row in rows(said, "Experiments:")]


@pytest.mark.usefixtures("three")
def test_query_and_sort(polyaxon: CommandLine, project: str) -> None:
    expected = {
        (): ["3", "2", "1"],
        ("--query=status:succeeded|failed",): ["2", "1"],
        ("-q", "status:~succeeded|failed"): ["3"],
        ("-q", "params.activation:relu, metrics.loss:<=0.2"): ["3"],
        ("-q", "metric.loss:>0.15", "--sort=metrics.loss"): ["2", "1"],
        ("-s", "metrics.loss"): ["3", "2", "1"],
        ("-s", "-metrics.loss"): ["1", "2", "3"],
        ("-s", "created_at"): ["1", "2", "3"],
        ("-q", "tags:sigmoid"): ["2"],
        ("-q", "created_at:2018-01-01..2018-01-02"): [],
        ("-q", "created_at:>2018-01-01"): ["3", "2", "1"],
        ("--independent", "-q", "status:running"): ["3"],
        ("--group=1",): [],
    }
    assert {options: listed(polyaxon, project, *options) for options in expected} == expected


@pytest.mark.usefixtures("three")
def test_a_bad_query_is_explained(polyaxon: CommandLine, project: str) -> None:
    said = polyaxon("project", "-p", project, "experiments", "-q", "no-such-field:1", code=1)
    assert f"Could not get experiments for project `{project}`." in said
    assert "Error message `400 on" in said
    assert "no-such-field" in said.partition("Reason: ")[2]


@pytest.mark.usefixtures("three")
def test_metrics_and_parameters_side_by_side(polyaxon: CommandLine, project: str) -> None:
    said = polyaxon("project", f"--project={project}", "experiments", "--metrics")
    assert [(row["id"], row["loss"]) for row in rows(said, "Experiments:")] == [
        ("3", "0.1"),
        ("2", "0.2"),
        ("1", "0.3"),
    ]
    said = polyaxon("project", "-p", project, "experiments", "--params")
    assert [(row["id"], row["activation"], row["lr"]) for row in rows(said, "Experiments:")] == [
        ("3", "relu", "0.01"),
        ("2", "sigmoid", "0.01"),
        ("1", "relu", "0.01"),
    ]


def test_pages(polyaxon: CommandLine, project: str, create: Any) -> None:
    for _ in range(45):
        create(is_managed=False)
    pages = [polyaxon("project", "-p", project, "experiments", f"--page={page}") for page in (1, 2, 3)]
    ids = [int(row["id"]) for said in pages for row in rows(said, "Experiments:")]
    assert ids == list(range(45, 0, -1))
    assert [facts(said, "Navigation:") for said in pages] == [
        {"next": "--page=2", "count": "45"},
        {"next": "--page=3", "previous": "--page=1", "count": "45"},
        {"previous": "--page=2", "count": "45"},
    ]

"""Experiments with the `polyaxon` program."""

import tarfile
from pathlib import Path
from typing import Any

import pytest

from command_line import CommandLine, facts, rows
from experiments import USER, content, polyaxonfile
from franca_session import wait_until


def test_get_and_update(at_project: CommandLine, project: str, create: Any, status_of: Any, api: Any) -> None:
    resources = {"cpu": {"requests": 0.5, "limits": 1}, "memory": {"requests": 64, "limits": 128}}
    create(content=content("true", params={"lr": 0.1}, environment={"resources": resources}))
    status_of(1, "succeeded")
    api.experiment.create_metric(USER, project, 1, {"loss": 0.25})
    shown = at_project("experiment", "--experiment=1", "get")
    experiment = facts(shown, "Experiment info:")
    assert (experiment["id"], experiment["unique_name"]) == ("1", f"{USER}.{project}.1")
    assert (experiment["last_status"], experiment["user"]) == ("succeeded", USER)
    assert experiment["finished_at"] == "a few seconds ago"
    assert experiment["total_run"].endswith("s")
    assert facts(shown, "Experiment params:") == {"lr": "0.1"}
    assert facts(shown, "Experiment last metrics:") == {"loss": "0.25"}
    limits = {
        row["resource"]: (row["limits"], row["requests"]) for row in rows(shown, "Experiment resources:")
    }
    assert limits == {"cpu": ("1", "0.5"), "memory": ("128", "64")}

    said = at_project(
        *("experiment", "-p", f"{USER}/{project}", "-xp", "1", "update"),
        *("--name=renamed", "--description=What it was for", "--tags=foo, bar"),
    )
    assert said.startswith("Experiment updated.\n")
    assert "Experiment description:\n\nWhat it was for\n" in said
    # It remembers which experiment was looked at last in the folder.
    again = facts(at_project("experiment", "get"), "Experiment info:")
    assert (again["name"], again["tags"]) == ("renamed", "['foo', 'bar']")


def test_jobs_and_statuses(at_project: CommandLine, project: str, create: Any, status_of: Any) -> None:
    create(content=content("true"))
    status_of(1, "succeeded")
    named = ["experiment", f"--project={project}", "-xp", "1"]
    [job] = rows(at_project(*named, "jobs", "--page=1"), "Jobs:")
    assert (job["role"], job["last_status"]) == ("master", "succeeded")
    statuses = [row["status"] for row in rows(at_project(*named, "statuses", "--page=1"), "Statuses:")]
    assert statuses[0] == "created"
    assert statuses[-2:] == ["running", "succeeded"]
    one = facts(at_project(*named, "get", f"--job={job['id']}"), "Job info:")
    assert (one["id"], one["role"], one["last_status"]) == (job["id"], "master", "succeeded")
    of_job = rows(at_project(*named, "statuses", f"--job={job['id']}"), "Statuses:")
    assert of_job[-1]["status"] == "succeeded"
    assert "Could not get job `99`." in at_project(*named, "get", "-j", "99", code=1)


def test_stop(at_project: CommandLine, server: Any, create: Any, status_of: Any, api: Any) -> None:
    create(content=content("sleep 86301"))
    status_of(1, "running")
    said = at_project("experiment", "-xp", "1", "stop", answer="n\n")
    assert said.endswith("Existing without stopping experiment.\n")
    assert at_project("experiment", "-xp", "1", "stop", "--yes") == "Experiment is being stopped.\n"
    status_of(1, "stopped")
    wait_until(lambda: "sleep 86301" not in server.processes().values(), lambda: str(server.processes()))
    assert at_project("experiment", "-xp", "1", "stop", "-y") == "Experiment is being stopped.\n"
    assert status_of(1, "stopped")["last_status"] == "stopped"


def outputs_of(program: CommandLine, project: str, number: int) -> dict[str, bytes]:
    assert program("experiment", "-xp", str(number), "outputs").endswith("Files downloaded.\n")
    with tarfile.open(program.folder / f"{USER}.{project}.{number}.tar.gz") as archive:
        return {
            member.name.removeprefix("./"): archive.extractfile(member).read()  # type: ignore[union-attr]
            for member in archive
            if member.isfile()
        }


def test_restart_and_copy(
    at_project: CommandLine, project: str, create: Any, status_of: Any, api: Any
) -> None:
    cmd = "ls $POLYAXON_RUN_OUTPUTS_PATH; echo {{ n }} > $POLYAXON_RUN_OUTPUTS_PATH/n-{{ n }}"
    create(content=content(cmd, params={"n": 1}), name="first", description="kept", tags=["left"])
    status_of(1, "succeeded")
    assert at_project("experiment", "-xp", "1", "restart") == "Experiment was restarted with id 2\n"
    restarted = status_of(2, "succeeded")
    assert (restarted["original"], restarted["is_clone"]) == (f"{USER}.{project}.1", True)
    assert (restarted["description"], restarted["tags"] or []) == ("kept", [])
    assert restarted["params"] == {"n": 1}

    file = polyaxonfile(at_project.folder, cmd, params={"n": 3})
    said = at_project("experiment", "-xp", "1", "restart", "--copy", f"--file={file}")
    assert said == "Experiment was copied with id 3\n"
    assert status_of(3, "succeeded")["params"] == {"n": 3}
    assert outputs_of(at_project, project, 2) == {"n-1": b"1\n"}
    assert outputs_of(at_project, project, 3) == {"n-1": b"1\n", "n-3": b"3\n"}
    assert outputs_of(at_project, project, 1) == {"n-1": b"1\n"}


def test_resume(at_project: CommandLine, project: str, create: Any, status_of: Any, api: Any) -> None:
    cmd = "echo {{ n }} >> $POLYAXON_RUN_OUTPUTS_PATH/log; test {{ n }} != 1 || exec sleep 86302"
    create(content=content(cmd, params={"n": 1}))
    status_of(1, "running")
    wait_until(lambda: outputs_of(at_project, project, 1) == {"log": b"1\n"}, lambda: "no output")
    at_project("experiment", "-xp", "1", "stop", "-y")
    status_of(1, "stopped")
    (at_project.folder / "part.yaml").write_text("params: {n: 2}\n")
    said = at_project("experiment", "-xp", "1", "resume", "--file=part.yaml", "-u")
    assert said == "Files uploaded.\nExperiment was resumed with id 2\n"
    resumed = status_of(2, "succeeded")
    assert (resumed["original"], resumed["params"]) == (f"{USER}.{project}.1", {"n": 2})
    assert outputs_of(at_project, project, 2) == outputs_of(at_project, project, 1) == {"log": b"1\n2\n"}


def test_code(at_project: CommandLine, create: Any, status_of: Any, tmp_path: Path) -> None:
    (at_project.folder / "which.txt").write_text("one\n")
    at_project("upload")
    create(content=content("cat which.txt"))
    status_of(1, "succeeded")
    assert at_project("experiment", "-xp", "1", "code").endswith("Files downloaded.\n")
    with tarfile.open(at_project.folder / "repo.tar.gz") as archive:
        assert "which.txt" in [name.removeprefix("./") for name in archive.getnames()]


def test_bookmarks(at_project: CommandLine, project: str, create: Any, status_of: Any) -> None:
    create(content=content("true"))
    status_of(1, "succeeded")
    assert at_project("experiment", "-xp", "1", "bookmark") == "Experiment is bookmarked.\n"
    name = f"{USER}.{project}.1"
    marked = rows(at_project("bookmark", "-u", USER, "experiments", "--page=1"), "Experiments:")
    assert [row["unique_name"] for row in marked].count(name) == 1
    assert at_project("experiment", "-xp", "1", "unbookmark") == "Experiment is unbookmarked.\n"
    assert name not in at_project("bookmark", "experiments")


def test_delete(at_project: CommandLine, server: Any, create: Any, status_of: Any) -> None:
    create(content=content("sleep 86303"))
    status_of(1, "running")
    named = ("experiment", "-xp", "1")
    assert at_project(*named, "delete", code=1, answer="n\n").endswith(
        "Existing without deleting experiment.\n"
    )
    assert at_project(*named, "delete", answer="y\n").endswith("Experiment `1` was delete successfully\n")
    wait_until(lambda: "sleep 86303" not in server.processes().values(), lambda: str(server.processes()))


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["get"], "Could not load experiment `77` info."),
        (["delete"], "Could not delete experiment `77`."),
        (["update", "--name=x"], "Could not update experiment `77`."),
        (["stop", "-y"], "Could not stop experiment `77`."),
        (["restart"], "Could not restart experiment `77`."),
        (["restart", "-c"], "Could not restart experiment `77`."),
        (["resume"], "Could not resume experiment `77`."),
        (["jobs"], "Could not get jobs for experiment `77`."),
        (["statuses"], "Could get status for experiment `77`."),
        (["statuses", "-j", "1"], "Could not get status for job `1`."),
        (["logs", "-p"], "Could not get logs for experiment `77`."),
        (["outputs"], "Could not download outputs for experiment `77`."),
        (["code"], "Could not download outputs for experiment `77`."),
        (["bookmark"], "Could not bookmark experiment `77`."),
        (["unbookmark"], "Could not unbookmark experiment `77`."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_an_experiment_that_is_not_there(
    polyaxon: CommandLine, project: str, arguments: list[str], complaint: str
) -> None:
    said = polyaxon("experiment", "-p", project, "-xp", "77", *arguments, answer="y\n", code=1)
    assert complaint in said
    assert "Error message `404 on" in said
    assert '"detail"' in said

"""`polyaxon run`: what it creates, and code that goes along."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from command_line import CommandLine
from experiments import USER, polyaxonfile

CREATED = "Creating an independent experiment.\nExperiment `1` was created\n"


def log_of(api: Any, project: str, number: int) -> list[str]:
    return api.experiment.logs(USER, project, number, stream=False).text.splitlines()


def test_the_file_of_the_folder(at_project: CommandLine, project: str, api: Any, status_of: Any) -> None:
    polyaxonfile(at_project.folder, "echo lr is {{ lr }}", params={"lr": 0.1, "layers": 3}, tags=["file"])
    assert at_project("run") == CREATED
    experiment = status_of(1, "succeeded")
    assert experiment["unique_name"] == f"{USER}.{project}.1"
    assert (experiment["project"], experiment["user"]) == (f"{USER}.{project}", USER)
    assert experiment["params"] == experiment["declarations"] == {"lr": 0.1, "layers": 3}
    assert yaml.safe_load(experiment["content"])["run"] == {"cmd": "echo lr is {{ lr }}"}
    assert experiment["config"]["params"] == {"lr": 0.1, "layers": 3}
    assert experiment["is_managed"] is True
    [line] = log_of(api, project, 1)
    assert line.endswith("lr is 0.1")


def test_every_option(polyaxon: CommandLine, project: str, api: Any, status_of: Any) -> None:
    base = polyaxonfile(polyaxon.folder, "exit 7", "base.yaml", params={"lr": 0.1, "activation": "sigmoid"})
    over = polyaxon.folder / "over.yaml"
    over.write_text("run:\n  cmd: echo {{ activation }} {{ lr }}\n")
    said = polyaxon(
        *("run", f"--project={USER}/{project}", f"--file={base}", "-f", str(over), "--name=first-try"),
        *("--tags=foo, bar", "--description=Description of the run", "--ttl=3600"),
        *("-P", "lr=0.5", "--params=activation=relu"),
    )
    assert said == CREATED
    experiment = status_of(1, "succeeded")
    shown = ("name", "description", "tags", "params", "ttl")
    assert [experiment[key] for key in shown] == [
        "first-try",
        "Description of the run",
        ["foo", "bar"],
        # What the program takes from its command line is text.
        {"lr": "0.5", "activation": "relu"},
        3600,
    ]
    assert log_of(api, project, 1)[0].endswith("relu 0.5")


def test_debug_sleeps_instead(at_project: CommandLine, api: Any, project: str, status_of: Any) -> None:
    polyaxonfile(at_project.folder, "exit 7")
    assert at_project("run", "--debug", "--ttl=1") == CREATED
    assert yaml.safe_load(status_of(1, "succeeded")["content"])["run"] == {"cmd": "sleep 1"}


def test_code_of_the_folder(at_project: CommandLine, api: Any, project: str, status_of: Any) -> None:
    folder = at_project.folder
    (folder / "own").mkdir()
    (folder / "own" / "answer.py").write_text("ANSWER = 42\n")
    (folder / "train.py").write_text(
        "import sys\nsys.path.append('own')\nimport answer\nprint(answer.ANSWER)\n"
    )
    (folder / "secret.txt").write_text("not for the server\n")
    with (folder / ".polyaxonignore").open("a") as ignored:
        ignored.write("secret.txt\n")
    polyaxonfile(folder, ["python train.py", "test ! -e secret.txt"])
    assert at_project("run", "--upload") == f"Files uploaded.\n{CREATED}"
    status_of(1, "succeeded")
    assert log_of(api, project, 1)[-1].endswith("42")


def test_later_code_is_not_that_of_an_earlier_run(
    at_project: CommandLine, api: Any, project: str, status_of: Any
) -> None:
    polyaxonfile(at_project.folder, "cat which.txt")
    (at_project.folder / "which.txt").write_text("one\n")
    at_project("run", "-u")
    (at_project.folder / "which.txt").write_text("two\n")
    at_project("run", "-u")
    at_project("experiment", "-xp", "1", "restart")
    at_project("experiment", "-xp", "1", "restart", "-u")
    for number, code in ((1, "one"), (2, "two"), (3, "one"), (4, "two")):
        status_of(number, "succeeded")
        assert log_of(api, project, number)[-1].endswith(code)


def test_upload_for_another_project_is_refused_by_the_program(at_project: CommandLine, project: str) -> None:
    polyaxonfile(at_project.folder, "true")
    said = at_project("run", "-u", "-p", project, code=1)
    assert "Uploading is not supported when switching project context!" in said


def test_a_project_that_is_not_there(polyaxon: CommandLine) -> None:
    polyaxonfile(polyaxon.folder, "true")
    said = polyaxon("run", "-p", "no-such-project", code=1)
    assert "Could not create experiment." in said
    assert "Error message `404 on" in said


@pytest.mark.parametrize(
    ("kind", "complaint"), [("job", "Could not create job."), ("build", "Could not create build.")]
)
def test_other_kinds_say_that_they_are_not_there(
    polyaxon: CommandLine, project: str, kind: str, complaint: str
) -> None:
    sections = {"build": {"image": "x"}, "run": {"cmd": "true"}} if kind == "job" else {"image": "x"}
    (polyaxon.folder / "polyaxonfile.yaml").write_text(
        yaml.safe_dump({"version": 1, "kind": kind, **sections})
    )
    said = polyaxon("run", "-p", project, code=1)
    assert complaint in said
    assert "Error message `404 on" in said


def test_a_failing_command(polyaxon: CommandLine, project: str, status_of: Any, tmp_path: Path) -> None:
    polyaxonfile(tmp_path, ["echo before", "exit 3", "echo after"])
    polyaxon("run", "-p", project)
    assert status_of(1, "failed")["last_status"] == "failed"

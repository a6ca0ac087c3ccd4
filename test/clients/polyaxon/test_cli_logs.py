"""Logs with the `polyaxon` program: past, followed, and from the start of a run."""

import re
from pathlib import Path
from typing import Any

from command_line import CommandLine, rows
from experiments import content, polyaxonfile
from followed import Followed, gate
from franca_session import wait_until

TIME = re.compile(r"\d{2}(?:\d{2})?-\d{1,2}-\d{1,2}\s\d{1,2}:\d{1,2}:\d{1,2}\s\w+\s")
LINES = 3000
MANY = f"i=0; while [ $i -lt {LINES} ]; do echo line-$i-; i=$((i+1)); done"


def numbers(lines: list[str]) -> list[int]:
    return [int(found[1]) for line in lines if (found := re.search(r"line-(\d+)-$", line))]


def test_run_follows_the_log_to_the_end(at_project: CommandLine, tmp_path: Path) -> None:
    go_on = tmp_path / "go-on"
    polyaxonfile(at_project.folder, ["echo the first", gate(go_on), "echo the second é中"])
    followed = Followed(at_project.start("run", "--log"))
    followed.wait_for("the first")
    assert not any("the second" in line for line in followed.lines())
    go_on.touch()
    lines = followed.end()
    assert lines[:2] == ["Creating an independent experiment.", "Experiment `1` was created"]
    ends = ("the first", "the second é中", "succeeded ...")
    said = [end for line in lines for end in ends if line.endswith(end)]
    assert said == list(ends)


def test_run_follows_a_run_that_fails(at_project: CommandLine) -> None:
    polyaxonfile(at_project.folder, ["echo the end is near", "exit 3"])
    lines = Followed(at_project.start("run", "-l")).end()
    assert any(line.endswith("the end is near") for line in lines)
    assert any(line.startswith("failed ...") for line in lines)


def test_follow_while_it_runs_and_stop_it(
    at_project: CommandLine, create: Any, status_of: Any, polyaxon: CommandLine
) -> None:
    create(content=content(["echo begun", "exec sleep 86304"]))
    status_of(1, "running")
    followed = Followed(at_project.start("experiment", "-xp", "1", "logs"))
    followed.wait_for("begun")
    polyaxon("experiment", "-xp", "1", "stop", "-y")
    assert any(line.startswith("stopped ...") for line in followed.end())


def test_past_logs(at_project: CommandLine, create: Any, status_of: Any) -> None:
    create(content=content(MANY))
    status_of(1, "succeeded")
    named = ["experiment", "-xp", "1", "logs"]
    past = at_project(*named, "--past").splitlines()
    assert numbers(past) == list(range(LINES))
    plain = at_project(*named, "-p", "--hide_time").splitlines()
    assert numbers(plain) == list(range(LINES))
    assert not [line for line in plain if TIME.search(line)]


def test_the_stream_of_a_finished_run_is_its_log_and_its_status(
    at_project: CommandLine, create: Any, status_of: Any
) -> None:
    create(content=content(MANY))
    status_of(1, "succeeded")
    lines = Followed(at_project.start("experiment", "-xp", "1", "logs")).end()
    assert numbers(lines) == list(range(LINES))
    assert any(line.startswith("succeeded ...") for line in lines)


def test_past_and_then_followed(at_project: CommandLine, create: Any, status_of: Any, tmp_path: Path) -> None:
    go_on = tmp_path / "go-on"
    create(content=content(["echo line-0-", gate(go_on), "echo line-1-"]))
    status_of(1, "running")
    named = ("experiment", "-xp", "1", "logs")
    wait_until(lambda: numbers(at_project(*named, "-p").splitlines()) == [0], lambda: "nothing in the log")
    followed = Followed(at_project.start(*named, "--past", "--follow"))
    followed.wait_for("line-0-")
    go_on.touch()
    lines = followed.end()
    assert set(numbers(lines)) == {0, 1}
    assert numbers(lines)[-1] == 1


def test_logs_of_one_job(at_project: CommandLine, create: Any, status_of: Any) -> None:
    create(
        content=content(
            "echo I am ${POLYAXON_TASK_INFO}; sleep 1",
            framework="tensorflow",
            environment={"replicas": {"n_workers": 1}},
        )
    )
    status_of(1, "succeeded")
    named = ["experiment", "-xp", "1"]
    jobs = {row["role"]: row["id"] for row in rows(at_project(*named, "jobs"), "Jobs:")}
    assert sorted(jobs) == ["master", "worker"]
    for role, job in jobs.items():
        other = {"master": "worker", "worker": "master"}[role]
        past = at_project(*named, "logs", "-p", f"--job={job}")
        assert f'"type": "{role}"'.replace(" ", "") in past.replace(" ", "")
        assert f'"{other}"' not in past
        streamed = Followed(at_project.start(*named, "logs", "-j", job)).end()
        assert any(f'"{role}"' in line for line in streamed)
        assert not any(f'"{other}"' in line for line in streamed)


def test_resources_until_the_run_ends(
    at_project: CommandLine, create: Any, status_of: Any, tmp_path: Path
) -> None:
    go_on = tmp_path / "go-on"
    create(content=content(gate(go_on)))
    status_of(1, "running")
    named = ["experiment", "-xp", "1"]
    [job] = rows(at_project(*named, "jobs"), "Jobs:")
    followed: list[Followed] = []
    # One after the other: each start writes to the program's own settings.
    for options in ([], [f"--job={job['id']}"]):
        followed.append(Followed(at_project.start(*named, "resources", *options)))
        wait_until(lambda: shown(followed[-1]), lambda: str(followed[-1].lines()))
    go_on.touch()
    for each in followed:
        assert any("master" in line for line in each.end()), each.lines()


def shown(followed: Followed) -> bool:
    return any(line.startswith("Job ") and "CPU% - CPUs" in line for line in followed.lines())


def test_no_gpu_is_said(at_project: CommandLine, create: Any, status_of: Any) -> None:
    create(content=content("sleep 86305"))
    status_of(1, "running")
    said = at_project("experiment", "-xp", "1", "resources", "--gpu", code=1)
    assert "No GPU job was found" in said

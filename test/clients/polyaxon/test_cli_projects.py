"""Projects with the `polyaxon` program."""

import tarfile
from pathlib import Path
from typing import Any

import pytest

from command_line import CommandLine, facts, rows
from experiments import USER, polyaxonfile


def test_from_creation_to_deletion(polyaxon: CommandLine, api: Any, unique: str) -> None:
    said = polyaxon(
        *("project", "create", f"--name={unique}", "--description=A first look", "--tags=a,b"),
        *("--private", "--init"),
    )
    assert said.splitlines() == [
        f"Project `{unique}` was created successfully.",
        "Project was initialized",
        "New .polyaxonignore file was created.",
    ]
    shown = polyaxon("project", "get")
    assert "Project description:\n\nA first look\n" in shown
    project = facts(shown, "Project info:")
    assert project["unique_name"] == f"{USER}.{unique}"
    assert (project["name"], project["user"], project["owner"]) == (unique, USER, USER)
    assert (project["tags"], project["is_public"], project["has_code"]) == ("['a', 'b']", "False", "False")
    assert project["created_at"] == "a few seconds ago"

    said = polyaxon(
        *("project", "-p", unique, "update", "--description=Another", "--tags=c", "--private=false"),
    )
    assert said.startswith("Project updated.\n")
    assert facts(said, "Project info:")["is_public"] == "True"
    assert facts(said, "Project info:")["tags"] == "['c']"
    assert api.project.get_project(USER, unique)["description"] == "Another"

    assert polyaxon("project", "delete", code=1, answer="n\n").endswith(
        "Existing without deleting project.\n"
    )
    said = polyaxon("project", "-p", f"{USER}/{unique}", "delete", answer="y\n")
    assert said.endswith(f"Project `{USER}/{unique}` was delete successfully\n")
    gone = polyaxon("project", "-p", unique, "get", code=1)
    assert f"Could not get project `{unique}`." in gone
    assert '"detail"' in gone


def test_a_renamed_project(polyaxon: CommandLine, api: Any, project: str) -> None:
    renamed = f"{project}-2"
    said = polyaxon("project", f"--project={project}", "update", f"--name={renamed}")
    assert facts(said, "Project info:")["name"] == renamed
    shown = facts(polyaxon("project", "-p", renamed, "get"), "Project info:")
    assert (shown["name"], shown["unique_name"]) == (renamed, f"{USER}.{renamed}")
    api.project.update_project(USER, renamed, {"name": project})


def test_a_name_that_is_taken(polyaxon: CommandLine, project: str) -> None:
    said = polyaxon("project", "create", f"--name={project}", code=1)
    assert f"Could not create project `{project}`." in said
    assert "Error message `400 on" in said
    assert '"name"' in said


def test_list_by_pages(polyaxon: CommandLine, api: Any, unique: str) -> None:
    names = [f"{unique}-{number}" for number in range(21)]
    for name in names:
        api.project.create_project({"name": name})
    try:
        first = polyaxon("project", "list")
        assert facts(first, "Navigation:")["next"] == "--page=2"
        second = polyaxon("project", "list", "--page=2")
        assert facts(second, "Navigation:")["previous"] == "--page=1"
        listed = [row["name"] for said in (first, second) for row in rows(said, "Projects:")]
        assert len(rows(first, "Projects:")) == 20
        assert set(names) <= set(listed)
        assert len(set(listed)) == len(listed) == int(facts(first, "Navigation:")["count"])
    finally:
        for name in names:
            api.project.delete_project(USER, name)


def test_bookmarks(at_project: CommandLine, project: str) -> None:
    marked = f"Project `{USER}/{project}` is"
    assert at_project("project", "bookmark") == f"{marked} bookmarked.\n"
    for arguments in (["projects"], ["--username=root", "projects"]):
        names = [row["name"] for row in rows(at_project("bookmark", *arguments), "Projects:")]
        assert names.count(project) == 1
    assert at_project("project", "unbookmark") == f"{marked} unbookmarked.\n"
    assert f" {project} " not in at_project("bookmark", "projects", "--page=1")


def test_init_again(at_project: CommandLine, project: str) -> None:
    said = at_project("init", project, "--polyaxonfile", answer="n\nn\n")
    assert "This project is already initialized" in said
    assert "polyaxonfile.yaml was created successfully." in said
    assert "Make sure you have a project with this name `no-such`" in at_project("init", "no-such", code=1)


def test_check_reads_the_file_alone(polyaxon: CommandLine) -> None:
    file = polyaxonfile(polyaxon.folder, "echo {{ lr }}", params={"lr": 0.1})
    assert polyaxon("check") == "Polyaxonfile valid\n"
    said = polyaxon("check", f"--file={file}", "--version", "--definition", "-P", "lr=0.2")
    assert "This polyaxon specification has One experiment" in said


def test_code_up_and_down(at_project: CommandLine, project: str, api: Any) -> None:
    folder = at_project.folder
    (folder / "package").mkdir()
    (folder / "package" / "model.py").write_text("x = 1\n")
    (folder / "kept.bin").write_bytes(bytes(range(256)) * 1000)
    (folder / "left.pyc").write_bytes(b"ignored")
    assert at_project("upload").endswith("Files uploaded.\n")
    assert api.project.get_project(USER, project)["has_code"] is True
    assert at_project("project", "download").endswith("Files downloaded.\n")
    # There is one version of the code: the newest.
    assert at_project("project", "download", "--commit=abc").endswith("Files downloaded.\n")
    with tarfile.open(folder / "repo.tar.gz") as archive:
        files = {
            member.name.removeprefix("./"): archive.extractfile(member).read()  # type: ignore[union-attr]
            for member in archive
            if member.isfile()
        }
    assert files["package/model.py"] == b"x = 1\n"
    assert files["kept.bin"] == (folder / "kept.bin").read_bytes()
    assert "left.pyc" not in files
    assert not [name for name in files if name.startswith(".polyaxon/")]


def test_upload_before_init(polyaxon: CommandLine) -> None:
    assert "Please initialize your project before uploading any code." in polyaxon("upload", code=1)


def test_upload_to_a_project_that_is_gone(
    polyaxon: CommandLine, api: Any, unique: str, tmp_path: Path
) -> None:
    api.project.create_project({"name": unique})
    polyaxon("init", unique)
    api.project.delete_project(USER, unique)
    said = polyaxon("upload", code=1)
    assert f"Could not upload code for project `{unique}`." in said
    assert "Error message `404 on" in said


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["git", "--url=https://example.org/x.git", "--private"], "Could not set git repo on project"),
        (["git", "--sync"], "Could not sync git repo on project"),
        (["ci", "--enable"], "Could not enable CI on project"),
        (["ci", "--disable"], "Could not disable CI on project"),
        (["groups", "-q", "status:created", "-s", "-id", "--page=1"], "Could not get experiment groups"),
        (["jobs", "-q", "status:created", "-s", "-id", "--page=1"], "Could not get jobs for project"),
        (["builds", "-q", "status:created", "-s", "-id", "--page=1"], "Could not get builds for project"),
        (["invalidate-builds"], "Could not invalidate build jobs for project"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_franca_does_not_have_says_so(
    polyaxon: CommandLine, project: str, arguments: list[str], complaint: str
) -> None:
    said = polyaxon("project", "-p", project, *arguments, code=1)
    assert complaint in said
    assert "Error message `404 on" in said
    assert '"detail"' in said

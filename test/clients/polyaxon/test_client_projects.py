"""Every call of the client about projects, and those about users, versions and the cluster."""

import tarfile
from pathlib import Path
from typing import Any

import pytest
from polyaxon_client.exceptions import (
    AuthenticationError,
    BadRequestError,
    NotFoundError,
    PolyaxonHTTPError,
)
from polyaxon_client.schemas import (
    ChartVersionConfig,
    CliVersionConfig,
    LibVersionConfig,
    LogHandlerConfig,
    PlatformVersionConfig,
    PolyaxonClusterConfig,
    ProjectConfig,
    UserConfig,
)

from experiments import USER, connect, content
from franca_session import wait_until


def test_create_get_update_delete(api: Any, unique: str) -> None:
    created = api.project.create_project(
        {"name": unique, "description": "d", "tags": ["a"], "is_public": False}
    )
    assert created["unique_name"] == f"{USER}.{unique}"
    shown = api.project.get_project(USER, unique)
    fields = ("name", "user", "owner", "description", "tags", "is_public", "has_code", "num_experiments")
    assert [shown[key] for key in fields] == [unique, USER, USER, "d", ["a"], False, False, 0]
    assert "experiments" not in shown
    updated = api.project.update_project(USER, unique, {"description": "e", "is_public": True})
    assert (updated["description"], updated["is_public"], updated["tags"]) == ("e", True, ["a"])
    assert unique in [each["name"] for each in api.project.list_projects(USER)["results"]]
    with pytest.raises(BadRequestError):
        api.project.create_project({"name": unique})
    assert api.project.delete_project(USER, unique).status_code == 204
    with pytest.raises(NotFoundError):
        api.project.get_project(USER, unique)


def test_experiments(api: Any, project: str, status_of: Any) -> None:
    for number in range(3):
        api.project.create_experiment(USER, project, {"is_managed": False, "params": {"n": number}})
    listed = api.project.list_experiments(USER, project, independent=True, params=True, sort="created_at")
    assert [each["params"] for each in listed["results"]] == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert api.project.list_experiments(USER, project, query="params.n:1", metrics=True)["count"] == 1
    assert api.project.list_experiments(USER, project, group=9)["count"] == 0
    assert api.project.list_experiments(USER, project, page=2) == {
        **{"count": 3, "next": None, "previous": 1, "results": []},
    }
    made = api.project.create_experiment(USER, project, {"content": content("true")}, background=True)
    assert made is None
    wait_until(lambda: api.project.get_project(USER, project)["num_experiments"] == 4, lambda: "not created")
    status_of(4, "succeeded")


def packed(folder: Path) -> Path:
    (folder / "train.py").write_text("print(1)\n")
    archive = folder / "code.tar.gz"
    with tarfile.open(archive, "w:gz") as opened:
        opened.add(folder / "train.py", "train.py")
    return archive


def test_code(api: Any, project: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = packed(tmp_path)
    for background in (False, True):
        with archive.open("rb") as file:
            parts = [("repo", (str(archive), file, "text/plain"))]
            size = archive.stat().st_size
            answer = api.project.upload_repo(USER, project, parts, size, sync=True, background=background)
            if background:
                wait_until(lambda: api.transport.threaded_done == 1, lambda: "not uploaded")
                assert api.transport.threaded_exceptions == 0
            else:
                assert answer.status_code == 200
    monkeypatch.chdir(tmp_path)
    assert api.project.download_repo(USER, project, filename="down.tar.gz") == "down.tar.gz"
    unpacked = tmp_path / "unpacked"
    api.project.download_repo(USER, project, untar=True, extract_path=str(unpacked))
    assert (unpacked / "train.py").read_text() == "print(1)\n"


def test_bookmarks(api: Any, project: str) -> None:
    names = lambda: [each["name"] for each in api.bookmark.projects(USER)["results"]]  # noqa: E731
    api.project.bookmark(USER, project)
    assert names().count(project) == 1
    api.project.unbookmark(USER, project)
    assert project not in names()


def test_in_the_background(api: Any, project: str, unique: str) -> None:
    other = f"{unique}-other"
    api.project.create_project({"name": other})
    calls = [
        lambda: api.project.update_project(USER, project, {"description": "later"}, background=True),
        lambda: api.project.bookmark(USER, project, background=True),
        lambda: api.project.unbookmark(USER, project, background=True),
        lambda: api.project.start_tensorboard(USER, project, background=True),
        lambda: api.project.stop_tensorboard(USER, project, background=True),
        lambda: api.project.delete_project(USER, other, background=True),
    ]
    for call in calls:
        assert call() is None
    wait_until(lambda: api.transport.threaded_done == len(calls), lambda: str(api.transport.threaded_done))
    assert api.transport.threaded_exceptions == 0
    assert api.project.get_project(USER, project)["description"] == "later"
    with pytest.raises(NotFoundError):
        api.project.get_project(USER, other)


def test_tensorboards(api: Any, project: str) -> None:
    assert api.project.list_tensorboards(USER, project)["count"] == 0
    assert api.project.start_tensorboard(USER, project, content={"version": 1}).status_code == 201
    assert api.project.start_tensorboard(USER, project).status_code == 200
    assert api.project.get_project(USER, project)["has_tensorboard"] is True
    assert api.project.list_tensorboards(USER, project)["count"] == 1
    assert api.project.stop_tensorboard(USER, project).status_code == 200
    assert api.project.list_tensorboards(USER, project)["count"] == 0


def test_what_franca_does_not_have(api: Any, project: str) -> None:
    at = (USER, project)
    calls = [
        lambda: api.project.enable_ci(*at),
        lambda: api.project.disable_ci(*at),
        lambda: api.project.set_repo(*at, "https://example.org/x.git"),
        lambda: api.project.sync_repo(*at),
        lambda: api.project.list_experiment_groups(*at),
        lambda: api.project.create_experiment_group(*at, {"content": "x"}),
        lambda: api.project.list_jobs(*at),
        lambda: api.project.create_job(*at, {"content": "x"}),
        lambda: api.project.list_builds(*at),
        lambda: api.project.create_build(*at, {"content": "x"}),
        lambda: api.project.invalidate_builds(*at),
        lambda: api.project.start_notebook(*at),
        lambda: api.project.stop_notebook(*at),
        lambda: api.bookmark.builds(USER),
        lambda: api.bookmark.jobs(USER),
        lambda: api.bookmark.groups(USER),
        lambda: api.user.activate_user("jane"),
        lambda: api.user.delete_user("jane"),
        lambda: api.user.grant_superuser("jane"),
        lambda: api.user.revoke_superuser("jane"),
        lambda: api.cluster.get_node(99),
    ]
    for index, call in enumerate(calls):
        with pytest.raises(PolyaxonHTTPError) as refused:
            call()
        assert refused.value.status_code == 404, index
        assert isinstance(refused.value.response.json()["detail"], str), index


def test_users_and_tokens(api: Any, server: Any) -> None:
    user = api.auth.get_user()
    assert (user["username"], user["is_superuser"]) == (USER, True)
    assert api.auth.login({"username": USER, "password": "anything"})
    typed = connect(server.port, schema_response=True)
    assert isinstance(typed.auth.get_user(), UserConfig)


def test_tokens_that_franca_does_not_hand_out(api: Any, project: str) -> None:
    at = {"username": USER, "project_name": project, "internal_token": "x", "persist_token": False}
    calls = [
        lambda: api.auth.login_experiment_impersonate_token(experiment_id=1, **at),
        lambda: api.auth.login_job_impersonate_token(job_id=1, **at),
        lambda: api.auth.login_notebook_impersonate_token(**at),
    ]
    if hasattr(api.auth, "login_build_impersonate_token"):
        calls.append(lambda: api.auth.login_build_impersonate_token(job_id=1, **at))
    for call in calls:
        with pytest.raises((NotFoundError, AuthenticationError)):
            call()


def test_versions_and_cluster(api: Any, server: Any) -> None:
    both = {"latest_version", "min_version"}
    assert set(api.version.get_cli_version()) >= both
    assert set(api.version.get_platform_version()) >= both
    assert set(api.version.get_lib_version()) >= both
    assert isinstance(api.version.get_chart_version()["version"], str)
    assert api.version.get_log_handler()["dsn"] is None
    assert isinstance(api.cluster.get_cluster()["nodes"], list)
    typed = connect(server.port, schema_response=True)
    assert isinstance(typed.version.get_cli_version(), CliVersionConfig)
    assert isinstance(typed.version.get_platform_version(), PlatformVersionConfig)
    assert isinstance(typed.version.get_lib_version(), LibVersionConfig)
    assert isinstance(typed.version.get_chart_version(), ChartVersionConfig)
    assert isinstance(typed.version.get_log_handler(), LogHandlerConfig)
    assert isinstance(typed.cluster.get_cluster(), PolyaxonClusterConfig)
    assert isinstance(typed.project.list_projects(USER)["results"][0], ProjectConfig)

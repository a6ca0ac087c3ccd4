"""Settings, login and versions with the `polyaxon` program."""

import importlib.metadata
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from command_line import NOTE, CommandLine, facts
from conftest import on_path
from franca_server import FrancaServer
from franca_session import running

TOKEN = "a-token-for-these-tests-0123456789"
VERSION = importlib.metadata.version("polyaxon-cli")


@pytest.fixture(scope="module")
def guarded() -> Iterator[FrancaServer]:
    """A server that wants a token."""
    with running(FrancaServer({**on_path(), "FRANCA_AUTH": "token", "FRANCA_TOKEN": TOKEN})) as server:
        yield server


@pytest.fixture
def fresh(recorder: Any, tmp_path: Path) -> CommandLine:
    """The program as it was installed, in an empty home."""
    (tmp_path / "home").mkdir()
    return CommandLine(tmp_path / "home", tmp_path, recorder)


def at(program: CommandLine, server: FrancaServer) -> CommandLine:
    program("config", "set", "--host=127.0.0.1", f"--port={server.port}")
    return program


def saved_login(program: CommandLine) -> dict[str, str] | None:
    file = program.home / ".polyaxon" / ".polyaxonauth"
    return json.loads(file.read_text()) if file.exists() else None


def test_config(fresh: CommandLine) -> None:
    said = fresh(
        *("config", "set", "--host=127.0.0.1", "--port=5050", "--use_https=false"),
        *("--verify_ssl=false", "--verbose=false"),
    )
    assert said == "Config was updated.\n"
    settings = {"verbose": "False", "host": "127.0.0.1", "port": "5050"}
    settings |= {"use_https": "False", "verify_ssl": "False"}
    assert facts(fresh("config", "--list"), "Current config:") == settings
    assert fresh("config", "get", "host", "port").split() == [
        *("----", "---------", "host", "127.0.0.1", "port", "5050", "----", "---------"),
    ]
    assert fresh("config", "purge") == "Config was removed.\n"
    assert facts(fresh("config", "--list"), "Current config:")["host"] == "localhost"


def test_login_by_token(guarded: FrancaServer, fresh: CommandLine) -> None:
    program = at(fresh, guarded)
    wrong = program("login", "--token=wrong", code=1)
    assert "Could not load user info." in wrong
    assert f"Error message `401 on {guarded.url}/api/v1/users/.`." in wrong
    assert '{"detail":' in wrong.replace(" ", "")
    assert saved_login(program) is None
    assert program("login", f"--token={TOKEN}").endswith("Login successful\n")
    assert saved_login(program) == {"username": "root", "token": TOKEN}
    assert program("whoami").strip().startswith("Username: root, Email: ")
    assert program("logout") == "You are logged out\n"
    assert saved_login(program) is None


def test_login_by_password_which_is_a_token(guarded: FrancaServer, fresh: CommandLine) -> None:
    program = at(fresh, guarded)
    wrong = program("login", "--username=root", "--password=wrong", code=1)
    assert "Could not login." in wrong
    assert f"Error Message `401 on {guarded.url}/api/v1/users/token/.`." in wrong
    assert program("login", "--username=root", f"--password={TOKEN}").endswith("Login successful\n")
    assert saved_login(program) == {"username": "root", "token": TOKEN}
    assert "Projects for current user" in program("project", "list")


@pytest.mark.parametrize(
    "arguments",
    [
        ["whoami"],
        ["cluster"],
        ["project", "-p", "root/x", "get"],
        ["project", "create", "--name=x"],
        ["experiment", "-p", "root/x", "-xp", "1", "stop", "-y"],
        ["tensorboard", "-p", "root/x", "start"],
        ["version"],
    ],
    ids=" ".join,
)
def test_nothing_without_login(guarded: FrancaServer, fresh: CommandLine, arguments: list[str]) -> None:
    said = at(fresh, guarded)(*arguments, code=1)
    assert f"Error message `401 on {guarded.url}/api/v1/" in said


def test_whoami_where_no_token_is_needed(polyaxon: CommandLine) -> None:
    assert polyaxon("whoami").strip().startswith("Username: root, Email: ")


def test_versions(polyaxon: CommandLine) -> None:
    supported = {"latest_version": "0.6.1", "min_version": "0.5.0"}
    for said in (polyaxon("version"), polyaxon("version", "--cli")):
        assert f"Current cli version: {VERSION}." in said
        assert facts(said, "Supported cli versions:") == supported
    platform = polyaxon("version", "--platform")
    assert set(facts(platform, "Supported platform versions:")) == set(supported)
    assert "Current platform version: " in platform


def test_only_older_clients_are_told_of_a_newer_one(server: FrancaServer, fresh: CommandLine) -> None:
    program = at(fresh, server)
    program("login", "--token=any")
    said = "".join(program.raw("bookmark", "projects") for _ in range(4))
    assert said.count(NOTE) == (0 if VERSION == "0.6.1" else 1)
    assert "supported by Polyaxon Platform" not in said


def test_cluster_and_dashboard(server: FrancaServer, polyaxon: CommandLine) -> None:
    assert "Cluster info:" in polyaxon("cluster")
    missing = polyaxon("cluster", "--node=999", code=1)
    assert "Could not load node `999` info." in missing
    assert polyaxon("dashboard", "--url") == f"{server.url}/app\n"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["user", "activate", "jane"], "Could not activate user `jane`."),
        (["user", "delete", "jane"], "Could not delete user `jane`."),
        (["superuser", "grant", "jane"], "Could not grant superuser role to user `jane`."),
        (["superuser", "revoke", "jane"], "Could not revoke superuser role from user `jane`."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_users_are_not_managed_by_this_program(
    polyaxon: CommandLine, arguments: list[str], complaint: str
) -> None:
    said = polyaxon(*arguments, code=1)
    assert complaint in said
    assert "Error message `404 on" in said


def test_verbose(polyaxon: CommandLine, server: FrancaServer) -> None:
    said = polyaxon("--verbose", "whoami")
    assert f"Starting request to url: {server.url}/api/v1/users/" in said


@pytest.mark.skipif(VERSION == "0.5.6", reason="that version has no such option")
def test_offline_commands_do_not_ask_for_versions(fresh: CommandLine, server: FrancaServer) -> None:
    program = at(fresh, server)
    program("login", "--token=any")
    for _ in range(4):
        assert "Starting request" not in program("--verbose", "--offline", "check", "--help")

"""A server that wants tokens, and users who may not see everything."""

from collections.abc import Iterator
from typing import Any

import pytest
from polyaxon_client.exceptions import AuthenticationError, AuthorizationError, PolyaxonHTTPError

from conftest import on_path
from experiments import USER, connect, content
from franca_server import FrancaServer
from franca_session import running, wait_until

TOKEN = "a-token-for-these-tests-0123456789"


@pytest.fixture(scope="module")
def guarded() -> Iterator[FrancaServer]:
    with running(FrancaServer({**on_path(), "FRANCA_AUTH": "token", "FRANCA_TOKEN": TOKEN})) as server:
        yield server


@pytest.fixture(scope="module")
def jane(guarded: FrancaServer) -> Any:
    """A client of a user who belongs to no workspace but her own."""
    guarded.administer("user", "add", "jane", "--role", "none")
    return connect(guarded.port, token=guarded.administer("token", "create", "--user", "jane").split()[-1])


@pytest.fixture
def private(guarded: FrancaServer, unique: str) -> Iterator[str]:
    """A private project of root's with one experiment, which is only tracked."""
    root = connect(guarded.port, token=TOKEN)
    root.project.create_project({"name": unique, "is_public": False})
    root.project.create_experiment(USER, unique, {"is_managed": False})
    yield unique
    root.project.delete_project(USER, unique)


@pytest.mark.parametrize("token", [None, "wrong", f"{TOKEN}-"])
def test_without_a_good_token_every_call_is_refused(
    guarded: FrancaServer, private: str, token: str | None
) -> None:
    # Without reraise, the client raises this one error all the same.
    for reraise in (True, False):
        stranger = connect(guarded.port, token=token, reraise=reraise)
        calls = [
            lambda stranger=stranger: stranger.auth.get_user(),
            lambda stranger=stranger: stranger.project.list_projects(USER),
            lambda stranger=stranger: stranger.project.create_project({"name": "x"}),
            lambda stranger=stranger: stranger.project.create_experiment(
                USER, private, {"content": content("true")}
            ),
            lambda stranger=stranger: stranger.experiment.get_experiment(USER, private, 1),
            lambda stranger=stranger: stranger.experiment.create_metric(USER, private, 1, {"loss": 1}),
            lambda stranger=stranger: stranger.experiment.delete_experiment(USER, private, 1),
        ]
        if token is not None:
            # Without a token this address is not known to be meant for this dialect.
            calls.append(lambda stranger=stranger: stranger.experiment.list_experiments())
        for call in calls:
            with pytest.raises(AuthenticationError) as refused:
                call()
            assert refused.value.response.status_code == 401
            assert isinstance(refused.value.response.json()["detail"], str)


def test_a_stream_without_a_good_token_is_not_opened(guarded: FrancaServer, private: str) -> None:
    frames: list[Any] = []
    connect(guarded.port, token="wrong").experiment.logs(USER, private, 1, message_handler=frames.append)
    assert frames == []


def test_the_password_is_a_token(guarded: FrancaServer) -> None:
    client = connect(guarded.port, token=None)
    with pytest.raises(AuthenticationError):
        client.auth.login({"username": USER, "password": "wrong"})
    assert client.auth.login({"username": USER, "password": TOKEN}, set_token=True) == TOKEN
    client.reset()
    assert client.auth.get_user()["username"] == USER


@pytest.mark.parametrize("kind", ["Token", "token", "Bearer"])
def test_the_kind_of_token_is_as_the_user_likes(guarded: FrancaServer, kind: str) -> None:
    client = connect(guarded.port, token=TOKEN, authentication_type=kind)
    assert client.auth.get_user()["username"] == USER


def test_a_private_project_is_not_for_others(guarded: FrancaServer, jane: Any, private: str) -> None:
    assert jane.auth.get_user()["username"] == "jane"
    assert jane.auth.get_user()["is_superuser"] is False
    calls = [
        lambda: jane.project.get_project(USER, private),
        lambda: jane.project.update_project(USER, private, {"description": "mine"}),
        lambda: jane.project.delete_project(USER, private),
        lambda: jane.project.create_experiment(USER, private, {"content": content("true")}),
        lambda: jane.experiment.get_experiment(USER, private, 1),
        lambda: jane.experiment.create_status(USER, private, 1, "failed"),
        lambda: jane.experiment.logs(USER, private, 1, stream=False),
        lambda: jane.experiment.stop(USER, private, 1),
    ]
    for call in calls:
        with pytest.raises(AuthorizationError):
            call()
    assert private not in [each["name"] for each in jane.project.list_projects(USER)["results"]]
    frames: list[Any] = []
    jane.experiment.logs(USER, private, 1, message_handler=frames.append)
    assert frames == []


def test_a_public_project_is_read_by_others(guarded: FrancaServer, jane: Any, private: str) -> None:
    connect(guarded.port, token=TOKEN).project.update_project(USER, private, {"is_public": True})
    assert jane.experiment.get_experiment(USER, private, 1)["id"] == 1
    jane.experiment.bookmark(USER, private, 1)
    assert jane.experiment.get_experiment(USER, private, 1)["bookmarked"] is True
    assert (
        connect(guarded.port, token=TOKEN).experiment.get_experiment(USER, private, 1)["bookmarked"] is False
    )
    with pytest.raises(AuthorizationError):
        jane.experiment.stop(USER, private, 1)


def test_a_job_has_a_token_though_all_need_one(guarded: FrancaServer, private: str, tmp_path: Any) -> None:
    script = tmp_path / "train.py"
    script.write_text(
        "from polyaxon_client.tracking import Experiment\n"
        "experiment = Experiment()\nexperiment.log_metrics(loss=0.5)\nexperiment.log_params(lr=1)\n"
    )
    root = connect(guarded.port, token=TOKEN)
    made = root.project.create_experiment(
        USER, private, {"content": content(f"POLYAXON_MIN_TIMEOUT=3 python {script}")}
    )
    shown = lambda: root.experiment.get_experiment(USER, private, made["id"])  # noqa: E731
    wait_until(lambda: shown()["last_status"] in ("succeeded", "failed"), lambda: str(shown()))
    assert (shown()["last_status"], shown()["last_metric"], shown()["params"]) == (
        "succeeded",
        {"loss": 0.5},
        {"lr": 1},
    )


def test_one_may_only_be_oneself(jane: Any) -> None:
    own = jane.project.create_project({"name": "own"})
    assert own["owner"] == "jane"
    with pytest.raises(PolyaxonHTTPError):
        jane.project.get_project("nobody", "own")
    jane.project.delete_project("jane", "own")

"""A server that wants a token. The SDK has no setting for one; its users set a default header."""

from collections.abc import Iterator
from typing import Any

import pytest
from submarine.client import AuthApi, LoginParam
from submarine.client.api.experiment_client import ExperimentClient
from submarine.client.utils.api_utils import get_api_client

from answers import refusal
from franca_server import FrancaServer
from franca_session import running
from specs import experiment_spec

TOKEN = "a-token-for-these-tests-0123456789"


@pytest.fixture(scope="module")
def guarded() -> Iterator[FrancaServer]:
    with running(FrancaServer({"FRANCA_AUTH": "token", "FRANCA_TOKEN": TOKEN})) as server:
        yield server


def client(server: FrancaServer, authorization: str | None) -> Any:
    made = ExperimentClient(host=server.url)
    if authorization is not None:
        made.experiment_api.api_client.set_default_header("Authorization", authorization)
    return made


@pytest.mark.parametrize("authorization", [None, "Bearer wrong", "Bearer", TOKEN, f"Digest {TOKEN}"])
def test_without_a_good_token_every_call_is_refused(guarded: FrancaServer, authorization: str | None) -> None:
    stranger = client(guarded, authorization)
    refusal(stranger.list_experiments, 401)
    refusal(lambda: stranger.create_experiment(experiment_spec("true")), 401)
    refusal(lambda: stranger.get_experiment("experiment_1_0001"), 401)


def test_the_token_is_taken_as_password_and_then_as_header(guarded: FrancaServer) -> None:
    auth = AuthApi(api_client=get_api_client(guarded.url))
    # The SDK reads the whole envelope as a text.
    assert TOKEN in auth.token(login_param=LoginParam(username="admin", password=TOKEN))
    wrong = LoginParam(username="admin", password="wrong")
    message = refusal(lambda: auth.token(login_param=wrong), 401)
    assert message == "User Not Found. Please try again!"
    known = client(guarded, f"Bearer {TOKEN}")
    experiment_id = known.create_experiment(experiment_spec("true"))["experimentId"]
    assert [each["experimentId"] for each in known.list_experiments()] == [experiment_id]
    assert known.delete_experiment(experiment_id)["status"] == "Deleted"

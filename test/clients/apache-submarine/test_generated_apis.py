"""The SDK's generated API classes, on the wire: status, headers and the whole envelope."""

import json
from typing import Any

import pytest
from submarine.client import (
    AuthApi,
    EnvironmentApi,
    EnvironmentSpec,
    ExperimentApi,
    ExperimentTemplateApi,
    ExperimentTemplatesApi,
    ExperimentTemplateSpec,
    ExperimentTemplateSubmit,
    JsonResponse,
    LoginParam,
)

from answers import refusal
from specs import experiment_spec

ENVELOPE = {"status", "code", "success", "message", "result", "attributes"}


def raw(call: Any, *arguments: Any, **options: Any) -> Any:
    """The result of a call, after looking at all that the SDK's models leave out."""
    answer = call(*arguments, **options, _preload_content=False)
    body = json.loads(answer.data)
    assert answer.status == 200
    assert answer.headers["Content-Type"].replace(" ", "").lower() == "application/json;charset=utf-8"
    assert set(body) == ENVELOPE
    assert {key: body[key] for key in ENVELOPE - {"result"}} == {
        "status": "OK",
        "code": 200,
        "success": True,
        "message": None,
        "attributes": {},
    }
    return body["result"]


def test_experiment_api(api: Any, clean_up: Any, unique: str) -> None:
    experiment = api(ExperimentApi)
    assert raw(experiment.ping) == "Pong"
    created = raw(experiment.create_experiment, experiment_spec=experiment_spec("sleep 86394", name=unique))
    experiment_id = created["experimentId"]
    clean_up(experiment.delete_experiment, experiment_id)
    assert raw(experiment.get_experiment, experiment_id)["uid"] == created["uid"]
    assert created["uid"] in [found["uid"] for found in raw(experiment.list_experiments)]
    assert raw(experiment.list_experiments, status="NoSuchStatus") == []
    changed = experiment_spec("sleep 86393", name=unique)
    assert (
        raw(experiment.patch_experiment, experiment_id, experiment_spec=changed)["spec"]["meta"]["cmd"]
        == "sleep 86393"
    )
    assert raw(experiment.get_log, experiment_id)["experimentId"] == experiment_id
    assert experiment_id in [log["experimentId"] for log in raw(experiment.list_log)]
    assert raw(experiment.get_artifact_paths, experiment_id) == []
    assert raw(experiment.delete_experiment, experiment_id)["status"] == "Deleted"


def test_answers_are_the_models_of_the_sdk(api: Any, create: Any) -> None:
    experiment = api(ExperimentApi)
    experiment_id = create(experiment_spec("true"))["experimentId"]
    body, status, headers = experiment.get_experiment_with_http_info(experiment_id)
    assert isinstance(body, JsonResponse)
    assert (body.code, body.success, body.attributes, status) == (200, True, {}, 200)
    assert headers["Content-Type"].startswith("application/json")
    assert experiment.get_experiment(experiment_id, async_req=True).get(30) == experiment.get_experiment(
        experiment_id
    )


def test_environment_api(api: Any, clean_up: Any, unique: str) -> None:
    environment = api(EnvironmentApi)
    clean_up(environment.delete_environment, unique)
    created = raw(
        environment.create_environment, environment_spec=EnvironmentSpec(name=unique, docker_image="one")
    )
    assert created["environmentSpec"]["dockerImage"] == "one"
    assert raw(environment.get_environment, unique) == created
    assert created in raw(environment.list_environment)
    assert created in raw(environment.list_environment, status="ignored")
    updated = raw(
        environment.update_environment,
        unique,
        environment_spec=EnvironmentSpec(name=unique, docker_image="two"),
    )
    assert updated["environmentSpec"]["dockerImage"] == "two"
    assert raw(environment.delete_environment, unique)["environmentSpec"]["name"] == unique


def test_template_apis(api: Any, clean_up: Any, unique: str) -> None:
    one, many, experiment = api(ExperimentTemplateApi), api(ExperimentTemplatesApi), api(ExperimentApi)
    clean_up(many.delete_experiment_template, unique)
    spec = ExperimentTemplateSpec(
        name=unique, author="a", description="d", parameters=[], experiment_spec=experiment_spec("true")
    )
    created = raw(one.create_experiment_template, experiment_template_spec=spec)
    assert created["experimentTemplateSpec"]["name"] == unique
    assert raw(one.get_experiment_template, unique) == created
    assert created in raw(many.list_experiment_template)
    spec.description = "changed"
    changed = raw(many.update_experiment_template, unique, experiment_template_spec=spec)
    assert changed["experimentTemplateSpec"]["description"] == "changed"
    submitted = raw(
        experiment.submit_experiment_template,
        unique,
        experiment_template_submit=ExperimentTemplateSubmit(name=unique, params={}),
    )
    clean_up(experiment.delete_experiment, submitted["experimentId"])
    assert submitted["status"] == "Accepted"
    assert raw(many.delete_experiment_template, unique)["experimentTemplateSpec"]["name"] == unique


def test_auth_api_gives_a_token_as_text(api: Any) -> None:
    auth = api(AuthApi)
    token = raw(auth.token, login_param=LoginParam(username="admin", password="admin"))
    assert isinstance(token, str)
    assert token != ""


@pytest.mark.parametrize("call", ["get_tensorboard_info", "get_m_lflow_info"])
def test_dashboards_that_are_not_deployed_are_not_found(api: Any, call: str) -> None:
    refusal(getattr(api(ExperimentApi), call), 404)

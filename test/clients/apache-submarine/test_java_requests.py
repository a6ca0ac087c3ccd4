"""The requests of Submarine's own Java integration tests, in their order, as they are on the wire."""

import http.client
import json
from typing import Any

import pytest

TENSORFLOW = {
    "meta": {
        "name": "tf-mnist-json",
        "namespace": "default",
        "framework": "TensorFlow",
        "cmd": "sleep 86390",
        "envVars": {"ENV_1": "ENV1"},
    },
    "environment": {"image": "apache/submarine:tf-mnist-with-summaries-1.0"},
    "spec": {
        "Ps": {"replicas": 1, "resources": "cpu=1,memory=512M"},
        "Worker": {"replicas": 1, "resources": "cpu=1,memory=512M"},
    },
}
PYTORCH_YAML = """\
meta:
  name: "pytorch-mnist-yaml"
  namespace: "default"
  framework: "PyTorch"
  cmd: "sleep 86389"
  envVars:
    ENV_1: "ENV1"
environment:
  image: "apache/submarine:pytorch-dist-mnist-1.0"
spec:
  Master:
    name: "master"
    replicas: 1
    resources: "cpu=1,memory=512M"
  Worker:
    name: "worker"
    replicas: 1
    resources: "cpu=1,memory=512M"
"""
TEMPLATE = {
    "name": "tf-mnist-test_1",
    "author": "author",
    "description": "This is a template to run tf-mnist",
    "parameters": [
        {"name": "learning_rate", "value": 0.1, "required": True, "description": "mnist learning_rate"},
        {"name": "batch_size", "value": 150, "required": False, "description": "batch size"},
        {"name": "experiment_name", "value": "tf-mnist1", "required": True, "description": "the name"},
    ],
    "experimentSpec": {
        "meta": {
            "cmd": "echo --learning_rate={{learning_rate}} --batch_size={{batch_size}}",
            "name": "{{experiment_name}}",
            "envVars": {"ENV1": "ENV1"},
            "framework": "TensorFlow",
            "namespace": "default",
        },
        "spec": {"Worker": {"replicas": 1, "resources": "cpu=1,memory=512M"}},
        "environment": {"image": "apache/submarine:tf-mnist-with-summaries-1.0"},
    },
}


class JavaClient:
    """Sends what commons-httpclient sent: a bearer token on all but the first call, no Accept header."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.token: str | None = None

    def send(
        self, method: str, path: str, body: Any = None, kind: str = "application/json"
    ) -> tuple[int, str, bytes]:
        headers = {"Content-Type": kind} if method in ("POST", "PATCH") else {}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        content = body if isinstance(body, str) or body is None else json.dumps(body)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body=content, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.headers.get("Content-Type", ""), answer.read()
        finally:
            connection.close()

    def ask(self, method: str, path: str, *arguments: Any, status: int = 200) -> Any:
        """The result in the envelope of an answer with this status."""
        found, kind, content = self.send(method, path, *arguments)
        body = json.loads(content)
        assert (found, body["code"]) == (status, status), body
        assert kind.startswith("application/json")
        return body["result"]


@pytest.fixture
def java(server: Any) -> JavaClient:
    client = JavaClient(server.port)
    assert client.send("GET", "/")[0] == 200, "liveness, asked before all else"
    token = client.ask("POST", "/api/auth/token", {"username": "admin", "password": "admin"})
    assert isinstance(token, str)
    client.token = token
    return client


@pytest.mark.parametrize(
    ("body", "kind"),
    [(TENSORFLOW, "application/json"), (PYTORCH_YAML, "application/yaml")],
    ids=["json", "yaml"],
)
def test_an_experiment(java: JavaClient, body: Any, kind: str) -> None:
    assert java.ask("GET", "/api/v1/experiment/ping") == "Pong"
    created = java.ask("POST", "/api/v1/experiment", body, kind)
    assert created["status"] == "Accepted"
    assert created["uid"]
    assert created["acceptedTime"]
    # The later tests build the address of the experiment from its spec.
    path = f"/api/v1/experiment/{created['spec']['meta']['experimentId']}"
    found = java.ask("GET", path)
    assert [found[key] for key in ("experimentId", "uid", "name", "acceptedTime")] == [
        created[key] for key in ("experimentId", "uid", "name", "acceptedTime")
    ]
    assert java.ask("GET", f"{path}/")["uid"] == created["uid"]
    assert created["uid"] in [each["uid"] for each in java.ask("GET", "/api/v1/experiment/")]
    assert java.ask("PATCH", path, body, kind)["uid"] == created["uid"]
    assert java.ask("DELETE", path)["uid"] == created["uid"]
    java.ask("GET", path, status=404)


def test_an_experiment_without_a_spec(java: JavaClient) -> None:
    assert java.ask("POST", "/api/v1/experiment", "") is None
    status, _, content = java.send("POST", "/api/v1/experiment", "")
    assert (status, json.loads(content)["message"]) == (200, "Invalid experiment spec.")


def test_an_environment(java: JavaClient) -> None:
    spec = {
        "name": "my-submarine-test-env",
        "dockerImage": "continuumio/anaconda3",
        "kernelSpec": {
            "name": "team_default_python_3.7",
            "channels": ["defaults"],
            "condaDependencies": ["_ipyw_jlab_nb_ext_conf=0.1.0=py37_0"],
            "pipDependencies": [],
        },
    }
    path = "/api/v1/environment/my-submarine-test-env"
    created = java.ask("POST", "/api/v1/environment", spec)
    assert created["environmentSpec"]["name"] == spec["name"]
    assert java.ask("GET", path)["environmentSpec"]["kernelSpec"] == spec["kernelSpec"]
    assert spec["name"] in [
        each["environmentSpec"]["name"] for each in java.ask("GET", "/api/v1/environment/")
    ]
    changed = java.ask("PATCH", path, {**spec, "dockerImage": "other"})
    assert changed["environmentSpec"]["dockerImage"] == "other"
    assert java.ask("DELETE", path)["environmentSpec"]["name"] == spec["name"]
    java.ask("GET", path, status=404)


def test_a_template(java: JavaClient) -> None:
    path = f"/api/v1/template/{TEMPLATE['name']}"
    created = java.ask("POST", "/api/v1/template", TEMPLATE)
    assert isinstance(created["experimentTemplateId"]["id"], int)
    assert isinstance(created["experimentTemplateId"]["serverTimestamp"], int)
    assert java.ask("GET", path)["experimentTemplateSpec"]["name"] == TEMPLATE["name"]
    listed = java.ask("GET", "/api/v1/template/")
    assert TEMPLATE["name"] in [each["experimentTemplateSpec"]["name"] for each in listed]
    params = {"learning_rate": "0.01", "batch_size": "150", "experiment_name": "newexperiment1"}
    experiment = java.ask(
        "POST", f"/api/v1/experiment/{TEMPLATE['name']}", {"name": "tf-mnist", "params": params}
    )
    assert experiment["spec"]["meta"]["name"] == "newexperiment1"
    assert experiment["spec"]["meta"]["cmd"] == "echo --learning_rate=0.01 --batch_size=150"
    assert java.ask("DELETE", path)["experimentTemplateSpec"]["name"] == TEMPLATE["name"]
    java.ask("GET", path, status=404)
    java.ask("DELETE", f"/api/v1/experiment/{experiment['experimentId']}")


def test_the_openapi_document(java: JavaClient) -> None:
    status, _, content = java.send("GET", "/v1/openapi.json")
    assert status == 200
    assert content != b""


def test_what_it_may_not_send_is_answered_in_the_envelope(java: JavaClient) -> None:
    java.ask("POST", "/api/v1/experiment", "{", status=400)
    java.ask("POST", "/api/v1/experiment", "meta: [", "application/yaml", status=400)
    java.ask("POST", "/api/v1/experiment", "a=b", "application/x-www-form-urlencoded", status=415)
    java.ask("PUT", "/api/v1/experiment", status=405)
    java.ask("GET", "/api/v1/experiment/one/two/three", status=404)

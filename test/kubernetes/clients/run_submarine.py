"""Runs an experiment by the published SDK: says it as it was accepted, and its end with what its pods printed.

stdin has `url`, `experiment` in the words of Submarine's documentation, and a `token` if one is needed.
"""

import json
import sys
import time

from submarine.client.api.experiment_client import ExperimentClient
from submarine.client.models import EnvironmentSpec, ExperimentMeta, ExperimentSpec, ExperimentTaskSpec


def say(value: object) -> None:
    print(json.dumps(value), flush=True)


given = json.load(sys.stdin)
client = ExperimentClient(host=given["url"])
if "token" in given:
    # The SDK has no setting for one.
    client.experiment_api.api_client.set_default_header("Authorization", f"Bearer {given['token']}")
meta = dict(given["experiment"]["meta"])
spec = ExperimentSpec(
    meta=ExperimentMeta(env_vars=meta.pop("envVars", None), **meta),
    environment=EnvironmentSpec(**given["experiment"]["environment"]),
    spec={role: ExperimentTaskSpec(**task) for role, task in given["experiment"]["spec"].items()},
)
experiment = client.create_experiment(experiment_spec=spec)
say(experiment)
experiment_id = experiment["experimentId"]
# Not `wait_for_finish`, which does not return when an experiment fails.
while experiment["status"] not in ("Succeeded", "Failed"):
    time.sleep(0.2)
    experiment = client.get_experiment(experiment_id)
pods = client.experiment_api.get_log(experiment_id).result["logContent"]
say({**experiment, "logs": {pod["podName"]: pod["podLog"] for pod in pods}})

"""What the SDK raises for mistakes: ApiException with the status, and the envelope as its body."""

import json
from typing import Any

import pytest
from submarine.client import (
    EnvironmentApi,
    EnvironmentSpec,
    ExperimentApi,
    ExperimentTemplateApi,
    ExperimentTemplateParamSpec,
    ExperimentTemplatesApi,
    ExperimentTemplateSpec,
    ExperimentTemplateSubmit,
    ModelVersionApi,
    ModelVersionEntity,
    NotebookApi,
    NotebookSpec,
    RegisteredModelApi,
    RegisteredModelEntity,
    ServeApi,
    ServeSpec,
)
from submarine.client.api.notebook_client import NotebookClient
from submarine.client.api.serve_client import ServeClient
from submarine.tracking.client import SubmarineClient

from answers import refusal
from specs import experiment_spec, task

NO_EXPERIMENT = "Not found experiment."
NO_ENVIRONMENT = "Environment not found."
NO_TEMPLATE = "ExperimentTemplate not found."


UNKNOWN = "experiment_1586156073228_9999"


@pytest.mark.parametrize(
    "key", [UNKNOWN, "nonsense", "experiment_1_1", "../../etc/passwd", "%00", "x" * 2000]
)
def test_an_unknown_experiment_is_not_found(experiments: Any, api: Any, key: str) -> None:
    assert refusal(lambda: experiments.get_experiment(key), 404) == NO_EXPERIMENT
    assert refusal(lambda: experiments.delete_experiment(key), 404) == NO_EXPERIMENT
    assert refusal(lambda: experiments.patch_experiment(key, experiment_spec("true")), 404) == NO_EXPERIMENT
    assert refusal(lambda: experiments.get_log(key), 404) == NO_EXPERIMENT
    assert api(ExperimentApi).get_artifact_paths(key).result == []


def test_an_unknown_environment_is_not_found(
    environments: Any, experiments: Any, api: Any, unique: str
) -> None:
    assert refusal(lambda: environments.get_environment(unique), 404) == NO_ENVIRONMENT
    assert refusal(lambda: environments.delete_environment(unique), 404) == NO_ENVIRONMENT
    assert (
        refusal(lambda: environments.update_environment(unique, EnvironmentSpec(name=unique)), 404)
        == NO_ENVIRONMENT
    )
    spec = experiment_spec("true")
    spec.environment = EnvironmentSpec(name=unique)
    assert refusal(lambda: experiments.create_experiment(spec), 404) == NO_ENVIRONMENT


def test_an_unknown_template_is_not_found(api: Any, unique: str) -> None:
    one, many = api(ExperimentTemplateApi), api(ExperimentTemplatesApi)
    body = ExperimentTemplateSubmit(name=unique, params={})
    submit = api(ExperimentApi).submit_experiment_template
    assert refusal(lambda: one.get_experiment_template(unique), 404) == NO_TEMPLATE
    assert refusal(lambda: many.delete_experiment_template(unique), 404) == NO_TEMPLATE
    assert refusal(lambda: submit(unique, experiment_template_submit=body), 404) == NO_TEMPLATE
    spec = ExperimentTemplateSpec(name=unique, parameters=[], experiment_spec=experiment_spec("true"))
    assert (
        refusal(lambda: many.update_experiment_template(unique, experiment_template_spec=spec), 404)
        == NO_TEMPLATE
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"framework": "Caffe"},
            "Unsupported framework name: Caffe. Supported frameworks are: TENSORFLOW,PYTORCH,XGBOOST",
        ),
        (
            {"roles": {"Captain": task()}},
            "Unrecognized replica type name: Captain, "
            "it should be Ps,Worker,Chief,Master,Evaluator for TensorFlow experiment.",
        ),
        (
            {"framework": "PyTorch", "roles": {"Ps": task()}},
            "Unrecognized replica type name: Ps, it should be Master,Worker for PyTorch experiment.",
        ),
    ],
    ids=["framework", "role", "role of another framework"],
)
def test_a_wrong_spec_is_refused_in_the_words_of_submarine(
    experiments: Any, change: Any, message: str
) -> None:
    assert refusal(lambda: experiments.create_experiment(experiment_spec("true", **change)), 400) == message


@pytest.mark.parametrize("missing", ["meta", "spec"])
def test_a_spec_that_lacks_a_part_is_refused_by_its_name(experiments: Any, missing: str) -> None:
    spec = experiment_spec("true")
    setattr(spec, missing, None)
    assert missing in refusal(lambda: experiments.create_experiment(spec), 400)


@pytest.mark.parametrize("replicas", [-1, "many", 1.5, 10**12])
def test_an_impossible_number_of_replicas_is_refused(experiments: Any, replicas: Any) -> None:
    spec = experiment_spec("true", roles={"Worker": task(replicas=replicas)})
    assert "replicas" in refusal(lambda: experiments.create_experiment(spec), 400)


def test_an_empty_spec_gives_success_and_says_so(api: Any) -> None:
    # The one mistake that Submarine answers with 200; its Java tests count on it.
    answer = api(ExperimentApi).create_experiment(_preload_content=False)
    assert answer.status == 200
    assert json.loads(answer.data)["message"] == "Invalid experiment spec."
    assert json.loads(answer.data)["result"] is None


def test_wrong_environments_are_refused(environments: Any, api: Any, clean_up: Any, unique: str) -> None:
    environments.create_environment(EnvironmentSpec(name=unique, docker_image="x"))
    clean_up(environments.delete_environment, unique)
    again = refusal(lambda: environments.create_environment(EnvironmentSpec(name=unique)), 400)
    assert again == "Unable to process the environment spec."
    assert refusal(lambda: api(EnvironmentApi).create_environment(), 400) == "Invalid environment spec."


def test_wrong_templates_are_refused(api: Any, clean_up: Any, unique: str) -> None:
    one = api(ExperimentTemplateApi)

    def register(cmd: str, parameters: list[str]) -> Any:
        specs = [ExperimentTemplateParamSpec(name=name, required="true", value="") for name in parameters]
        spec = ExperimentTemplateSpec(name=unique, parameters=specs, experiment_spec=experiment_spec(cmd))
        return one.create_experiment_template(experiment_template_spec=spec)

    assert "Parameters contains unused key: [idle]" in refusal(lambda: register("true", ["idle"]), 400)
    assert "Template contains unmapped value: [meta.cmd:who]" in refusal(
        lambda: register("echo {{who}}", []), 400
    )
    register("true", [])
    clean_up(api(ExperimentTemplatesApi).delete_experiment_template, unique)
    again = refusal(lambda: register("true", []), 400)
    assert again.startswith("Unable to insert or update the experimentTemplate spec:")
    assert refusal(lambda: one.create_experiment_template(), 400) == "Invalid experimentTemplate spec."


NOTEBOOKS = [
    ("create_notebook", {"notebook_spec": NotebookSpec()}),
    ("get_notebook", {"id": "notebook_1_0001"}),
    ("list_notebooks", {"id": "nobody"}),
    ("delete_notebook", {"id": "notebook_1_0001"}),
    ("ping2", {}),
]
SERVES = [
    ("create_serve", {"serve_spec": ServeSpec()}),
    ("delete_serve", {"serve_spec": ServeSpec()}),
    ("ping4", {}),
]
MODELS = [
    ("create_registered_model", {"registered_model_entity": RegisteredModelEntity(name="m")}),
    ("list_registered_models", {}),
    ("get_registered_model", {"name": "m"}),
    ("update_registered_model", {"name": "m", "registered_model_entity": RegisteredModelEntity(name="m")}),
    ("delete_registered_model", {"name": "m"}),
    ("create_registered_model_tag", {"name": "m", "tag": "t"}),
    ("delete_registered_model_tag", {"name": "m", "tag": "t"}),
    ("ping3", {}),
]
VERSIONS = [
    ("create_model_version", {"model_version_entity": ModelVersionEntity(name="m"), "base_dir": "x"}),
    ("list_model_versions", {"name": "m"}),
    ("get_model_version", {"name": "m", "version": 1}),
    ("update_model_version", {"model_version_entity": ModelVersionEntity(name="m", version=1)}),
    ("delete_model_version", {"name": "m", "version": 1}),
    ("create_model_version_tag", {"name": "m", "version": "1", "tag": "t"}),
    ("delete_model_version_tag", {"name": "m", "version": "1", "tag": "t"}),
    ("ping1", {}),
]


@pytest.mark.parametrize(
    ("kind", "name", "arguments"),
    [
        (kind, name, arguments)
        for kind, calls in (
            (NotebookApi, NOTEBOOKS),
            (ServeApi, SERVES),
            (RegisteredModelApi, MODELS),
            (ModelVersionApi, VERSIONS),
        )
        for name, arguments in calls
    ],
    ids=lambda value: value if isinstance(value, str) else getattr(value, "__name__", ""),
)
def test_what_franca_does_not_serve_is_not_found(
    api: Any, kind: type, name: str, arguments: dict[str, Any]
) -> None:
    # Notebooks, model serving and the model registry need a cluster of other servers.
    refusal(lambda: getattr(api(kind), name)(**arguments), 404)


def test_the_written_clients_of_what_is_not_served_raise_too(
    server: Any, recorder: Any, tmp_path: Any
) -> None:
    notebooks = recorder.watch(NotebookClient(host=server.url))
    refusal(lambda: notebooks.create_notebook(NotebookSpec()), 404)
    refusal(lambda: notebooks.get_notebook("n"), 404)
    refusal(lambda: notebooks.get_notebook_async("n").get(30), 404)
    refusal(lambda: notebooks.list_notebooks("u"), 404)
    refusal(lambda: notebooks.list_notebooks_async("u").get(30), 404)
    refusal(lambda: notebooks.delete_notebook("n"), 404)
    refusal(lambda: notebooks.delete_notebook_async("n").get(30), 404)
    serves = recorder.watch(ServeClient(host=server.url))
    refusal(lambda: serves.create_serve("m", 1, async_req=False), 404)
    refusal(lambda: serves.delete_serve("m", 1, async_req=True).get(30), 404)
    tracking = recorder.watch(SubmarineClient(db_uri=f"sqlite:///{tmp_path}/tracking.db", host=server.url))
    refusal(lambda: tracking.create_serve("m", 1, async_req=False), 404)
    refusal(lambda: tracking.delete_serve("m", 1).get(30), 404)

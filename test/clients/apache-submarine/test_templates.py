"""Experiment templates, by the SDK's generated classes: 0.8 has no written client for them."""

from typing import Any

import pytest
from submarine.client import (
    ApiException,
    CodeSpec,
    ExperimentApi,
    ExperimentTemplateApi,
    ExperimentTemplateParamSpec,
    ExperimentTemplatesApi,
    ExperimentTemplateSpec,
    ExperimentTemplateSubmit,
    GitCodeSpec,
)

from specs import experiment_spec, task


def template(name: str) -> ExperimentTemplateSpec:
    """The seed's kind of template: one parameter required, one with a default, both in the command."""
    return ExperimentTemplateSpec(
        name=name,
        author="author",
        description="This is a template",
        parameters=[
            ExperimentTemplateParamSpec(name="word", required="true", description="what to say"),
            ExperimentTemplateParamSpec(name="times", required="false", value="3", description="how often"),
        ],
        experiment_spec=experiment_spec(
            "echo {{word}} {{times}}", name=f"{name}-run", roles={"Worker": task()}
        ),
    )


@pytest.fixture
def registered(api: Any, clean_up: Any, unique: str) -> dict[str, Any]:
    created = (
        api(ExperimentTemplateApi)
        .create_experiment_template(experiment_template_spec=template(unique))
        .result
    )
    clean_up(api(ExperimentTemplatesApi).delete_experiment_template, unique)
    return created


def submit(api: Any, name: str, params: dict[str, str]) -> Any:
    body = ExperimentTemplateSubmit(name=name, params=params)
    return api(ExperimentApi).submit_experiment_template(name, experiment_template_submit=body).result


def test_a_registered_template_shows_its_parameters(
    api: Any, registered: dict[str, Any], unique: str
) -> None:
    assert isinstance(registered["experimentTemplateId"], dict), "the Java client reads an object"
    spec = registered["experimentTemplateSpec"]
    assert (spec["name"], spec["author"], spec["description"]) == (unique, "author", "This is a template")
    parameters = {parameter["name"]: parameter for parameter in spec["parameters"]}
    assert parameters["word"]["required"] == "true"
    assert parameters["times"]["value"] == "3"
    # Registration adds what can be changed of each role.
    assert parameters["spec.Worker.replicas"]["value"] == "1"
    assert parameters["spec.Worker.resourceMap.cpu"]["value"] == "1"
    assert parameters["spec.Worker.resourceMap.memory"]["value"] == "1024M"
    assert api(ExperimentTemplateApi).get_experiment_template(unique).result == registered
    assert registered in api(ExperimentTemplatesApi).list_experiment_template().result


@pytest.mark.parametrize(
    ("params", "said"),
    [({"word": "hello"}, "hello 3"), ({"word": "a-b", "times": "5"}, "a-b 5")],
    ids=["default", "given"],
)
def test_a_submitted_template_runs_with_its_values(
    api: Any,
    experiments: Any,
    clean_up: Any,
    registered: Any,
    unique: str,
    printed: Any,
    params: Any,
    said: str,
) -> None:
    experiment = submit(api, unique, params)
    clean_up(experiments.delete_experiment, experiment["experimentId"])
    assert experiment["status"] == "Accepted"
    assert experiment["spec"]["meta"]["cmd"] == f"echo {said}"
    assert printed(lambda: experiments.wait_for_finish(experiment["experimentId"], 0.05)) == [said]


def test_roles_are_changed_by_path(
    api: Any, experiments: Any, clean_up: Any, registered: Any, unique: str
) -> None:
    params = {"word": "x", "spec.Worker.replicas": "2", "spec.Worker.resourceMap.memory": "512M"}
    experiment = submit(api, unique, params)
    clean_up(experiments.delete_experiment, experiment["experimentId"])
    worker = experiment["spec"]["spec"]["Worker"]
    assert worker["replicas"] == 2
    assert set(worker["resources"].split(",")) == {"cpu=1", "memory=512M"}


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"word": "x", "nobody": "y"}, "Parameters contains illegal key: [nobody]"),
        ({"times": "4"}, "Template contains unmapped value: [word]"),
    ],
    ids=["unknown", "missing"],
)
def test_wrong_values_are_refused(api: Any, registered: Any, unique: str, params: Any, message: str) -> None:
    with pytest.raises(ApiException) as raised:
        submit(api, unique, params)
    assert raised.value.status == 400
    assert message in str(raised.value.body)


def test_a_changed_template_is_what_is_submitted_next(
    api: Any, experiments: Any, clean_up: Any, registered: Any, unique: str
) -> None:
    changed = template(unique)
    changed.experiment_spec.meta.cmd = "echo changed {{word}} {{times}}"
    api(ExperimentTemplatesApi).update_experiment_template(unique, experiment_template_spec=changed)
    experiment = submit(api, unique, {"word": "x"})
    clean_up(experiments.delete_experiment, experiment["experimentId"])
    assert experiment["spec"]["meta"]["cmd"] == "echo changed x 3"


def test_a_deleted_template_is_gone(api: Any, registered: Any, unique: str) -> None:
    api(ExperimentTemplatesApi).delete_experiment_template(unique)
    with pytest.raises(ApiException) as raised:
        submit(api, unique, {"word": "x"})
    assert raised.value.status == 404
    names = [
        each["experimentTemplateSpec"]["name"]
        for each in api(ExperimentTemplatesApi).list_experiment_template().result
    ]
    assert unique not in names


def test_a_template_does_not_show_the_password_of_its_code(api: Any, clean_up: Any, unique: str) -> None:
    spec = template(unique)
    spec.experiment_spec.code = CodeSpec(
        sync_mode="git", git=GitCodeSpec(url="https://example.org/code.git", password="hunter2")
    )
    created = api(ExperimentTemplateApi).create_experiment_template(experiment_template_spec=spec).result
    clean_up(api(ExperimentTemplatesApi).delete_experiment_template, unique)
    found = api(ExperimentTemplateApi).get_experiment_template(unique).result
    for shown in (created, found):
        assert shown["experimentTemplateSpec"]["experimentSpec"]["code"]["git"]["url"]
        assert "hunter2" not in str(shown)

"""EnvironmentClient."""

import re
from typing import Any

import pytest
from submarine.client import ApiException, EnvironmentSpec, KernelSpec
from submarine.client.api.environment_client import EnvironmentClient

ID = re.compile(r"environment_\d{13}_\d{4,}")


def specification(name: str, **rest: Any) -> EnvironmentSpec:
    kernel = KernelSpec(
        name="team_default_python_3.8",
        channels=["defaults"],
        conda_dependencies=["_ipyw_jlab_nb_ext_conf=0.1.0=py38_0", "alabaster=0.7.12=py38_0"],
        pip_dependencies=["apache-submarine==0.8.0"],
    )
    return EnvironmentSpec(name=name, docker_image="continuumio/anaconda3", kernel_spec=kernel, **rest)


def test_an_environment_from_its_creation_to_its_end(
    environments: EnvironmentClient, clean_up: Any, unique: str
) -> None:
    clean_up(environments.delete_environment, unique)
    created = environments.create_environment(specification(unique, description="for tests"))
    assert ID.fullmatch(created["environmentId"])
    spec = created["environmentSpec"]
    assert (spec["name"], spec["dockerImage"], spec["description"]) == (
        unique,
        "continuumio/anaconda3",
        "for tests",
    )
    assert spec["kernelSpec"] == {
        "name": "team_default_python_3.8",
        "channels": ["defaults"],
        "condaDependencies": ["_ipyw_jlab_nb_ext_conf=0.1.0=py38_0", "alabaster=0.7.12=py38_0"],
        "pipDependencies": ["apache-submarine==0.8.0"],
    }
    assert environments.get_environment(unique) == created
    assert created in environments.list_environments()
    assert created in environments.list_environments(status="ignored")

    # An update replaces the whole: what it leaves out is gone.
    updated = environments.update_environment(
        unique, EnvironmentSpec(name=unique, docker_image="other", image="img")
    )
    assert (updated["environmentSpec"]["dockerImage"], updated["environmentSpec"]["image"]) == (
        "other",
        "img",
    )
    assert not updated["environmentSpec"]["kernelSpec"]
    assert environments.get_environment(unique) == updated

    assert environments.delete_environment(unique)["environmentSpec"]["name"] == unique
    assert unique not in [found["environmentSpec"]["name"] for found in environments.list_environments()]
    for call in (environments.get_environment, environments.delete_environment):
        with pytest.raises(ApiException) as raised:
            call(unique)
        assert raised.value.status == 404


def test_the_async_calls_give_the_same(environments: EnvironmentClient, clean_up: Any, unique: str) -> None:
    clean_up(environments.delete_environment, unique)
    created = environments.create_environment_async(specification(unique)).get(30).result
    assert environments.get_environment_async(unique).get(30).result == created
    assert created in environments.list_environments_async().get(30).result
    assert environments.delete_environment_async(unique).get(30).result["environmentSpec"]["name"] == unique


def test_an_environment_without_docker_image_keeps_the_key(
    environments: EnvironmentClient, clean_up: Any, unique: str
) -> None:
    # The command line reads environmentSpec["dockerImage"] of every row of the list.
    clean_up(environments.delete_environment, unique)
    environments.create_environment(EnvironmentSpec(name=unique, image="busybox"))
    for listed in environments.list_environments():
        assert "dockerImage" in listed["environmentSpec"]
        assert isinstance(listed["environmentId"], str)

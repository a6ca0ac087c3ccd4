"""Specs as the SDK's users write them."""

from typing import Any

from submarine.client import (
    EnvironmentSpec,
    ExperimentMeta,
    ExperimentSpec,
    ExperimentTaskSpec,
)


def experiment_spec(
    cmd: str,
    name: str = "client-test",
    framework: str = "TensorFlow",
    roles: dict[str, Any] | None = None,
    **meta: Any,
) -> ExperimentSpec:
    """An experiment of one worker, unless roles are given; `meta` are further fields of ExperimentMeta."""
    return ExperimentSpec(
        meta=ExperimentMeta(name=name, namespace="default", framework=framework, cmd=cmd, **meta),
        environment=EnvironmentSpec(image="apache/submarine:tf-mnist-with-summaries-1.0"),
        spec=roles or {"Worker": task()},
    )


def task(replicas: int = 1, resources: str = "cpu=1,memory=1024M", **rest: Any) -> ExperimentTaskSpec:
    return ExperimentTaskSpec(replicas=replicas, resources=resources, **rest)

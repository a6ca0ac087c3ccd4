"""Every public call of the client and of its command line was made by the other tests, or is named here."""

import base64
import hashlib
import importlib.metadata
import os

import pytest

import calls
from calls import CallRecorder

CLIENT = os.environ["FRANCA_TEST_CLIENT"]
VERSION = CLIENT.rpartition("-")[2]

NOT_DRIVEN = {
    # The command line. A name stands for what begins with it.
    "polyaxon admin": "deploys Polyaxon itself and calls no server",
    "polyaxon build": "builds of images, which Franca answers with 404 (`run` of one is tried)",
    "polyaxon completion": "writes the shell's configuration and calls no server",
    "polyaxon dashboard --yes": "opens a browser",
    "polyaxon deploy": "deploys Polyaxon itself and calls no server",
    "polyaxon group": "groups of experiments, which Franca answers with 404 (`project groups` is tried)",
    "polyaxon job": "jobs without experiment, which Franca answers with 404 (`project jobs` is tried)",
    "polyaxon notebook": "notebooks, which Franca answers with 404",
    "polyaxon run --local": "runs in Docker on the user's machine",
    "polyaxon run --conda_env": "runs in conda on the user's machine",
    "polyaxon teardown": "takes Polyaxon itself away and calls no server",
    "polyaxon upgrade": "installs another version of itself",
    "polyaxon bookmark builds": "see build",
    "polyaxon bookmark groups": "see group",
    "polyaxon bookmark jobs": "see job",
    # `config purge` takes settings and does nothing with them.
    "polyaxon config purge --": "ignored by the program",
    # The client.
    "BuildJobApi.": "see build",
    "DatasetApi.": "data sets: the client does not offer this class, and Polyaxon 0.5 has no such address",
    "ExperimentGroupApi.": "see group",
    "JobApi.": "see job",
    "PolyaxonClient.reconcile": "for Polyaxon's own sidecars: an address that only Polyaxon's jobs are given",
    "PolyaxonClient.set_": "settings of the client; health checks are set by tracking",
    "PolyaxonClient.reset": "forgets connections",
    "PolyaxonClient.unset_health_check": "used by nobody",
    "Experiment.log_build": "raises before it calls: it calls the number that it is given",
}


@pytest.mark.parametrize("name", ["polyaxon-client", "polyaxon-cli", "polyaxon-schemas"])
def test_the_client_is_the_published_one(name: str) -> None:
    package = importlib.metadata.distribution(name)
    assert package.version == VERSION
    # Each of these packages brings a folder `tests`; of those the one that was installed last is there.
    files = [file for file in package.files or [] if file.parts[0] != "tests"]
    hashed = [file for file in files if file.hash is not None]
    assert len(hashed) > 50
    for file in hashed:
        digest = hashlib.new(file.hash.mode, file.locate().read_bytes()).digest()
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == file.hash.value, file


def test_every_call_was_made_or_is_named(recorder: CallRecorder) -> None:
    everything = calls.all_calls()
    named = {call for call in everything for begin in NOT_DRIVEN if call.startswith(begin)}
    assert [begin for begin in NOT_DRIVEN if not any(call.startswith(begin) for call in everything)] == []
    assert sorted(recorder.made & named) == []
    assert sorted(everything - recorder.made - named) == []

"""Every call of the client on models and experiments was made by the other tests, or is named here."""

import base64
import hashlib
import importlib.metadata

import calls
from calls import CallRecorder

NOT_DRIVEN = {
    "promote_version": "writes models, which are not here; `create` is tried",
    "async Model.create": "the same call as the one that is tried",
    "async Model.with_raw_response.create": "the same",
    "async Model.with_streaming_response.create": "the same",
}


def test_the_client_is_the_published_one() -> None:
    package = importlib.metadata.distribution("foundry-platform-sdk")
    assert package.version == "1.111.0"
    hashed = [file for file in package.files or [] if file.hash is not None]
    assert len(hashed) > 100
    for file in hashed:
        digest = hashlib.new(file.hash.mode, file.locate().read_bytes()).digest()
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == file.hash.value, file


def test_every_call_was_made_or_is_named(recorder: CallRecorder) -> None:
    everything = calls.all_calls()
    named = {call for call in everything for end in NOT_DRIVEN if call.endswith(end)}
    assert [end for end in NOT_DRIVEN if not any(call.endswith(end) for call in everything)] == []
    assert sorted(everything - recorder.made - named) == []

"""Every public call of the SDK and its command line was made by the other tests, or is named here."""

import base64
import hashlib
import importlib.metadata

import calls
from calls import CallRecorder

NOT_DRIVEN = {
    "submarine.save_model": "uploads to an S3 store, needs PyTorch or TensorFlow, and calls no server",
    "SubmarineClient.save_model": "the same",
}


def test_the_client_is_the_published_one() -> None:
    package = importlib.metadata.distribution("apache-submarine")
    assert package.version == "0.8.0"
    hashed = [file for file in package.files or [] if file.hash is not None]
    assert len(hashed) > 100
    for file in hashed:
        digest = hashlib.new(file.hash.mode, file.locate().read_bytes()).digest()
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == file.hash.value, file


def test_every_call_was_made_or_is_named(recorder: CallRecorder) -> None:
    everything = calls.all_calls()
    assert NOT_DRIVEN.keys() <= everything
    assert recorder.made & NOT_DRIVEN.keys() == set()
    assert sorted(everything - recorder.made - NOT_DRIVEN.keys()) == []

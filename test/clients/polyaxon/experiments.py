"""Experiments as Polyaxon's users write them, and the client that speaks of them."""

import json
from pathlib import Path
from typing import Any

import yaml
from polyaxon_client.client import PolyaxonClient

USER = "root"


def connect(port: int, **options: Any) -> PolyaxonClient:
    """A client of the server on that port that raises what is refused; `options` are further ones of it."""
    settings: dict[str, Any] = {"token": "any", "reraise": True, "is_managed": False, **options}
    return PolyaxonClient(host="127.0.0.1", port=port, use_https=False, **settings)


def specification(cmd: str | list[str], **sections: Any) -> dict[str, Any]:
    return {"version": 1, "kind": "experiment", **sections, "run": {"cmd": cmd}}


def content(cmd: str | list[str], **sections: Any) -> str:
    """The text that the client sends for a file."""
    return json.dumps(specification(cmd, **sections))


def polyaxonfile(
    folder: Path, cmd: str | list[str], name: str = "polyaxonfile.yaml", **sections: Any
) -> Path:
    file = folder / name
    file.write_text(yaml.safe_dump(specification(cmd, **sections), sort_keys=False))
    return file

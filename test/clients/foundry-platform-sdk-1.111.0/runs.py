"""Runs as other clients write them: the client of these tests only reads."""

import json
import uuid
from typing import Any
from urllib.request import Request, urlopen

USER = "root"


class Writer:
    """Speaks the REST API of another dialect to a server."""

    def __init__(self, url: str, token: str = "any") -> None:
        self.url = url
        self.token = token

    def call(self, method: str, path: str, body: Any = None) -> Any:
        request = Request(
            f"{self.url}/api/v1/{path}",
            None if body is None else json.dumps(body).encode(),
            {"Content-Type": "application/json", "Authorization": f"Token {self.token}"},
            method=method,
        )
        with urlopen(request, timeout=60) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def project(self, name: str) -> "WrittenProject":
        made = self.call("POST", "projects", {"name": name})
        return WrittenProject(self, name, f"ri.models.main.model.{uuid.UUID(made['uuid'])}")


class WrittenProject:
    def __init__(self, writer: Writer, name: str, rid: str) -> None:
        self.writer = writer
        self.name = name
        self.rid = rid

    def create(self, **fields: Any) -> "WrittenRun":
        """A run that reports by itself, unless `content` is a file to be run."""
        if "content" not in fields:
            fields["is_managed"] = False
        made = self.writer.call("POST", f"{USER}/{self.name}/experiments", fields)
        return WrittenRun(self, made["id"], f"ri.models.main.experiment.{uuid.UUID(made['uuid'])}")

    def delete(self) -> None:
        self.writer.call("DELETE", f"{USER}/{self.name}")


class WrittenRun:
    def __init__(self, project: WrittenProject, number: int, rid: str) -> None:
        self.project = project
        self.rid = rid
        self.path = f"{USER}/{project.name}/experiments/{number}"

    @property
    def rids(self) -> tuple[str, str]:
        """Of its model, and its own: what the client's calls begin with."""
        return self.project.rid, self.rid

    def log(self, rows: Any) -> None:
        """Metrics: one row of them, or many."""
        self.project.writer.call("POST", f"{self.path}/metrics", rows)

    def report(self, status: str, message: str | None = None) -> None:
        self.project.writer.call("POST", f"{self.path}/statuses", {"status": status, "message": message})

    def status(self) -> str:
        return str(self.project.writer.call("GET", self.path)["last_status"])

    def log_text(self) -> str:
        with urlopen(f"{self.project.writer.url}/api/v1/{self.path}/logs", timeout=30) as answer:
            return str(answer.read().decode())

    def delete(self) -> None:
        self.project.writer.call("DELETE", self.path)

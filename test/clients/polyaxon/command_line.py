"""The `polyaxon` program, run as a user runs it."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from calls import CallRecorder

PROGRAMS = Path(sys.executable).parent
# Printed now and then by clients that are older than the latest that Franca names.
NOTE = "New version of CLI (0.6.1) is now available. To upgrade run:\n    pip install -U polyaxon-cli\n"


@dataclass(frozen=True)
class CommandLine:
    """The program with a home, where it keeps its login, and a folder, where it keeps its project."""

    home: Path
    folder: Path
    recorder: CallRecorder

    def inside(self, folder: Path) -> "CommandLine":
        return replace(self, folder=folder)

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        self.recorder.command(arguments)
        kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
        return subprocess.Popen(
            [str(PROGRAMS / "polyaxon"), *arguments],
            cwd=self.folder,
            env={**kept, "HOME": str(self.home), "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def raw(self, *arguments: str, answer: str = "", code: int = 0, seconds: float = 120) -> str:
        """What it prints. `answer` is typed in, `code` is the exit code that it must have."""
        process = self.start(*arguments)
        try:
            output, errors = process.communicate(answer, timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            output, errors = process.communicate()
            raise AssertionError(f"polyaxon {' '.join(arguments)} does not end: {output}{errors}") from None
        said = f"polyaxon {' '.join(arguments)}: {output}{errors}"
        assert process.returncode == code, said
        assert "Traceback" not in errors, said
        return output

    def __call__(self, *arguments: str, answer: str = "", code: int = 0, seconds: float = 120) -> str:
        return self.raw(*arguments, answer=answer, code=code, seconds=seconds).replace(NOTE, "")


def _section(output: str, title: str) -> list[str]:
    """The lines of a table below a title, up to the blank line after it."""
    lines = output.splitlines()
    assert title in lines, f"no {title!r} in {output}"
    table: list[str] = []
    for line in lines[lines.index(title) + 1 :]:
        if line.strip():
            table.append(line)
        elif table:
            break
    return table


def _cells(line: str, rule: str) -> list[str]:
    columns = [match.span() for match in re.finditer("-+", rule)]
    ends = [start for start, _ in columns[1:]] + [len(line)]
    return [line[start:end].strip() for (start, _), end in zip(columns, ends, strict=True)]


def facts(output: str, title: str) -> dict[str, str]:
    """A table of names and values."""
    rule, *lines = _section(output, title)
    return {name: value for name, value in (_cells(line, rule) for line in lines[:-1])}


def rows(output: str, title: str) -> list[dict[str, str]]:
    """A table with a heading."""
    heading, rule, *lines = _section(output, title)
    names = _cells(heading, rule)
    return [dict(zip(names, _cells(line, rule), strict=True)) for line in lines]

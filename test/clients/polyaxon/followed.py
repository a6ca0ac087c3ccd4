"""A program that prints while it is watched, and jobs that wait for the test."""

import subprocess
import threading
from pathlib import Path

from command_line import NOTE
from franca_session import PATIENCE_SECONDS, wait_until


def gate(file: Path) -> str:
    """A shell command that ends when the file is there."""
    return f"until [ -e {file} ]; do sleep 0.05; done"


class Followed:
    """What a started program prints, line by line as it comes."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.printed: list[str] = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.printed.extend(iter(self.process.stdout.readline, ""))

    def lines(self) -> list[str]:
        said = "".join(list(self.printed))
        return [line for line in said.replace(NOTE, "").splitlines() if line]

    def wait_for(self, end_of_line: str) -> None:
        wait_until(
            lambda: any(line.endswith(end_of_line) for line in self.lines()),
            lambda: f"{end_of_line!r} is not in {self.lines()}",
        )

    def end(self, seconds: float = PATIENCE_SECONDS) -> list[str]:
        """All lines, when it ended by itself and well."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"it does not end: {self.lines()}") from None
        finally:
            self.reader.join(PATIENCE_SECONDS)
        assert self.process.stderr is not None
        errors = self.process.stderr.read()
        assert code == 0, f"{self.lines()} {errors}"
        assert "Traceback" not in errors, errors
        return self.lines()

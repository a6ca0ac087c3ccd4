"""A compiled Franca, started for tests on a free port with its data in a temporary folder."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PROGRAM = CHECKOUT / "dist" / "src" / "main.js"
START_SECONDS = 30
STOP_SECONDS = 15


class FrancaServer:
    """Start with `start()`, end with `stop()` and then `remove()`. `url` is where it answers.

    `settings` are further FRANCA_ variables.
    """

    def __init__(self, settings: dict[str, str] | None = None) -> None:
        self.settings = settings or {}
        self.folder = Path(tempfile.mkdtemp(prefix="franca-"))
        self.log = self.folder / "server.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def variables(self) -> dict[str, str]:
        # The settings of whoever runs the tests are not those of the tests.
        own = {name: value for name, value in os.environ.items() if not name.startswith("FRANCA_")}
        return own | {
            "FRANCA_DATA": str(self.folder / "data"),
            "FRANCA_PORT": str(self.port),
            "FRANCA_LOCAL_SLOTS": "8",
            **self.settings,
        }

    def administer(self, *arguments: str) -> str:
        """What another command of the program prints, run on this server's data."""
        command = ["node", str(PROGRAM), *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=self.variables(), check=True, capture_output=True, text=True
        ).stdout

    def start(self) -> None:
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                ["node", str(PROGRAM), "serve"],
                cwd=self.folder,
                env=self.variables(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready():
            if self.process.poll() is not None:
                raise RuntimeError(f"Franca ended with {self.process.returncode}:\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"Franca was not ready in {START_SECONDS} s:\n{self.log_tail()}")
            time.sleep(0.05)

    def is_ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def stop(self) -> int | None:
        """Ends the server as a user would and gives its exit code; None if it had to be killed."""
        if self.process is None:
            return None
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None

    def processes(self) -> dict[int, str]:
        """The living processes that work in this server's folder: jobs, supervisors, itself (Linux)."""
        mark = str(self.folder).encode()
        found: dict[int, str] = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                command = (entry / "cmdline").read_bytes()
                mine = mark in command or mark in (entry / "environ").read_bytes()
                mine = mine or os.readlink(entry / "cwd").startswith(str(self.folder))
            except OSError:  # ended meanwhile, or another user's
                continue
            if mine and command and int(entry.name) != os.getpid():
                found[int(entry.name)] = command.replace(b"\0", b" ").decode(errors="replace").strip()
        return found

    def log_tail(self, lines: int = 40) -> str:
        if not self.log.exists():
            return ""
        last = self.log.read_text(errors="replace").splitlines()[-lines:]
        if self.process is not None and self.process.poll() is not None:
            last.append(f"(the server ended with {self.process.returncode})")
        return "\n".join(last)

    def remove(self) -> None:
        for process in self.processes():
            os.kill(process, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

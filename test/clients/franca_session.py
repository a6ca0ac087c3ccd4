"""What the tests of every client need: a server for the session, patience, and reports that help."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from franca_server import FrancaServer

PATIENCE_SECONDS = 60


def wait_until(
    condition: Callable[[], bool], explain: Callable[[], str], seconds: float = PATIENCE_SECONDS
) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not so after {seconds} s: {explain()}")
        time.sleep(0.05)


@contextmanager
def running(server: FrancaServer) -> Iterator[FrancaServer]:
    """Starts a server; leaving a process behind or a bad end fails the session."""
    try:
        try:
            server.start()
        except RuntimeError as failure:
            pytest.exit(str(failure), returncode=1)
        yield server
        # Every test deleted its experiments, so that their jobs end and only the server is left.
        wait_until(lambda: len(server.processes()) <= 1, lambda: f"left running: {server.processes()}")
        exit_code = server.stop()
        assert exit_code == 0, f"SIGTERM ended the server with {exit_code}:\n{server.log_tail()}"
        wait_until(lambda: server.processes() == {}, lambda: f"left behind: {server.processes()}")
    finally:
        server.stop()
        server.remove()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: Any) -> Any:
    """A failure shows what the server last said."""
    report = yield
    server = getattr(item, "funcargs", {}).get("server")
    if report.failed and server is not None:
        report.sections.append(("the end of Franca's log", server.log_tail(15)))
    return report


def pytest_configure() -> None:
    """A SIGTERM ends the session as Ctrl-C does, so that the server is stopped."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The list of driven calls can be judged only when all other tests have run."""
    items.sort(key=lambda item: item.path.name == "test_coverage.py")

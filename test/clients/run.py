"""Runs the tests of published clients: `python3 test/clients/run.py CLIENT... [pytest arguments]`.

CLIENT is a folder beside this file with a requirements.txt. Its virtual environment is made once and kept
outside the checkout, under ${XDG_CACHE_HOME:-~/.cache}/franca/clients/, in a folder named after what would
be in it and the interpreter; when either changes, a new one is made. Several clients are tried two at a
time, all of them whatever becomes of one, and what each says is printed when it has ended;
`--junitxml=X.xml` becomes X-CLIENT.xml for each.
The product must have been built.
"""

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

HERE = Path(__file__).resolve().parent
OLDEST_PYTHON = (3, 11)
# A dependency that the client pins (six 1.12, by rhea 0.5.4) does not run on newer ones.
NEWEST_PYTHON = {"polyaxon-0.5.6": (3, 11)}
JUNIT = "--junitxml="
# Whose Python the jobs of a client's tests run, too, at FRANCA_TEST_OTHER_PYTHON.
OTHER_CLIENT = {"apache-submarine": "mlflow-3.17.2"}
CLIENTS_OWN = ("FOUNDRY_", "MLFLOW_", "POLYAXON_", "SUBMARINE_")
AT_ONCE = 2


def tests_of(client: str) -> Path:
    """The folder of the client's tests: its own, or that of all versions, named without the version."""
    own = HERE / client
    return own if (own / "conftest.py").is_file() else HERE / client.rpartition("-")[0]


def additions(client: str) -> list[Path]:
    """Files put beside the installed packages, which themselves stay as published."""
    return sorted((tests_of(client) / "site-packages").glob("old_*"))


def interpreter_for(client: str) -> str | None:
    """A Python that the client runs on: this one, or one on the PATH."""
    newest = NEWEST_PYTHON.get(client)
    if newest is None or sys.version_info[:2] <= newest:
        return sys.executable
    return shutil.which("python" + ".".join(map(str, newest)))


def cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "franca" / "clients"


def environment_folder(client: str, interpreter: str) -> Path:
    """Where the client's virtual environment belongs; its name changes with what would be installed."""
    version = subprocess.run([interpreter, "-VV"], check=True, capture_output=True).stdout
    parts = [file.read_bytes() for file in [HERE / client / "requirements.txt", *additions(client)]]
    content = b"\0".join([*parts, os.path.realpath(interpreter).encode(), version])
    return cache_folder() / f"{client}-{hashlib.sha256(content).hexdigest()[:16]}"


def make_environment(folder: Path, client: str, interpreter: str) -> None:
    requirements = HERE / client / "requirements.txt"
    print(f"Installing {requirements.relative_to(HERE)} into {folder}", file=sys.stderr, flush=True)
    subprocess.run([interpreter, "-m", "venv", str(folder)], check=True)
    python = str(folder / "bin" / "python")
    pip = [python, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "install", "--requirement", str(requirements)], check=True)
    subprocess.run([*pip, "check"], check=True, stdout=subprocess.DEVNULL)
    for file in additions(client):
        ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
        target = subprocess.run(
            [python, "-c", ask], check=True, capture_output=True, text=True
        ).stdout.strip()
        shutil.copy(file, target)


def environment(client: str, interpreter: str) -> Path:
    """The client's virtual environment, made when it is missing or was left half made."""
    folder = environment_folder(client, interpreter)
    complete = folder / "complete"
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Two runs at once make one environment: the second waits for the first.
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make_environment(folder, client, interpreter)
            complete.touch()
    return folder


def is_client(name: str) -> bool:
    return name != "" and (HERE / name / "requirements.txt").is_file()


def main() -> int:
    if sys.version_info < OLDEST_PYTHON:
        print(
            f"Python {'.'.join(map(str, OLDEST_PYTHON))} or newer is needed, not {sys.version}",
            file=sys.stderr,
        )
        return 2
    clients = []
    arguments = sys.argv[1:]
    while arguments and is_client(arguments[0]):
        clients.append(arguments.pop(0))
    if not clients:
        print(__doc__, file=sys.stderr)
        return 2
    if len(clients) == 1:
        return run_client(clients[0], arguments)
    return run_several({client: own_junit_file(arguments, client) for client in clients})


def run_several(tests: dict[str, list[str]]) -> int:
    """Each client by a process of its own; the exit code of the first that failed, in the order of their ends."""
    running: dict[subprocess.Popen[str], IO[str]] = {}
    waiting = [[client, *arguments] for client, arguments in tests.items()]
    result = 0

    def end(*_: object) -> None:
        waiting.clear()
        for process in running:
            process.send_signal(signal.SIGTERM)

    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, end)
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            said = tempfile.TemporaryFile("w+")
            command = [sys.executable, __file__, *waiting.pop(0)]
            # Its own group: a Ctrl-C reaches it through this process alone.
            process = subprocess.Popen(
                command, stdout=said, stderr=subprocess.STDOUT, text=True, start_new_session=True
            )
            running[process] = said
        time.sleep(0.2)
        for process in [each for each in running if each.poll() is not None]:
            said = running.pop(process)
            said.seek(0)
            shutil.copyfileobj(said, sys.stdout)
            sys.stdout.flush()
            result = result or process.returncode
    return result


def own_junit_file(arguments: list[str], client: str) -> list[str]:
    return [
        f"{each.removesuffix('.xml')}-{client}.xml" if each.startswith(JUNIT) else each for each in arguments
    ]


def run_client(client: str, arguments: list[str]) -> int:
    """The exit code of the client's tests; 1 if they could not begin."""
    interpreter = interpreter_for(client)
    if interpreter is None:
        newest = ".".join(map(str, NEWEST_PYTHON[client]))
        print(
            f"{client} runs on Python {newest} and no newer one: there is no python{newest}", file=sys.stderr
        )
        return 1
    other = OTHER_CLIENT.get(client)
    try:
        folder = environment(client, interpreter)
        other_folder = None if other is None else environment(other, sys.executable)
    except subprocess.CalledProcessError as failure:
        print(f"The virtual environment could not be made: {failure}", file=sys.stderr)
        return 1
    print(f"{client}:", flush=True)
    with tempfile.TemporaryDirectory(prefix="franca-clients-") as temporary:
        return run_tests(folder, other_folder, client, arguments, temporary)


def run_tests(
    folder: Path, other_folder: Path | None, client: str, arguments: list[str], temporary: str
) -> int:
    """pytest's exit code. All that the tests write, Franca's data too, is below the temporary folder."""
    python = str(folder / "bin" / "python")
    command = [python, "-m", "pytest", "-c", str(HERE / "pytest.ini"), "--basetemp", f"{temporary}/pytest"]
    home = Path(temporary) / "home"
    home.mkdir()
    # The clients have settings in the environment; those of whoever runs the tests are not the tests'.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(CLIENTS_OWN)}
    variables = {
        **kept,
        "HOME": str(home),
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": temporary,
        "FRANCA_TEST_CLIENT": client,
    }
    if other_folder is not None:
        variables["FRANCA_TEST_OTHER_PYTHON"] = str(other_folder / "bin" / "python")
    tests = subprocess.Popen([*command, str(tests_of(client)), *arguments], env=variables)
    # Told to end, the tests end by themselves, so that they stop the server that they started.
    interrupt = signal.signal(signal.SIGINT, signal.SIG_IGN)
    end = signal.signal(signal.SIGTERM, lambda *_: tests.send_signal(signal.SIGTERM))
    try:
        return tests.wait()
    finally:
        signal.signal(signal.SIGINT, interrupt)
        signal.signal(signal.SIGTERM, end)


if __name__ == "__main__":
    sys.exit(main())

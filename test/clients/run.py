"""Runs the tests of one published client: `python3 test/clients/run.py CLIENT [pytest arguments]`.

CLIENT is a folder beside this file with a requirements.txt. Its virtual environment is made once and kept
outside the checkout, under ${XDG_CACHE_HOME:-~/.cache}/franca/clients/, in a folder named after the
requirements and the interpreter; when either changes, a new one is made. The product must have been built.
"""

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
OLDEST_PYTHON = (3, 11)


def cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "franca" / "clients"


def environment_folder(client: str) -> Path:
    """Where the client's virtual environment belongs; its name changes with what would be installed."""
    interpreter = f"{os.path.realpath(sys.executable)} {sys.version}"
    content = (HERE / client / "requirements.txt").read_bytes() + interpreter.encode()
    return cache_folder() / f"{client}-{hashlib.sha256(content).hexdigest()[:16]}"


def make_environment(folder: Path, requirements: Path) -> None:
    print(f"Installing {requirements.relative_to(HERE)} into {folder}", file=sys.stderr, flush=True)
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "install", "--requirement", str(requirements)], check=True)
    subprocess.run([*pip, "check"], check=True, stdout=subprocess.DEVNULL)


def environment(client: str) -> Path:
    """The client's virtual environment, made when it is missing or was left half made."""
    folder = environment_folder(client)
    complete = folder / "complete"
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Two runs at once make one environment: the second waits for the first.
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make_environment(folder, HERE / client / "requirements.txt")
            complete.touch()
    return folder


def main() -> int:
    if sys.version_info < OLDEST_PYTHON:
        print(
            f"Python {'.'.join(map(str, OLDEST_PYTHON))} or newer is needed, not {sys.version}",
            file=sys.stderr,
        )
        return 2
    client, *arguments = sys.argv[1:] or [""]
    if client == "" or not (HERE / client / "requirements.txt").is_file():
        print(__doc__, file=sys.stderr)
        return 2
    try:
        folder = environment(client)
    except subprocess.CalledProcessError as failure:
        print(f"The virtual environment could not be made: {failure}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="franca-clients-") as temporary:
        return run_tests(folder, client, arguments, temporary)


def run_tests(folder: Path, client: str, arguments: list[str], temporary: str) -> int:
    """pytest's exit code. All that the tests write, Franca's data too, is below the temporary folder."""
    python = str(folder / "bin" / "python")
    command = [python, "-m", "pytest", "-c", str(HERE / "pytest.ini"), "--basetemp", f"{temporary}/pytest"]
    variables = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": temporary}
    tests = subprocess.Popen([*command, str(HERE / client), *arguments], env=variables)
    # Told to end, the tests end by themselves, so that they stop the server that they started.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: tests.send_signal(signal.SIGTERM))
    return tests.wait()


if __name__ == "__main__":
    sys.exit(main())

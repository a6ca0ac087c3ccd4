"""Prints the folder of the virtual environment that has MLflow's own server: that of the client's tests.

It is made when it is missing, as `test/clients/run.py` does.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "clients"))

import run  # noqa: E402

CLIENT = "mlflow-3.17.2"


def main() -> int:
    if sys.version_info < run.OLDEST_PYTHON:
        print(f"Python {'.'.join(map(str, run.OLDEST_PYTHON))} or newer is needed", file=sys.stderr)
        return 1
    print(run.environment(CLIENT, sys.executable))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Prints the folder of a client's virtual environment: `python3 test/clients/environment.py CLIENT`.

It is made when it is missing, as for the client's own tests.
"""

import sys

import run


def main() -> int:
    if sys.version_info < run.OLDEST_PYTHON:
        print(f"Python {'.'.join(map(str, run.OLDEST_PYTHON))} or newer is needed", file=sys.stderr)
        return 1
    if len(sys.argv) != 2 or not run.is_client(sys.argv[1]):
        print(__doc__, file=sys.stderr)
        return 2
    client = sys.argv[1]
    interpreter = run.interpreter_for(client)
    if interpreter is None:
        print(f"{client} does not run on {sys.version}", file=sys.stderr)
        return 1
    print(run.environment(client, interpreter))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The other side of `ipu`, under Graphcore's Python: a line about the IPUs for each line that comes."""

from __future__ import annotations

import json
import sys

SAYS = "ipus:"  # before each answer: what a library prints is none
OWNER, BOARD, CHIP = "user process id", "total board power", "ipu power"


def main() -> None:
    """Answer until the pipe is closed."""
    try:
        import gcipuinfo
    except ImportError as error:
        sys.exit(f"{error}: expected the Python of the Poplar SDK, its enable.sh sourced")
    info = gcipuinfo.gcipuinfo()
    info.setUpdateMode(True)  # without it all values stay those of this moment
    for _ in iter(sys.stdin.readline, ""):
        devices = [{key: dict(device).get(key) for key in (OWNER, BOARD, CHIP)} for device in info.getDevices()]
        print(SAYS, json.dumps(devices), flush=True)


if __name__ == "__main__":
    main()

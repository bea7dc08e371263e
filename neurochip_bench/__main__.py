"""`python -m neurochip_bench`, where the console script `neurochip-bench` is not on the PATH."""

from __future__ import annotations

import sys

from neurochip_bench.cli import main

if __name__ == "__main__":
    sys.exit(main())

"""A library that prints where it should not, crashes, hangs or breaks, by how long it is asked to run."""

import os
import sys
import time

from neurochip_bench.backends.numpy_reference import NumpyProgram

PRINTS, SLEEPS, BREAKS, ABORTS, HANGS = 1, 2, 3, 4, 5  # milliseconds
SLEEP_S = 0.3


class Misbehaving(NumpyProgram):
    """NumPy's program with the manners of some vendors' libraries."""

    def _advance_all(self, milliseconds, stimulus, record):
        if milliseconds == PRINTS:
            print("a banner", flush=True)
            os.write(1, b"written past Python")
        if milliseconds == SLEEPS:
            time.sleep(SLEEP_S)
        if milliseconds == BREAKS:
            raise KeyError("lost")
        if milliseconds == ABORTS:
            sys.stderr.write("chip on fire\n")
            os.abort()
        if milliseconds == HANGS:
            time.sleep(600)
        return super()._advance_all(milliseconds, stimulus, record)

"""`neurochip-bench check-backend`."""

from __future__ import annotations

import click

from neurochip_bench.backends import BACKENDS
from neurochip_bench.backends.promises import PROMISES, BrokenError, NotPromisedError, Promise
from neurochip_bench.backends.trial import Trial
from neurochip_bench.cli.refusal import Refused, example
from neurochip_bench.exits import Exit

EXAMPLES = example(
    "neurochip-bench check-backend numpy-cpu-f32",
    "neurochip-bench --plugin my_module check-backend my-chip-f32",
)


def broken(promise: Promise, trials: dict[str, Trial]) -> str | None:
    """None if a promise is kept with all of its kernels, else what failed; raises NotPromisedError."""
    for kernel in promise.kernels:
        try:
            promise.check(trials[kernel])
        except NotPromisedError:
            raise
        except BrokenError as error:
            return f"{kernel}: {error}"
        except Exception as error:  # of any kind: it is the backend that is tried
            said = (str(error).strip().splitlines() or [""])[0]
            return f"{kernel}: {type(error).__name__}: {said}"
    return None


@click.command(epilog=EXAMPLES)
@click.argument("backend", metavar="ID")
def command(backend: str) -> Exit:
    """Try every promise that a backend makes, one line each.

    It is what to run first with a backend of your own. A promise that is broken is exit code 1, a backend that cannot
    run here 5.
    """
    try:
        chosen = BACKENDS[backend]
    except ValueError as error:
        raise Refused(error) from error
    trials = {kernel: Trial(chosen, kernel) for kernel in sorted({k for p in PROMISES.values() for k in p.kernels})}
    failed = 0
    for name, promise in PROMISES.items():
        try:
            why = broken(promise, trials)
            word = "kept" if why is None else "BROKEN"
        except NotPromisedError as error:
            why, word = str(error), "not promised"
        failed += word == "BROKEN"
        print(f"{word:12} {promise.says}{'' if why is None else f': {why}'}", flush=True)
        if name == "missing" and (absent := chosen.missing()):  # nothing else can be tried
            raise Refused(f"{chosen.id} cannot run here: {absent}", Exit.FAILED if failed else Exit.ABSENT)
    return Exit.FAILED if failed else Exit.OK

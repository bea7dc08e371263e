"""Networks in NPZ files, which `Network.save` writes, and what they are run with."""

from __future__ import annotations

import os

from model.network import files
from neurochip_bench.networks.given import Given, applied, run_length


def load(path: str | os.PathLike[str], kernel: str | None = None, first_id: int | None = None) -> Given:
    """The network of an NPZ file, its stimulus and its length; `kernel` and `first_id` where it does not say them.

    Raises ValueError, a sentence with file, place and value, for what is no such file or no such network.
    """
    file, (network, arrays) = os.fspath(path), files.load(path, kernel, first_id)
    stimulus = applied(file, arrays["stimulus"], network.cells) if "stimulus" in arrays else None
    return Given(network, stimulus, run_length(file, files.number(file, arrays, "milliseconds"), stimulus))

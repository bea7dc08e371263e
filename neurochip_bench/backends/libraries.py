"""Libraries: which are installed, without importing them, and what stands for them in signatures.

Each is imported where it runs, and most have no types.
"""

from __future__ import annotations

import importlib.util
from typing import Any

Library = Any  # a library's module, such as TensorFlow: what has no types cannot be told from anything else
Handle = Any  # likewise something that a library made: a session, a device, a compiled function, an ONNX model


def installed(*names: str) -> bool:
    """Whether all these packages are installed: a folder of such a name, where Python looks, is not one by itself."""
    specs = [importlib.util.find_spec(name) for name in names]
    return all(spec is not None and spec.origin is not None for spec in specs)  # no origin: a folder without __init__

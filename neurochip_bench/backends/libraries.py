"""What stands in signatures for libraries: each is imported where it runs, and most have no types."""

from __future__ import annotations

from typing import Any

Library = Any  # a library's module, such as TensorFlow: what has no types cannot be told from anything else
Handle = Any  # likewise something that a library made: a session, a device, a compiled function, an ONNX model

"""Which version of each library is installed, asked without importing it."""

from __future__ import annotations

from importlib import metadata

LIBRARIES = ("numpy", "jaxlib", "tensorflow", "tensorflow-cpu", "onnxruntime")


def version(library: str) -> str | None:
    """The version of a library, None where it is not installed."""
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return None

"""Sessions of ONNX Runtime: a file opened by the execution provider that was asked for, or not at all."""

from __future__ import annotations

import importlib.metadata
from functools import lru_cache
from typing import Dict, Sequence, Tuple, Union

from neurochip_bench.backends.libraries import Handle, Library

CPU = "CPUExecutionProvider"
WHEELS = ("onnxruntime", "onnxruntime-gpu", "onnxruntime-openvino")
Provider = Union[str, Tuple[str, Dict[str, str]]]  # with its options


@lru_cache(maxsize=None)
def load_onnxruntime() -> Library:
    """ONNX Runtime, imported, with the libraries that its providers need."""
    import onnxruntime

    onnxruntime.set_default_logger_severity(3)
    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        onnxruntime.preload_dlls()  # CUDA and cuDNN from pip's packages
    return onnxruntime


def installed_wheels() -> list[str]:
    """Names of the installed distributions that bring `onnxruntime`; the last one overwrote the others."""
    found = []
    for name in WHEELS:
        try:
            importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        found.append(name)
    return found


def open_session(
    ort: Library, model: Handle, providers: Sequence[Provider], threads: int, plugged: Handle = None
) -> Handle:
    """A session of an ONNX model on the first of the providers; raises RuntimeError where that is not to be had.

    plugged   the device of that provider, where a plugin library brings it
    """
    asked = providers[0] if isinstance(providers[0], str) else providers[0][0]
    if plugged is None and asked not in ort.get_available_providers():
        raise RuntimeError(f"{asked} was asked for, but is not in the installed {' and '.join(installed_wheels())}")
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    options.optimized_model_filepath = ""  # nothing is kept of a session
    options.add_session_config_entry("session.record_ep_graph_assignment_info", "1")
    if plugged is not None:
        options.add_provider_for_devices([plugged], {})
    chosen = list(providers) if plugged is None else None  # named here, they would take the place of the device
    session = ort.InferenceSession(model.SerializeToString(), options, providers=chosen, enable_fallback=0)
    if session.get_providers()[0] != asked:
        raise RuntimeError(f"{asked} was asked for, but the session runs on {', '.join(session.get_providers())}")
    return session

"""What is known to reject, or to compute wrongly, which operators of an exported file."""

from __future__ import annotations

from typing import Iterator

from neurochip_bench.backends.libraries import Handle

# (target, operator, whether only with a reduction, what happens)
KNOWN = (
    ("ONNX Runtime's CPU provider", "ScatterND", True, "loses additions with more than one thread"),
    ("ONNX Runtime's CUDA provider", "Loop", False, "runs the loop from the CPU"),
    ("TensorRT before 10", "ScatterND", True, "ignores the reduction: an overwrite instead of a sum"),
    ("TensorRT before 10", "ScatterElements", True, "does not know the reduction"),
    ("TensorRT from 10", "ScatterND", True, "rejects the node"),
    ("OpenVINO", "ScatterND", True, "rejects the file"),
    ("OpenVINO", "ScatterElements", True, "rejects the file"),
    ("OpenVINO", "Loop", False, "rejects the file"),
    ("GroqChip", "Loop", False, "has no control flow: use --steps without --loop"),
)


def reduces(node: Handle) -> bool:
    """Whether a node sums (or otherwise reduces) into what it scatters to."""
    return any(a.name == "reduction" and a.s not in (b"", b"none") for a in node.attribute)


def nodes_of(graph: Handle) -> Iterator[Handle]:
    """All nodes of a graph, those of a Loop's body included."""
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from nodes_of(attribute.g)


def rejections(model: Handle) -> list[str]:
    """A sentence for each target that rejects an operator of a file, or computes it wrongly."""
    nodes = list(nodes_of(model.graph))
    found = []
    for target, operator, reducing, what in KNOWN:
        if any(node.op_type == operator and (reduces(node) or not reducing) for node in nodes):
            found.append(f"{target} {what} ({operator}{' with a reduction' if reducing else ''})")
    return found

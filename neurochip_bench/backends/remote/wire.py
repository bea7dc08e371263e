"""Messages between two Pythons: a header of JSON values and arrays by name, as npz behind its length."""

from __future__ import annotations

import io
import json
import struct
from typing import IO, Any, Dict, Mapping

import numpy as np

from model.arrays import Array
from model.network import Network
from model.network.drawing import Drawing
from neurochip_bench.networks.undrawn import Undrawn

Header = Dict[str, Any]  # of JSON's values
Arrays = Dict[str, Array]

LENGTH = struct.Struct("<Q")
HEADER, PARAMETER = "header", "parameter "


def send(pipe: IO[bytes], header: Header, arrays: Mapping[str, Array]) -> None:
    """Write a message; what JSON does not know goes as its repr, for the other end to refuse."""
    body = io.BytesIO()
    np.savez(body, **{HEADER: np.frombuffer(json.dumps(header, default=repr).encode(), np.uint8), **arrays})
    pipe.write(LENGTH.pack(body.tell()))
    pipe.write(body.getbuffer())
    pipe.flush()


def receive(pipe: IO[bytes]) -> tuple[Header, Arrays]:
    """(header, arrays) of the next message; EOFError where the other end has closed the pipe."""
    (size,) = LENGTH.unpack(_exactly(pipe, LENGTH.size))
    with np.load(io.BytesIO(_exactly(pipe, size)), allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    return json.loads(arrays.pop(HEADER).tobytes().decode()), arrays


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError("the other end closed the pipe")
    return data


def packed(network: Network) -> tuple[Header, Arrays]:
    """(header, arrays) of a network; of one that is not drawn, what it is drawn from."""
    if isinstance(network, Undrawn):
        return {"drawing": network.drawing._asdict()}, {}
    arrays: Arrays = {name: getattr(network, name) for name in ("state", "sources", "targets", "weights")}
    arrays.update({} if network.delays is None else {"delays": network.delays})
    arrays.update({PARAMETER + name: value for name, value in network.parameters.items()})
    return {"kernel": network.kernel}, arrays


def unpacked(header: Header, arrays: Arrays) -> Network:
    """The network of (header, arrays)."""
    if "drawing" in header:
        of = dict(header["drawing"])
        return Undrawn(Drawing(**{**of, "shape": tuple(of["shape"])}))
    parameters = {name[len(PARAMETER) :]: value for name, value in arrays.items() if name.startswith(PARAMETER)}
    named = {name: arrays[name] for name in ("state", "sources", "targets", "weights")}
    return Network(header["kernel"], **named, parameters=parameters, delays=arrays.get("delays"))

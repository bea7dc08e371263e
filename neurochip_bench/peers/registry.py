"""The peers, by id, in the order in which they are run and listed. No backend is among them: they are never ranked."""

from __future__ import annotations

from model.checks import Named
from neurochip_bench.backends import Backend
from neurochip_bench.backends.device import Device
from neurochip_bench.peers.arbor import ArborProgram
from neurochip_bench.peers.brian2 import Brian2OpenmpProgram, Brian2Program
from neurochip_bench.peers.jaxley import JaxleyProgram
from neurochip_bench.peers.neuron import NeuronProgram

PEER = Device("peer", "simulator", accelerator=False)  # the mark is `keep.words.PEER`, which lies above
REGISTRY = (
    Backend("brian2", "cpu", "f64", Brian2Program, PEER),
    Backend("brian2", "openmp", "f64", Brian2OpenmpProgram, PEER),
    Backend("neuron", "cpu", "f64", NeuronProgram, PEER),
    Backend("arbor", "cpu", "f64", ArborProgram, PEER),
    Backend("jaxley", "cpu", "f64", JaxleyProgram, PEER),
)

PEERS = Named("peer", {peer.id: peer for peer in REGISTRY})

"""The field's own simulators beside the compilers: rows of one saved run, on the same networks."""

from __future__ import annotations

from dataclasses import dataclass

from neurochip_bench.keep.words import PEERS
from neurochip_bench.report.collected import Collected
from neurochip_bench.report.row import NetworkKind, Timed


@dataclass(frozen=True)
class Beside:
    """A peer's timed row, and the fastest right compiler of its network in the same saved run, or None."""

    peer: Timed
    best: Timed | None

    @property
    def times(self) -> float | None:
        """How many times faster the compiler is; None where one of them is not right."""
        return self.peer.rtf / self.best.rtf if self.best is not None and self.peer.row.right else None


def beside(collected: Collected, kind: NetworkKind | None = None) -> list[Beside]:
    """The rows of peers, of one kind of network or of all, by kind, size and time."""
    peers = [row.timed for row in collected.of(PEERS) if row.timed is not None]
    wanted = [peer for peer in peers if kind is None or peer.kind == kind]
    order = sorted(wanted, key=lambda peer: (peer.kind, peer.cells, peer.rtf))
    return [Beside(peer, fastest(collected, peer)) for peer in order]


def fastest(collected: Collected, peer: Timed) -> Timed | None:
    """The fastest right row of a peer's network that the same saved run timed."""
    rows = (timed for timed in collected.timed_of(peer.kind) if timed.row.right and timed.row.run == peer.row.run)
    return min((timed for timed in rows if timed.cells == peer.cells), key=lambda timed: timed.rtf, default=None)

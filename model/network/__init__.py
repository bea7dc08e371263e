"""Networks: checked by hand-over, or drawn from a seed, and what is applied to them."""

from __future__ import annotations

from model.network.build import build
from model.network.network import Network, a_network, connectivity
from model.network.stimuli import drive
from model.network.topology import TOPOLOGIES

__all__ = ["TOPOLOGIES", "Network", "a_network", "build", "connectivity", "drive"]

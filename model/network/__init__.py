"""Networks: checked by hand-over, or drawn from a seed, and what is applied to them."""

from __future__ import annotations

from model.network.build import build
from model.network.network import Network
from model.network.stimuli import drive, kick
from model.network.topology import TOPOLOGIES

__all__ = ["TOPOLOGIES", "Network", "build", "drive", "kick"]

"""What is simulated: kernels, networks and couplings; needs NumPy and nothing else.

Public are the names below; everything else may change.
"""

from __future__ import annotations

from model.kernels import KERNELS
from model.network import Network, build

__all__ = ["KERNELS", "Network", "build"]

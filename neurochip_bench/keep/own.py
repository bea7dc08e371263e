"""The networks of one's own that a session runs, and what they add to a record."""

from __future__ import annotations

from typing import Dict

import pytest

from neurochip_bench.keep.record import Facts
from neurochip_bench.networks.own import Own

NETWORKS = pytest.StashKey[Dict[str, Own]]()  # by name; empty where standard networks are run


def of_own(own: Own) -> Facts:
    """The fields of a record that only such a network has."""
    return {"network": own.name, "network_digest": own.digest, "one_way": own.one_way}

"""The field's own simulators on the networks of test_run.py, in an environment of their own: `tox -e peers`."""

from __future__ import annotations

import pytest

from neurochip_bench.peers import PEERS
from neurochip_bench.suite import presence
from neurochip_bench.suite.peers import PeerRow, PeerRows

ROW, ROWS = PeerRow, PeerRows()


@pytest.fixture(scope="session")
def backend(request):
    """The peer of a row; one that is not here is a skip that says what is missing."""
    missing = presence.missing(request.param)
    if missing:
        pytest.skip(missing)
    return PEERS[request.param]


def test_peers(row):
    """Compiled apart, then 100 ms recorded and read back, as in test_run.py; the last timed round is judged."""
    row.measure()

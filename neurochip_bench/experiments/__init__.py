"""The paper's experiments: protocols, and what is measured of them."""

from __future__ import annotations

"""What holds for all tests, and for no benchmark: how Hypothesis draws, and how often garbage is looked for.

Draws have no deadline, and in CI are always the same.
"""

from __future__ import annotations

import gc
import os

import hypothesis

hypothesis.settings.register_profile("suite", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("suite")

# Libraries hold 600,000 objects, which Python by itself goes through again and again: 4 % of the time.
gc.set_threshold(50_000, 20, 10)

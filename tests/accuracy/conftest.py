"""How the accuracy tests draw examples."""

from __future__ import annotations

import tests.helpers.profile  # noqa: F401 - importing it is all

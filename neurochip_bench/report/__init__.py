"""From saved runs to a page, figures and tables: `neurochip-bench report RUN.json -o report/`.

Reads saved files only; knows no backend. Data flows one way: `collected` reads and types the rows, `figures`, `tables`
and `answers` look at them, `page` and `write` put them on disk.
"""

from __future__ import annotations

import os

os.environ.pop("MPLBACKEND", None)  # figures are drawn into files; a notebook's would end the import of matplotlib

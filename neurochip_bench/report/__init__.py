"""From saved runs to a page, figures and tables: `neurochip-bench report RUN.json -o report/`.

Reads saved files only; knows no backend. Data flows one way: `collected` reads and types the rows, `figures`, `tables`
and `answers` look at them, `page` and `write` put them on disk.
"""

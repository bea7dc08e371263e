"""The pytest plugin: which rows there are, how one is measured and judged, and the table at the end."""

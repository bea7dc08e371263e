"""What is kept of a run: its journal, its rows, its final states, and the reading of all that."""

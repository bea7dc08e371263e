"""Two saved runs side by side: what came, went and changed, how times moved, and whether a gate lets it pass.

Files are found, read and pooled over processes (`pool`) into a side of the comparison (`side`), rows are matched by id
(`match`), times are judged by ranks (`speed`, `ranks`), results by their verdicts (`accuracy`), and the gate (`gate`)
turns all of it into an exit code. `repeat` and `interleave` run pytest in child processes to get the runs.
"""

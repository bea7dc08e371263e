"""From a folder of saved runs to their history: each row's time over dates, its verdicts, and where it stepped.

Data flows one way: `series` reads the runs and makes a series of each row on a machine, `steps` finds where one stepped
by the test that compares two runs, `text` says it, `figure` draws it, `write` puts it on disk.
"""

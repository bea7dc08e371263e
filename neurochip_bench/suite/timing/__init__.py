"""What a machine did while a row was timed, and the word for it: whether the time is the row's own."""

"""Networks of one's own: read from whatever file they are in, told apart by their content, and described."""

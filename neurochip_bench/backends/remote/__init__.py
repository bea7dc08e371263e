"""Programs that run in a worker process under another Python."""

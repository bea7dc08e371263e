"""One network in shards over many devices, by JAX."""

"""Graphcore's IPU, by its TensorFlow."""

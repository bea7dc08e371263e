"""Adds the stand-in's `tensorflow.python.ipu` to the TensorFlow of a worker that has this folder on PYTHONPATH."""

import importlib.machinery
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


class Finder:
    """Finds TensorFlow with one folder more, and in that folder what stock TensorFlow does not have."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "tensorflow":
            spec = importlib.machinery.PathFinder.find_spec(name, path, target)
            if spec is not None and spec.submodule_search_locations is not None:
                spec.submodule_search_locations.append(os.path.join(HERE, "tensorflow"))
            return spec
        if name == "tensorflow.python.ipu":
            return importlib.machinery.PathFinder.find_spec(name, [os.path.join(HERE, "tensorflow", "python")])
        return None


sys.meta_path.insert(0, Finder)

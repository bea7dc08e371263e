"""Conductance-based neuron models, the backends that run them, and the judgement of their results.

Importing this package needs NumPy and nothing else.
"""

__version__ = "0.1.0"

"""A stand-in for the Python side of GroqWare: same names, and the programs of a package run by ONNX Runtime.

A worker that has loaded it reports the device "stand-in".
"""

import os

os.environ["NEUROCHIP_GROQ_NAME"] = "stand-in"

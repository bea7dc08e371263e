"""A stand-in for the IPU part of Graphcore's TensorFlow 2.6: same names, and the programs run on the CPU.

It refuses what the real one refuses, and what the real one accepts to the user's harm: a Python number that would be
compiled in, a second replica. A worker that has loaded it reports the device "stand-in".
"""

import os

from tensorflow.python.ipu import config, ipu_outfeed_queue, ipu_strategy, loops, utils

os.environ["NEUROCHIP_IPU_NAME"] = "stand-in"

__all__ = ["config", "ipu_outfeed_queue", "ipu_strategy", "loops", "utils"]

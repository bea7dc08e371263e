"""A stand-in for `gcipuinfo` of the Poplar SDK.

As documented: `getDevices` gives a dictionary of strings per IPU, and until `setUpdateMode(True)` they stay those of
the object's construction. `STANDIN_IPUS` holds what is said, one list of devices after another; the default is a card
that tells its board's power alone, as the vendor's example of a C600 does.
"""

from __future__ import annotations

import json
import os
import time

CARD = {"id": "0", "user process id": "N/A", "ipu power": "N/A", "total board power": "12.6 W"}


class gcipuinfo:
    def __init__(self):
        said = os.environ.get("STANDIN_IPUS", json.dumps([[CARD]]))
        self._said, self._updating = json.loads(said), False

    def setUpdateMode(self, update):
        if not isinstance(update, bool):
            raise TypeError(f"update is {update!r}: expected a bool")
        self._updating = update

    def getDevices(self):
        now = self._said[0]
        if self._updating and len(self._said) > 1:
            del self._said[0]
        if now == "hangs":
            time.sleep(60)
        print("a library that is talkative")
        return now

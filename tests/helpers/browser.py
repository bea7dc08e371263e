"""A headless Chromium, driven over a pipe in its own protocol: no library, no port, nothing to download."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import time
from contextlib import contextmanager

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
)
PATIENCE = 60  # seconds for an answer: a cold start on a busy machine takes long


def missing():
    """None, or one sentence that says what is missing."""
    if any(map(shutil.which, NAMES)):
        return None
    return "no Chromium on the PATH: on Debian, apt-get install chromium"


class Browser:
    """A page in a browser: commands go in, answers and events come out."""

    def __init__(self, process, to, back):
        self.process, self._to, self._back = process, to, back
        self._buffer, self._number, self._session, self.events = b"", 0, None, []

    def call(self, method, **arguments):
        """The result of a command of the DevTools protocol."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": arguments}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        return self._until(lambda m: m.get("id") == self._number)["result"]

    def open(self, url):
        """Load a page and wait for it; events from now on are its own."""
        if self._session is None:
            target = self.call("Target.createTarget", url="about:blank")["targetId"]
            self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Network", "Log"):
                self.call(f"{domain}.enable")
        self.events.clear()
        self.call("Page.navigate", url=url)
        self._until(lambda m: m.get("method") == "Page.loadEventFired")

    def run(self, script):
        """The value of a script's last expression."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def look(self, width, theme, height=900):
        """Show the page this wide, in a light or a dark theme."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])

    def of(self, method):
        """The events of a kind since the page was opened."""
        return [event["params"] for event in self.events if event["method"] == method]

    def _until(self, wanted):
        end = time.monotonic() + PATIENCE
        while True:
            message = self._next(end)
            if "method" in message:
                self.events.append(message)
            if "error" in message:
                raise RuntimeError(message["error"])
            if wanted(message):
                return message

    def _next(self, end):
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._back], [], [], max(0.0, end - time.monotonic()))
            chunk = os.read(self._back, 2**20) if ready else b""
            if not chunk:
                raise RuntimeError(f"Chromium gave no answer within {PATIENCE} s, or has ended")
            self._buffer += chunk
        message, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(message)


@contextmanager
def browser(profile):
    """A `Browser` with a fresh profile in a folder; Chromium ends with the block."""
    program = next(path for path in map(shutil.which, NAMES) if path)
    (its_in, to), (back, its_out) = os.pipe(), os.pipe()
    line = f'exec "$0" "$@" 3<&{its_in} 4>&{its_out}'
    command = [program, "--headless=new", "--remote-debugging-pipe", f"--user-data-dir={profile}", *QUIET]
    null = subprocess.DEVNULL
    fds = (its_in, its_out)
    process = subprocess.Popen(["bash", "-c", line, *command], pass_fds=fds, stdin=null, stdout=null, stderr=null)
    os.close(its_in)
    os.close(its_out)
    try:
        yield Browser(process, to, back)
    finally:
        os.close(to)  # it ends with its pipe
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        os.close(back)

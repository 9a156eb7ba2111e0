"""A program that runs while the tools are called."""

import collections
import os
import re
import subprocess
import threading

LINES = 40


class Running:
    """A program that is stopped in the end. `found` is the part of its output that `ready` names, once it says so."""

    def __init__(self, command: list[str], ready: str, **variables: str) -> None:
        self._said: collections.deque[str] = collections.deque(maxlen=LINES)
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        self._process = subprocess.Popen(command, text=True, errors="replace", env={**os.environ, **variables}, **pipes)
        for line in self._process.stdout:
            self._said.append(line)
            if found := re.search(ready, line):
                break
        else:
            raise RuntimeError(f"`{command[0]}` ended before it was ready: {''.join(self._said)}")
        self.found = found[1]
        # a full pipe would stop the program
        self._reader = threading.Thread(target=self._said.extend, args=[self._process.stdout], daemon=True)
        self._reader.start()

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()

    def taken(self) -> list[str]:
        """The lines since the last time."""
        lines = list(self._said)
        self._said.clear()
        return lines

    def last_words(self) -> str:
        """The error with which it ends."""
        self._process.wait()
        self._reader.join()
        return next((line.strip() for line in self._said if re.match(r"\w*Error\b", line)), "no error")

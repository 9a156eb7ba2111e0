"""Programs that run while the tools are called."""

import contextlib
import os
import re
import subprocess
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def running(command: list[str], said: str, **variables: str) -> Iterator[str]:
    """Starts a program, and stops it in the end. What it is given as is the part of its output that `said` names, once it says so."""
    output = subprocess.PIPE
    process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, text=True, errors="replace", env={**os.environ, **variables})
    try:
        lines = []
        for line in process.stdout:
            if found := re.search(said, line):
                break
            lines.append(line)
        else:
            raise RuntimeError(f"`{command[0]}` ended before it was ready: {''.join(lines)[-2000:]}")
        # a full pipe would stop the program
        threading.Thread(target=lambda: [None for _ in process.stdout], daemon=True).start()
        yield found[1]
    finally:
        process.terminate()
        process.wait()

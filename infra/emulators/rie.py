"""Hands each sample event to its function under the Runtime Interface Emulator.

    rie.py EMULATOR FUNCTIONS EVENTS LOG

The emulator starts the bootstrap of a function and gives it the Runtime API of Lambda; events go to the
emulator over HTTP. A function is started once and gets all of its events. What it prints goes to the
log.
"""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from itertools import groupby
from pathlib import Path

# How long an emulator may take until it listens, in seconds. Nothing is measured by it.
START_LIMIT_SECONDS = 60
# How long an answer may take, in seconds.
ANSWER_LIMIT_SECONDS = 60


def promised(table):
    """The events of the table, each with its function and the status it is answered with."""
    for name, status in re.findall(r"^\| `([^`]+)` .* (\d{3}) \|$", table, re.MULTILINE):
        yield name.split(".")[0], name, int(status)


def free_address():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return "127.0.0.1:%d" % listener.getsockname()[1]


def invoke(process, address, event):
    """What the function answers, once the emulator listens."""
    url = f"http://{address}/2015-03-31/functions/function/invocations"
    give_up = time.monotonic() + START_LIMIT_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, event, ANSWER_LIMIT_SECONDS) as response:
                return json.load(response)
        except urllib.error.URLError as error:
            refused = isinstance(error.reason, ConnectionRefusedError)
            if not refused or process.poll() is not None or time.monotonic() > give_up:
                raise
            time.sleep(0.05)


def main(emulator, functions, events, log):
    rows = sorted(promised((events / "README.md").read_text()))
    wrong = 0
    output = log.open("w")
    for function, group in groupby(rows, key=lambda row: row[0]):
        address = free_address()
        command = [
            emulator,
            "--log-level=error",
            f"--runtime-interface-emulator-address={address}",
            f"--runtime-api-address={free_address()}",
            functions / function / "bootstrap",
        ]
        environment = dict(os.environ, AWS_LAMBDA_FUNCTION_NAME=function)
        process = subprocess.Popen(command, env=environment, stdout=output)
        try:
            for _, name, status in group:
                answer = invoke(process, address, (events / name).read_bytes())
                fits = answer.get("statusCode") == status
                wrong += not fits
                print(name, answer.get("statusCode"), "" if fits else f"instead of {status}: {answer}")
        finally:
            process.terminate()
            process.wait()
    print(f"{len(rows)} events, {wrong} answered otherwise than promised")
    return 1 if wrong or not rows else 0


if __name__ == "__main__":
    [_, emulator, functions, events, log] = map(Path, sys.argv)
    sys.exit(main(emulator, functions, events, log))

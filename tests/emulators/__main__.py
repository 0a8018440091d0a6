"""Runs the emulators in the foreground, so that the whole product can be tried without an account.

    python -m tests.emulators [--gemini-port 18911 --cloudinary-port 18912 --photos-port 18913] [--photos FOLDER]

Prints the lines to put in `.env`, and stops on Ctrl-C or SIGTERM.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from tests.emulators.fixtures import in_this_process


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.emulators")
    parser.add_argument("--gemini-port", type=int, default=18911)
    parser.add_argument("--cloudinary-port", type=int, default=18912)
    parser.add_argument("--photos-port", type=int, default=18913)
    parser.add_argument("--photos", type=Path, help="a folder whose files are served at /photos/<name>")
    options = parser.parse_args()

    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with in_this_process(options.gemini_port, options.cloudinary_port, options.photos_port) as emulators:
        for file in sorted(options.photos.iterdir()) if options.photos else []:
            if file.is_file():
                emulators.photos.add_photo(file.name, file.read_bytes(), "")
        for name, value in emulators.env.items():
            sys.stdout.write(f"{name}={value}\n")
        sys.stdout.flush()
        stopped.wait()


if __name__ == "__main__":
    main()

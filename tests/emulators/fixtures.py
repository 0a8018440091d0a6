"""All three emulators at once, in this process or in one of their own. Neither needs pytest; a fixture is one line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.emulators import cloudinary as cloudinary_emulator
from tests.emulators.cloudinary import CloudinaryEmulator
from tests.emulators.control import EmulatorControl
from tests.emulators.gemini import API_KEY, GeminiEmulator
from tests.emulators.photos import PhotoServer
from tests.emulators.server import EmulatorServer

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Emulators:
    """Where they are, and how to control each. `pid` is 0 when they run in this process."""

    gemini: EmulatorControl
    cloudinary: EmulatorControl
    photos: EmulatorControl
    pid: int = 0

    @classmethod
    def at(cls, urls: list[str], pid: int = 0) -> Emulators:
        """`urls`: Gemini's, Cloudinary's, the photos'."""
        gemini, cloudinary, photos = (EmulatorControl(url) for url in urls)
        return cls(gemini, cloudinary, photos, pid)

    @property
    def gemini_url(self) -> str:
        return self.gemini.base_url

    @property
    def cloudinary_url(self) -> str:
        account = f"{cloudinary_emulator.API_KEY}:{cloudinary_emulator.API_SECRET}@{cloudinary_emulator.CLOUD}"
        return f"cloudinary://{account}?upload_prefix={self.cloudinary.base_url}"

    @property
    def env(self) -> dict[str, str]:
        """The settings that make the product use them."""
        hosts = (self.cloudinary.base_url, self.photos.base_url)
        return {
            "GEMINI_API_KEY": API_KEY,
            "GOOGLE_GEMINI_BASE_URL": self.gemini_url,
            "CLOUDINARY_URL": self.cloudinary_url,
            "FETCH_ALLOW": ",".join(url.removeprefix("http://") for url in hosts),
        }

    def reset(self) -> None:
        for control in (self.gemini, self.cloudinary, self.photos):
            control.reset()

    def close(self) -> None:
        for control in (self.gemini, self.cloudinary, self.photos):
            control.close()


@contextmanager
def in_this_process(gemini_port: int = 0, cloudinary_port: int = 0, photos_port: int = 0) -> Iterator[Emulators]:
    with ExitStack() as stack:
        started = [
            stack.enter_context(EmulatorServer(emulator, port))
            for emulator, port in (
                (GeminiEmulator(), gemini_port),
                (CloudinaryEmulator(), cloudinary_port),
                (PhotoServer(), photos_port),
            )
        ]
        emulators = Emulators.at([server.url for server in started])
        stack.callback(emulators.close)
        yield emulators


@contextmanager
def in_own_process() -> Iterator[Emulators]:
    """They outlive every worker that a test kills; ended when the block ends."""
    command = [sys.executable, "-m", "tests.emulators", "--gemini-port=0", "--cloudinary-port=0", "--photos-port=0"]
    # A session of their own: a signal sent to the test's group must not reach them.
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout is not None
        env: dict[str, str] = {}
        for line in process.stdout:
            name, _, value = line.strip().partition("=")
            env[name] = value
            if name == "FETCH_ALLOW":
                break
        else:
            raise RuntimeError("the emulators did not start")
        hosts = [f"http://{host}" for host in env["FETCH_ALLOW"].split(",")]
        emulators = Emulators.at([env["GOOGLE_GEMINI_BASE_URL"], *hosts], process.pid)
        try:
            yield emulators
        finally:
            emulators.close()
            os.kill(process.pid, signal.SIGTERM)
            process.wait(timeout=15)

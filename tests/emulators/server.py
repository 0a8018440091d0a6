"""Runs one emulator in a thread, on a real socket."""

from __future__ import annotations

import asyncio
import socket
import threading
from types import TracebackType

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from tests.emulators.base import Emulator


class _Protocol(H11Protocol):
    """Shows handlers their TCP transport, so that an answer can be cut where a real network would cut it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, emulator: Emulator) -> None:
        super().__init__(config)
        self._emulator = emulator

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._emulator.release()
        await super().shutdown(sockets)


class EmulatorServer:
    """`with EmulatorServer(GeminiEmulator()) as server: server.url`. The port is free to choose (0) unless given."""

    def __init__(self, emulator: Emulator, port: int = 0) -> None:
        self.emulator = emulator
        self._socket = socket.create_server(("127.0.0.1", port), backlog=256)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        config = uvicorn.Config(
            emulator.app,
            http=_Protocol,
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_level="critical",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=2,
        )
        self._server = _Server(config, emulator)
        # The socket listens already, so that calls made before the thread is up wait in its queue.
        self._thread = threading.Thread(
            target=self._server.run, args=([self._socket],), name=f"emulator-{self.port}", daemon=True
        )

    def start(self) -> EmulatorServer:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=10)
        self._socket.close()

    def __enter__(self) -> EmulatorServer:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

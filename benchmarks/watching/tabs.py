"""Open tabs without a browser: clients that speak Streamlit's protocol and keep the page's timers as the browser does,
and that ask, as it does, for what a page fills in by itself."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx2
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

_MOST = 200 * 1024 * 1024
#: `progress_panel.BUSY_SECONDS`.
LOOK_SECONDS = 2


class Tabs:
    """Every tab stays at the page; `waits` are the milliseconds from each tick to the end of what it drew."""

    def __init__(self, url: str, cookie: str, page: str, looks: str = "") -> None:
        """`looks`: the address that the page asks every two seconds, if it does."""
        self._url, self._cookie, self._page, self._looks = url, cookie, page, looks
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._tabs: list[asyncio.Task[None]] = []
        self._drawn = threading.Semaphore(0)
        self.waits: list[float] = []
        self.received = 0  #: bytes

    def open(self, count: int) -> None:
        """Returns when each has drawn its page once."""
        for _ in range(count):
            self._loop.call_soon_threadsafe(lambda: self._tabs.append(self._loop.create_task(self._tab())))
            if not self._drawn.acquire(timeout=60):
                broken = [tab.exception() for tab in self._tabs if tab.done() and not tab.cancelled()]
                raise SystemExit(f"a tab did not get its page; of {len(self._tabs)}, these ended: {broken}")

    def close(self) -> None:
        async def end() -> None:
            for tab in self._tabs:
                tab.cancel()
            await asyncio.gather(*self._tabs, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _tab(self) -> None:
        address = self._url.replace("http://", "ws://") + "/_stcore/stream"
        async with connect(
            address,
            subprotocols=[Subprotocol("streamlit")],
            additional_headers={"Cookie": self._cookie},
            origin=Origin(self._url),
            max_size=_MOST,
            open_timeout=60,
        ) as socket:
            looking = asyncio.create_task(self._look()) if self._looks else None
            try:
                await _Tab(self, socket, self._page).live()
            finally:
                if looking:
                    looking.cancel()

    async def _look(self) -> None:
        """As `core/ui/live_places.py` does it in the browser, over one connection that stays open."""
        async with httpx2.AsyncClient(base_url=self._url, headers={"Cookie": self._cookie}, timeout=60) as client:
            while True:
                await asyncio.sleep(LOOK_SECONDS)
                began = time.perf_counter()
                answer = await client.get(self._looks)
                if answer.status_code != 200:
                    raise SystemExit(f"{self._looks}: {answer.status_code}")
                self.waits.append((time.perf_counter() - began) * 1000)
                self.received += len(answer.content)


class _Tab:
    def __init__(self, tabs: Tabs, socket: ClientConnection, page: str) -> None:
        self._tabs, self._socket, self._page = tabs, socket, page
        self._timers: list[asyncio.Task[None]] = []
        self._asked: dict[str, float] = {}
        self._drawn = False

    async def live(self) -> None:
        await self._rerun("")
        try:
            async for data in self._socket:
                assert isinstance(data, bytes)
                self._tabs.received += len(data)
                message = ForwardMsg.FromString(data)
                self._hear(message)
        finally:
            self._stop_timers()

    def _hear(self, message: ForwardMsg) -> None:
        kind, fragments = message.WhichOneof("type"), list(message.metadata.run.fragment_ids)
        if kind == "new_session" and not fragments:
            self._stop_timers()  # the page as a whole runs again, and asks for its timers anew
        elif kind == "auto_rerun":
            self._timers.append(
                asyncio.create_task(self._timer(message.auto_rerun.fragment_id, message.auto_rerun.interval))
            )
        elif kind == "script_finished":
            for fragment in [f for f in fragments or self._asked if f in self._asked]:
                self._tabs.waits.append((time.perf_counter() - self._asked.pop(fragment)) * 1000)
            if not self._drawn and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                self._drawn = True
                self._tabs._drawn.release()

    async def _timer(self, fragment: str, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            self._asked.setdefault(fragment, time.perf_counter())
            with suppress(Exception):
                await self._rerun(fragment)

    async def _rerun(self, fragment: str) -> None:
        state = ClientState(page_name=self._page, fragment_id=fragment, is_auto_rerun=bool(fragment))
        state.context_info.timezone = "America/Argentina/Buenos_Aires"
        state.context_info.locale = "es-AR"
        state.context_info.url = f"{self._tabs._url}/{self._page}"
        await self._socket.send(BackMsg(rerun_script=state).SerializeToString())

    def _stop_timers(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()


@contextmanager
def tabs(url: str, cookie: str, page: str, looks: str = "") -> Iterator[Tabs]:
    opened = Tabs(url, cookie, page, looks)
    try:
        yield opened
    finally:
        opened.close()

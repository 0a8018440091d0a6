"""A browser's tab without the browser: Streamlit's own protocol over its WebSocket, so that all the server sends is seen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from google.protobuf.message import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect


class Tab:
    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.received: list[ForwardMsg] = []

    def open(self, page: str = "", query: str = "") -> str:
        """Runs the page; everything that was sent until its end, as text."""
        message = BackMsg()
        message.rerun_script.page_name = page
        message.rerun_script.query_string = query
        return self._run(message)

    def tick(self, fragment_id: str) -> str:
        """As the page's clock does."""
        message = BackMsg()
        message.rerun_script.fragment_id = fragment_id
        message.rerun_script.is_auto_rerun = True
        return self._run(message)

    @property
    def clocks(self) -> list[str]:
        """The fragments that the page last opened would have run by themselves."""
        return [m.auto_rerun.fragment_id for m in self.received if m.WhichOneof("type") == "auto_rerun"]

    def _run(self, message: BackMsg) -> str:
        self._socket.send(message.SerializeToString())
        self.received = []
        while True:
            answer = ForwardMsg()
            answer.ParseFromString(bytes(self._socket.recv(timeout=30)))
            self.received.append(answer)
            if answer.WhichOneof("type") == "script_finished" and answer.script_finished in (
                ForwardMsg.FINISHED_SUCCESSFULLY,
                ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
            ):
                return "\n".join(text for each in self.received for text in texts_of(each))


@contextmanager
def tab(url: str, token: str | None = None, origin: str | None = "") -> Iterator[Tab]:
    """`origin`: "" is the panel's own, None sends no such header."""
    headers = {"Cookie": f"sid={token}"} if token else {}
    with connect(
        url.replace("http", "ws", 1) + "/_stcore/stream",
        origin=url if origin == "" else origin,  # type: ignore[arg-type]
        additional_headers=headers,
        max_size=None,
        proxy=None,
    ) as socket:
        yield Tab(socket)


def texts_of(message: Message) -> Iterator[str]:
    """Every string in it, whatever the widget."""
    for field, value in message.ListFields():
        for one in value if field.is_repeated else [value]:
            if isinstance(one, Message):
                yield from texts_of(one)
            elif isinstance(one, str):
                yield one.replace("\\", "")
            elif isinstance(one, bytes):
                yield one.decode("utf-8", "replace")

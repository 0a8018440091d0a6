"""Pictures are opened in a child process with bounded memory and time: a photo that breaks it breaks nothing else."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.context import SpawnContext, SpawnProcess
from multiprocessing.popen_spawn_posix import Popen
from multiprocessing.process import BaseProcess
from queue import Empty, LifoQueue
from types import ModuleType
from typing import ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from core.errors import Permanent, Retryable
from core.inspect import studio_child
from core.inspect.framing import Framing
from core.inspect.jpeg import DigitalSourceType
from core.inspect.studio_child import Finished, Inspection, Prepared

__all__ = [
    "Finished",
    "PictureBreaksStudio",
    "PictureTakesTooLong",
    "PictureTakesTooMuchMemory",
    "Prepared",
    "Studio",
    "StudioNotStarted",
]

P = ParamSpec("P")
T = TypeVar("T")

#: A full inspection maps 2 GB, of which it uses 0.9: networks, models and the arenas of their threads.
MEMORY = 2_560 * 2**20
TIMEOUT = 120.0
#: Seconds a child may take to start on a busy machine, on top of the picture's own time.
START = 60.0


class PictureBreaksStudio(Permanent):
    """The child didn't survive the picture. `megabytes` is the size of its file."""

    code = "picture_breaks_studio"
    message = (
        "El proceso que abre las fotos se cortó con esta foto ({megabytes} MB). Reintente; si se repite, guárdela más"
        " pequeña, por ejemplo de 2000 píxeles de lado, y vuelva a cargarla."
    )


class PictureTakesTooMuchMemory(PictureBreaksStudio):
    code = "picture_takes_too_much_memory"
    message = (
        "La foto ({megabytes} MB) no se pudo abrir dentro de la memoria permitida ({limit_megabytes} MB). Guárdela más"
        " pequeña, por ejemplo de 2000 píxeles de lado, y vuelva a cargarla."
    )


class PictureTakesTooLong(PictureBreaksStudio):
    code = "picture_takes_too_long"
    message = (
        "La foto ({megabytes} MB) no se pudo abrir en {seconds} segundos. Guárdela más pequeña, por ejemplo de 2000"
        " píxeles de lado, y vuelva a cargarla; si era una foto normal, solo reintente: el equipo estaba ocupado."
    )


class StudioNotStarted(Retryable):
    code = "studio_not_started"
    message = "El proceso que abre las fotos no pudo empezar; quizá el equipo no tiene memoria. Se intentará otra vez."


class Studio:
    """Thread safe. Each child starts with the first picture that finds the others busy.

    `memory`: bytes a picture may take; `timeout`: seconds; `recycle`: pictures after which a child is replaced.
    """

    def __init__(
        self, *, children: int = 2, memory: int = MEMORY, timeout: float = TIMEOUT, recycle: int = 200
    ) -> None:
        self.memory, self.timeout, self.recycle = memory, timeout, recycle
        # One pool per child, used by one thread at a time: a death costs nobody else's picture. Last in, first out
        # keeps one child warm and the others asleep.
        self._idle: LifoQueue[ProcessPool | None] = LifoQueue()
        self._children = children
        self._closed = threading.Event()
        for _ in range(children):
            self._idle.put(None)

    def prepare(self, source: bytes) -> Prepared:
        """Raises what `decode` raises, PictureBreaksStudio, or StudioNotStarted."""
        return self._run(len(source), studio_child.prepare, source)

    def finish(
        self,
        before: bytes,
        made: bytes,
        *,
        framing: Framing,
        digital_source_type: DigitalSourceType,
        inspection: Inspection,
        doubts: tuple[str, ...] = (),
        composite: bool = False,
    ) -> Finished:
        """Frames, inspects and encodes a picture. `before`: Prepared.jpeg.

        `doubts`: codes that the decoder and the editor gave. `basic`: figures of the picture alone, in an instant.
        `composite`: the source's own product on the made picture's ground, where that is better than either.
        Raises what `decode` raises about `made`, PictureBreaksStudio, or StudioNotStarted.
        """
        return self._run(
            len(made), studio_child.finish, before, made, framing, digital_source_type, inspection, doubts, composite
        )

    def close(self) -> None:
        """Waits for the pictures being worked on; later ones raise RuntimeError."""
        if self._closed.is_set():
            return
        self._closed.set()
        for _ in range(self._children):
            try:
                pool = self._idle.get(timeout=self.timeout + START)
            except Empty:
                break
            if pool is not None:
                _dispose(pool)
        self._idle.put(None)

    def _run(self, size: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        megabytes = max(1, round(size / 1e6))
        try:
            try:
                return self._once(work, *args, **kwargs)
            except BrokenProcessPool:
                # The child died before it took this picture: killed while idle, or as it started.
                return self._once(work, *args, **kwargs)
        except MemoryError as error:
            limit = self.memory // 2**20
            raise PictureTakesTooMuchMemory(megabytes=megabytes, limit_megabytes=limit) from error
        except TimeoutError as error:
            raise PictureTakesTooLong(megabytes=megabytes, seconds=round(self.timeout)) from error
        except ProcessExpired as error:
            raise PictureBreaksStudio(megabytes=megabytes) from error
        except BrokenProcessPool as error:
            raise StudioNotStarted from error

    def _once(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        with self._pool() as pool:
            try:
                future = pool.schedule(work, args=args, kwargs=kwargs, timeout=self.timeout)
            except RuntimeError as error:  # it found its child dead
                raise BrokenProcessPool(str(error)) from error
            self._wait_for(pool, future)
            return future.result()

    def _wait_for(self, pool: ProcessPool, future: ProcessFuture[T]) -> None:
        """A pool that breaks between looking at its child and taking the picture never says so to that one."""
        until = time.monotonic() + self.timeout + START
        while not _ended(future):
            if not pool.active and not _ended(future):
                raise BrokenProcessPool("its child died as it was given this picture")
            if time.monotonic() > until:
                raise TimeoutError

    @contextmanager
    def _pool(self) -> Iterator[ProcessPool]:
        kept = self._idle.get()
        if self._closed.is_set():
            self._idle.put(kept)
            raise RuntimeError("the studio is closed")
        pool = kept or self._new_pool()
        kept = pool
        try:
            yield pool
        except (BrokenProcessPool, ProcessExpired, MemoryError, TimeoutError):
            # What the dead child held (a lock, half a message) goes with its pool.
            kept = None
            _dispose(pool)
            raise
        finally:
            self._idle.put(kept)

    def _new_pool(self) -> ProcessPool:
        return ProcessPool(
            max_workers=1,
            max_tasks=self.recycle,
            initializer=studio_child.start,
            initargs=(self.memory,),
            context=Lean(),
        )


def _ended(future: ProcessFuture[T]) -> bool:
    """Within a second."""
    return bool(wait([future], timeout=1).done)


def _dispose(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]  # pebble left this one without annotations
    pool.join()


class _LeanProcess(SpawnProcess):
    """Spawned, never forked: the worker has threads. Without its main module, which imports SDKs and the database."""

    def terminate(self) -> None:
        self.kill()  # the child ignores SIGTERM

    @staticmethod
    def _Popen(process_obj: BaseProcess) -> Popen:  # noqa: N802 - the name multiprocessing looks up
        with _without_main():
            return Popen(process_obj)


class Lean(SpawnContext):
    """Of children that are spawned without the main module of who starts them."""

    Process = _LeanProcess


_main_lock = threading.Lock()


@contextmanager
def _without_main() -> Iterator[None]:
    """For the moment in which a child is told what to import."""
    with _main_lock:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main

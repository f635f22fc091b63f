# Two commands do it all: `make demo` and `make test`. Everything else is for developers.
SHELL := /bin/bash
PY := .venv/bin/python
UV := .venv/bin/uv
PYTHON ?= python3
N ?= 01
COMPILE := $(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
	--no-emit-package service-matcher

.PHONY: setup setup-dev demo test check system serve lint bench reliability notebooks notebook ipynb adapter lock clean

setup: .venv/.ready

# uv is bootstrapped into the project's own environment; the lock pins every package by hash. What asks every service of
# a directory is compiled, which needs a C compiler and Python's headers.
HEADERS := import os, sys, sysconfig; sys.exit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))
.venv/.ready: requirements.lock pyproject.toml hatch_build.py $(shell find matcher -name '*.pyx')
	@test -x $(PY) || $(PYTHON) -m venv .venv 2>/dev/null || { [ "$$(id -u)" = 0 ] && apt-get update -qq >/dev/null 2>&1 \
		&& apt-get install -y -qq python3-venv >/dev/null 2>&1 && $(PYTHON) -m venv --clear .venv; } \
		|| { echo "python3-venv is missing: apt-get install python3-venv"; exit 1; }
	@compiles() { command -v cc >/dev/null 2>&1 && $(PY) -c '$(HEADERS)'; }; \
		compiles || { [ "$$(id -u)" = 0 ] && apt-get update -qq >/dev/null 2>&1 \
			&& DEBIAN_FRONTEND=noninteractive apt-get install -y -qq gcc libc6-dev python3-dev >/dev/null 2>&1; } || true; \
		compiles || { echo "a C compiler or Python's headers are missing: apt-get install gcc libc6-dev python3-dev"; exit 1; }
	@$(PY) -m pip install --quiet --disable-pip-version-check "uv>=0.5"
	@$(UV) pip install --quiet --python $(PY) --require-hashes -r requirements.lock
	@$(UV) pip install --quiet --python $(PY) --no-deps --editable .
	@touch $@

# What tests, checks and notebooks need beside the matcher itself.
setup-dev: .venv/.ready-dev

.venv/.ready-dev: .venv/.ready requirements-dev.lock
	@$(UV) pip install --quiet --python $(PY) --require-hashes -r requirements-dev.lock
	@touch $@

demo: setup
	@.venv/bin/matcher suggest data/sample/demo.json --top 5

# The page and the HTTP API on the sample town; prints the address.
serve: setup
	@.venv/bin/matcher serve

# One process a core; a file stays in one process, since its tests share what they prepare.
test: setup-dev
	$(PY) -m pytest -n auto --dist loadfile

lint: setup-dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

check: lint test system
	$(PY) -m pytest -m "browser or postgres or spark"

# What the slower tests need beside Python packages: installed where we may (root on Debian), named where we may not.
system: setup-dev
	@have() { command -v $$1 || ls /usr/lib/postgresql/*/bin/$$1; } >/dev/null 2>&1; \
	for need in chromium:chromium initdb:postgresql java:openjdk-17-jre-headless; do \
		program=$${need%%:*}; package=$${need#*:}; \
		have $$program || { [ "$$(id -u)" = 0 ] && apt-get update -qq >/dev/null 2>&1 \
			&& DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$package >/dev/null 2>&1; } || true; \
		have $$program || { echo "$$program is missing: apt-get install $$package"; exit 1; }; \
	done
	@$(PY) -c "import pyspark" 2>/dev/null || \
		$(UV) pip install --quiet --python $(PY) --require-hashes -r requirements-spark.lock

# This engine beside what a user would pick instead: prints the tables and writes benchmarks/RESULTS.md.
SERVICES ?= 10000 100000
bench: setup-dev
	@$(UV) pip install --quiet --python $(PY) --group bench
	$(PY) benchmarks/side_by_side.py --services $(SERVICES)

# About an hour of faults, kills, load and hostile input; docs/promises.md says what is shown, and at which figure.
reliability: setup-dev
	RELOADS=100 $(PY) -m pytest -m reliability
	HYPOTHESIS_PROFILE=long $(PY) -m pytest tests/matcher/test_promised_properties.py tests/matcher/test_engine_properties.py \
		-k "promised_properties or order_of_the_directory or cannot_use"
	SCHEMATHESIS_CASES=160 $(PY) -m pytest tests/service/test_contract.py

lock: setup
	$(COMPILE) --extra semantic --extra geo pyproject.toml -o requirements.lock
	$(COMPILE) -c requirements.lock --extra semantic --extra geo --extra postgres --extra notebooks --group dev \
		pyproject.toml -o requirements-dev.lock
	echo "pyspark>=3.5" | $(COMPILE) -c requirements-dev.lock - -o requirements-spark.lock
	@! grep -nE 'https?://' requirements*.lock

# What the semantic scorer learnt from the taxonomy's labels; run after changing data/taxonomy.
adapter: setup
	$(PY) -m matcher.learning data/taxonomy

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis dist build
	find matcher -name "*.so" -delete

# Notebooks: `make notebook N=05` opens one in the browser, `make notebooks` runs all as tests, `make ipynb N=05` converts.
notebook: setup-dev
	.venv/bin/marimo edit --skip-update-check notebooks/$(N)_*.py

notebooks: setup-dev
	$(PY) -m pytest tests/notebooks

ipynb: setup-dev
	@$(PY) -c "import nbformat" 2>/dev/null || { echo "nbformat is missing: .venv/bin/pip install nbformat"; exit 1; }
	.venv/bin/marimo export ipynb notebooks/$(N)_*.py -o notebooks/$(N).ipynb --force
	@echo "notebooks/$(N).ipynb"

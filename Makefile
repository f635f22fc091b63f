# Two commands do it all: `make demo` and `make test`. Everything else is for developers.
SHELL := /bin/bash
PY := .venv/bin/python
UV := .venv/bin/uv
PYTHON ?= python3
export PYTHONDONTWRITEBYTECODE = 1
N ?= 01

.PHONY: setup demo test check serve lint bench reliability notebooks notebook lock clean

setup: .venv/.ready

# uv is bootstrapped into the project's own environment; the lock pins every package by hash.
.venv/.ready: requirements.lock pyproject.toml
	@test -x $(PY) || $(PYTHON) -m venv .venv || { echo "python3-venv is missing: apt-get install python3-venv"; exit 1; }
	@$(PY) -m pip install --quiet --disable-pip-version-check "uv>=0.5"
	@$(UV) pip install --quiet --python $(PY) --require-hashes -r requirements.lock
	@$(UV) pip install --quiet --python $(PY) --no-deps --editable .
	@touch $@

demo: setup
	@.venv/bin/matcher suggest data/sample/demo.json --top 5

test: setup
	$(PY) -m pytest

lint: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

check: lint test

lock:
	$(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
		--extra semantic --extra geo --extra postgres --extra notebooks --extra tune \
		--no-emit-package service-matcher --group dev pyproject.toml -o requirements.lock
	echo "pyspark>=3.5" | $(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
		-c requirements.lock - -o requirements-spark.lock
	@! grep -nE 'https?://' requirements.lock requirements-spark.lock

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis dist build

# `make help` lists what there is. Every target makes what it needs in $(VENV): nothing else on the machine is touched.

VENV ?= .venv
SPARK_VENV ?= .venv-spark
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
PACKAGE := src/seedbed/core/version.py pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help demo test check quick lint types contract format soak bench speed spark docs lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: $(VENV)/.run ## grow the shop example to ./out/shop, check its keys, show what was made
	$(BIN)/seedbed demo

test: $(VENV)/.dev ## every test, with branch coverage of the pure core
	$(BIN)/pytest -n auto --cov --cov-report=
	$(BIN)/coverage report --fail-under=95 --include='src/seedbed/core/*,src/seedbed/model/*,src/seedbed/plan/*,src/seedbed/generate/*'

check: lint types contract quick ## what to run before a commit: lint, types, import contract, quick tests

quick: $(VENV)/.dev ## the tests that take no seconds each
	$(BIN)/pytest -n auto -m "not slow and not soak"

lint: $(VENV)/.dev ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev ## mypy, strict
	$(BIN)/mypy

contract: $(VENV)/.dev ## which folder may import which
	$(BIN)/lint-imports --no-logo

format: $(VENV)/.dev ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

soak: $(VENV)/.dev ## every test at full counts, the statistical battery included
	SEEDBED_PROFILE=soak $(BIN)/pytest -m "soak or not soak"

bench: $(VENV)/.bench ## measure against Polars, DuckDB, Faker, Mimesis and tpchgen-cli
	$(BIN)/python bench/run.py

speed: $(VENV)/.dev ## measure what a value of each kind costs, for docs/speed.md
	$(BIN)/python tools/measure_generators.py

spark: $(SPARK_VENV)/.made ## install Apache Spark (1 GB, needs Java 17) for the tests that start it

docs: $(VENV)/.docs ## build the documentation to ./site
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

lock: ## pin the requirements anew (needs uv)
	tools/lock

clean: ## remove everything that was made
	rm -rf $(VENV) $(SPARK_VENV) out site dist .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp says which requirements the environment holds; the package itself is installed from this folder, editable.

$(VENV)/.made: tools/venv
	tools/venv $(VENV)
	touch $@

$(VENV)/.run: $(VENV)/.made requirements/run.txt $(PACKAGE)
	$(PIP) --require-hashes -r requirements/run.txt
	$(PIP) --no-build-isolation --no-deps -e .
	$(BIN)/python -m compileall -q src/seedbed
	touch $@

$(VENV)/.dev: $(VENV)/.made requirements/dev.txt $(PACKAGE)
	$(PIP) --require-hashes -r requirements/dev.txt
	$(PIP) --no-build-isolation --no-deps -e .
	$(BIN)/python -m compileall -q src/seedbed
	touch $@

$(VENV)/.docs: $(VENV)/.run requirements/docs.txt
	$(PIP) --require-hashes -r requirements/docs.txt
	touch $@

$(VENV)/.bench: $(VENV)/.run requirements/bench.txt
	$(PIP) --require-hashes -r requirements/bench.txt
	touch $@

$(SPARK_VENV)/.made: tools/venv requirements/spark.txt
	tools/venv $(SPARK_VENV)
	$(SPARK_VENV)/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements/spark.txt
	touch $@

# `make demo` and `make test` need Python 3.11 or newer and make, nothing else; each makes .venv by itself.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
FUZZ_MINUTES ?= 10

.PHONY: demo test test-all virtuoso lint queries questions alignments shapes release pictures notebook conformance fuzz bench clean

demo: $(VENV)/installed
	$(BIN)/kgtools run examples/online-service -o out/online-service

test: $(VENV)/tested
	$(BIN)/pytest -n auto --dist worksteal -m "not slow"

test-all: $(VENV)/tested
	$(BIN)/pytest -n auto --dist worksteal

virtuoso: $(VENV)/tested
	tests/install_virtuoso.sh
	$(BIN)/pytest -m virtuoso

lint: $(VENV)/linted
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

queries: $(VENV)/installed
	$(BIN)/python -m kgtools.query
	$(BIN)/python -m kgtools.questions

questions: $(VENV)/installed
	$(BIN)/python -m kgtools.questions examples/online-service docs/questions.md

shapes: $(VENV)/installed
	$(BIN)/python -m kgtools.validate

release: $(VENV)/installed
	$(BIN)/python -m kgtools.changes

alignments: $(VENV)/installed
	$(BIN)/python -m kgtools.align

pictures: $(VENV)/installed
	$(BIN)/python -m kgtools.report examples/online-service docs/propositions.svg

notebook: $(VENV)/tested
	$(BIN)/python tests/test_notebook.py

conformance: $(VENV)/tested
	$(BIN)/python -m tests.conformance docs/conformance.md

fuzz: $(VENV)/tested
	$(BIN)/python -m tests.fuzz run --minutes $(FUZZ_MINUTES)

bench: $(VENV)/measured
	$(BIN)/python -m benchmarks -o out/benchmarks --table docs/benchmarks.md
	$(BIN)/python -m benchmarks.servers

clean:
	rm -rf $(VENV) out

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/tested: $(VENV)/installed
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@

$(VENV)/measured: $(VENV)/installed
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[bench]'
	touch $@

$(VENV)/linted: $(VENV)/tested
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[lint,test]'
	touch $@

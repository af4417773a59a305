# Two commands do everything: `make chat` and `make test`.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
HOST ?= 127.0.0.1
PORT ?= 7860
export Q ?= what did the court rule?
BIN := .venv/bin
PINCITE := $(BIN)/pincite

.PHONY: chat test test-st ask lint clean help
.DEFAULT_GOAL := help

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 8

chat: .venv/.installed ## Install, take in seeds/ and corpus/, serve the chat and the API
	@$(PINCITE) ingest || [ $$? -eq 1 ]
	@exec $(PINCITE) serve --host $(HOST) --port $(PORT)

ask: .venv/.installed ## Ask one question: make ask Q="what did the court rule?"
	@$(PINCITE) status >/dev/null 2>&1 || $(PINCITE) ingest
	@$(PINCITE) ask "$$Q"

test: .venv/.installed-dev ## Run every check
	@tests/browser.sh $(BIN)
	$(BIN)/ruff check src tests training bench
	$(BIN)/ruff format --check src tests training bench
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest

test-st: .venv/.installed-dev .venv-onnx/.installed ## Hold the model folder to sentence-transformers
	SENTENCE_TRANSFORMERS_PYTHON=.venv-onnx/bin/python \
	  $(BIN)/pytest tests/embed/test_sentence_transformers_onnx.py

clean: ## Remove the virtual environments and caches (never the library)
	rm -rf .venv .venv-onnx .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Pincite needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 2; }
	$(PYTHON) -m venv .venv

.venv/.installed: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/.installed-dev: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ .venv/.installed

.venv-onnx/.installed: tests/sentence_transformers_onnx.sh | .venv/bin/python
	$< $(BIN)/python .venv-onnx
	@touch $@

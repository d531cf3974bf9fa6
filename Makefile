# `make` alone lists the targets.  Each sets up what it needs itself (scripts/bootstrap.sh).
PYTHON = .venv/bin/python

# Whatever starts many programs would otherwise read the sources anew in each of them.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench soak docs clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' Makefile

demo:  ## Issue in Sichuan, show, verify in Chongqing; writes codes and lists into out/
	@scripts/bootstrap.sh demo
	@.venv/bin/ecert demo --out out

test:  ## Run all tests; ARGS="-k name" runs some
	@scripts/bootstrap.sh test
	@scripts/bootstrap.sh interop
	@$(PYTHON) -m pytest -n 2 --dist worksteal $(ARGS)

lint:  ## Check style, types and floors (ruff, mypy --strict, import-linter)
	@scripts/bootstrap.sh test
	@$(PYTHON) -m ruff check
	@$(PYTHON) -m ruff format --check
	@$(PYTHON) -m mypy
	@.venv/bin/lint-imports --no-logo

bench:  ## Measure; ARGS=--save keeps the tables, BENCH=bulk runs benchmarks/bench_bulk.py alone
	@scripts/bootstrap.sh test
	@set -e; for program in benchmarks/bench_$(or $(BENCH),*).py; do $(PYTHON) $$program $(ARGS); done

soak:  ## Kill, cut off, fill up and race bulk jobs for half an hour; ARGS="--only kills"
	@scripts/bootstrap.sh test
	@PYTHONPATH=benchmarks $(PYTHON) -m tests.soak $(ARGS)

docs:  ## Write the tables in docs/ anew from the code, and check the links
	@scripts/bootstrap.sh test
	@$(PYTHON) scripts/make_docs.py

clean:  ## Remove whatever the other targets made
	rm -rf .venv .venv-bench-* .venv-cwt .venv.lock tests/interop/node_modules out dist
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find ecert tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +

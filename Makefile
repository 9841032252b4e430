.PHONY: run test setup bench chaos lint lock

setup:
	@./setup.sh

run: setup
	@.venv/bin/motcua demo

test:
	@MOTCUA_SETUP=test ./setup.sh
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@.venv/bin/pytest -n auto --dist loadfile  # a worker for each core; a file's tests stay together

bench:
	@MOTCUA_SETUP=bench ./setup.sh
	@.venv/bin/python -m tests.benchmarks

chaos:
	@MOTCUA_SETUP=test ./setup.sh
	@.venv/bin/python -m tests.chaos

lock:  # newest versions that pyproject.toml allows, written down for every machine
	@./setup.sh lock

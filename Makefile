.PHONY: run test test-all checks setup bench chaos lint lock wheels sbom release

setup:
	@./setup.sh

run: setup
	@.venv/bin/motcua demo

checks:
	@MOTCUA_SETUP=test ./setup.sh
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@.venv/bin/python -m tests.front_end

# A worker for each core; a file's tests stay together.
test: checks
	@.venv/bin/pytest -n auto --dist loadfile -m "not long"

test-all: checks
	@.venv/bin/pytest -n auto --dist loadfile

bench:
	@MOTCUA_SETUP=bench ./setup.sh
	@.venv/bin/python -m tests.benchmarks

chaos:
	@MOTCUA_SETUP=test ./setup.sh
	@.venv/bin/python -m tests.chaos

lock:  # newest versions that pyproject.toml allows, written down for every machine
	@./setup.sh lock

sbom:  # dist/motcua-VERSION.cdx.json: every library that a hall runs, with version and licence
	@.ci/sbom

release:  # make release VERSION=X.Y.Z; see docs/how-to/release.md
	@.ci/release $(VERSION)

wheels:  # does every package of a hall come as a wheel, for x86_64 and arm64, Python 3.11 to 3.13?
	@./setup.sh wheels

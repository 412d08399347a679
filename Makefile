# make install  install what running needs into .venv
# make run      train SeqGAN on the oracle benchmark (flags: make run ARGS="--preset=smoke")
# make test     style check, rule of imports, documentation and tests
# make docs     build the site from docs/ and the docstrings; open site/index.html
PYTHON ?= python3
VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
REQUIREMENTS ?= requirements.txt
# One more than two cores, because some tests wait for other processes.
JOBS ?= 3
INSTALL := .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-compile
# On all cores, which pip does not do; without the packages' own tests.
COMPILE := .venv/bin/python -m compileall -qq -j 0 -x '/tests?/' .venv/lib
RUN_READY := .venv/.run-$(VERSION)-$(REQUIREMENTS)
TEST_READY := .venv/.test-$(VERSION)-$(REQUIREMENTS)

.PHONY: install run test quicktest lint format docs site

install: $(RUN_READY)

run: $(RUN_READY)
	.venv/bin/python -m seqgan_tf.main $(ARGS)

test: lint
	.venv/bin/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

quicktest: $(TEST_READY)
	.venv/bin/python -m pytest -n $(JOBS) --dist loadfile -m "not slow" $(ARGS)

docs: $(TEST_READY)
	.venv/bin/python -W ignore -m seqgan_tf.metrics.catalogue > docs/metrics.md
	.venv/bin/python -W ignore -m seqgan_tf.cli.reference > docs/flags.md
	$(MAKE) --no-print-directory site

# The pages as they are: so a test can see that a generated one is out of date.
site: $(TEST_READY)
	NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --strict  # with --quiet it would be less strict

lint: $(TEST_READY)
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports --no-cache
	$(MAKE) --no-print-directory site

format: $(TEST_READY)
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

# A stamp for each Python version and list of requirements: another one makes .venv anew.
$(RUN_READY): $(REQUIREMENTS) requirements-base.txt
	@case "$(VERSION)" in 3.11|3.12|3.13) ;; *) echo "error: PYTHON must be 3.11, 3.12 or 3.13, got $(PYTHON), version '$(VERSION)'; for example: make run PYTHON=python3.12" >&2; exit 2;; esac
	@echo "Installing into .venv (1 to 3 minutes) ..."
	$(PYTHON) -m venv --clear .venv
	$(INSTALL) -r $(REQUIREMENTS)
	$(COMPILE)
	@touch $@

$(TEST_READY): $(RUN_READY) requirements-dev.txt
	$(INSTALL) -r requirements-dev.txt
	$(COMPILE)
	@touch $@

# Every command a person needs. `make` alone lists them.
# An environment keeps the Python it was made with. To make it anew with another one: make lab PYTHON=python3.12
# Tests and stored outputs use built-in data, whatever lies in data/, unless COURSE_DATA and COURSE_DATA_DIR say otherwise.

VENV = .venv-dev/bin/python
BOOTSTRAP = $(or $(PYTHON),python3) tools/bootstrap.py $(if $(PYTHON),--with-this-python)
# What .venv-dev holds: see CONTRIBUTING.md.
GROUPS = tests site
BUILT_IN = COURSE_DATA="$${COURSE_DATA:-builtin}" COURSE_DATA_DIR="$${COURSE_DATA_DIR:-$(CURDIR)/build/no-data}"

.DEFAULT_GOAL := help
.PHONY: help lab test test-browser test-colab run notebooks lint slides slides-pdf present site links data samples bench tables mutants stamp lock clean environment edit python release grade packages grading-environment

help: ## list the commands
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

python:
	@command -v $(or $(PYTHON),python3) >/dev/null || { echo "There is no '$(or $(PYTHON),python3)' here. Install Python 3.11 to 3.13, or name one: make PYTHON=python3.12" >&2; exit 2; }

environment: python
	@$(BOOTSTRAP) $(GROUPS)

lab: python ## open the course in JupyterLab (ARGS="--no-browser" is passed on)
	@$(BOOTSTRAP) lab $(ARGS)

edit: python ## open the notebooks as an author: what is saved there updates sources/ (ARGS as for lab)
	@$(BOOTSTRAP) edit $(ARGS)

test: environment ## run the tests and execute all notebooks on reduced data (minutes)
	@$(BUILT_IN) COURSE_BUDGET=reduced $(VENV) -m pytest -n 2 --dist loadfile --nbval-lax --nbval-current-env --nbval-cell-timeout=600 --ignore=notebooks/labs tests notebooks $(ARGS)

run: environment ## execute every lesson in full budget, write pages to build/ (ARGS="03" for one)
	@COURSE_BUDGET=full $(VENV) -m tools.build run $(ARGS)

notebooks: environment ## make the notebooks from sources/ and execute them (ARGS="03" for one)
	@$(VENV) -m ruff format --quiet sources
	@$(BUILT_IN) COURSE_BUDGET=full $(VENV) -m tools.build notebooks $(ARGS)

lint: environment ## check code style, and that notebooks are fresh, described and free of errors
	@$(VENV) -m ruff format --check --quiet .
	@$(VENV) -m ruff check --quiet .
	@$(VENV) -m mypy --no-error-summary
	@$(VENV) -m tools.lint

slides: environment ## make a presentation of each lesson, in build/slides (ARGS="03" for one)
	@$(VENV) -m tools.slides $(ARGS)

slides-pdf: environment ## the same, and print them to PDF (needs Chromium or Chrome)
	@$(VENV) -m tools.slides pdf $(ARGS)

present: environment ## show one presentation: make present LESSON=03
	@$(VENV) -m tools.slides present $(LESSON)

site: environment ## make the web pages, in build/site (after make slides)
	@$(VENV) -m tools.website

links: environment ## try every link to other servers (needs a network; after make site)
	@$(VENV) -m sphinx -q -b linkcheck build/site-source build/linkcheck

test-browser: environment slides site ## look at slides, site and JupyterLab in a real browser (needs Chromium)
	@$(BUILT_IN) $(VENV) -m pytest tests/browser_slides.py tests/browser_site.py tests/browser_lab.py $(ARGS)

test-colab: environment ## run lessons as in Colab (COLAB_VERSIONS=colab-versions-previous.txt for the older ones)
	@$(VENV) -m pytest tests/in_colab.py $(ARGS)

data: python ## fetch the real data sets into data/ (ARGS="mnist.npz" for one); not needed for the lessons
	@$(BOOTSTRAP) student
	@.venv/bin/python -m helpers.datasets list
	@.venv/bin/python -m helpers.datasets fetch $(ARGS)

samples: environment ## draw the built-in sample pictures again (minutes)
	@$(VENV) -m tools.samples

bench: environment ## measure speeds as ratios in one run, write results/
	@$(VENV) -m benchmarks.convolution

tables: environment ## write the tables made from course.toml and results/ into the pages that hold them
	@$(VENV) -m tools.tables

grading-environment: python
	@$(BOOTSTRAP) grading

release: grading-environment ## write the students' version of a lab, in build/grading/release (LAB=05)
	@$(VENV) -m grading release $(or $(LAB),$(error Say which lab: make release LAB=05))

grade: grading-environment ## grade a class: LAB=05 SUBMISSIONS=folder, and if you like ROSTER=list.csv SECRET=file CANVAS=assignment
	@$(VENV) -m grading grade "$(or $(LAB),$(error Say which lab: make grade LAB=05 SUBMISSIONS=folder))" "$(or $(SUBMISSIONS),$(error Say where the notebooks are: SUBMISSIONS=folder))" \
		$(if $(ROSTER),--roster "$(ROSTER)") $(if $(SECRET),--secret "$(SECRET)") $(if $(CANVAS),--assignment "$(CANVAS)")

packages: grading-environment ## write a zip of each lab and of the course for students, without solutions, in build/packages
	@$(VENV) -m grading packages

mutants: environment ## break the code in many small ways and count which of them the tests notice (half an hour)
	@$(BUILT_IN) $(VENV) -m tools.mutants $(ARGS)

stamp: environment ## take the repository's address from the git remote, write it where it is needed
	@$(VENV) -m tools.address
	@$(VENV) -m tools.tables
	@$(VENV) -m tools.build generate

lock: python ## renew all lock files (ARGS=--keep: each version that still fits stays)
	@$(BOOTSTRAP) lock $(ARGS)

clean: ## remove everything that can be made again, the environments included (not my-notebooks)
	rm -rf .venv* build *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -path ./my-notebooks -prune -o \( -name __pycache__ -o -name .ipynb_checkpoints \) -prune -exec rm -rf {} +

# Everything a person does with this checkout; `make` alone lists it.
SHELL := bash
VENV  := .venv
BIN   := $(VENV)/bin
INSTALL := scripts/install_packages $(BIN)/python

export PATH := $(CURDIR)/$(BIN):$(PATH)
export AWS_DEFAULT_REGION ?= us-east-1
export SAM_CLI_TELEMETRY := 0
# Images of containers often set it: every process would compile all that it imports anew, the command's and the jobs', too.
unexport PYTHONDONTWRITEBYTECODE

# Of what needs no account: sam would stop at a profile that is not there.
WITHOUT_ACCOUNT := env -u AWS_PROFILE -u AWS_DEFAULT_PROFILE AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null

.DEFAULT_GOAL := help
.PHONY: help setup run up test prove build lint types validate format requirements registry service-models instance-types findings docs screenshots benchmark scale mxnet check-mxnet check-deploy sam-local smoke fuzz mutate clean
.DELETE_ON_ERROR:

help: ## List what can be made
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1 - \2/p' Makefile

setup: $(VENV)/run.stamp ## Make .venv with what `make run` needs

run: build ## Train on handwritten digits, on this machine, with no AWS account
	@rm -rf .sagescene/run
	@$(BIN)/sagescene run --save .sagescene/run

up: build ## Keep the local stack standing, for the AWS CLI and boto3
	@$(BIN)/sagescene up

build: setup ## Build the functions and the layer into .aws-sam
	@echo "Building the functions and the layer ($$(sed 's/.*/last time: & s/' $(VENV)/build.seconds 2> /dev/null || echo 'about a minute, the first time'))"
	@# Compiled files beside the source are, to SAM's cache, another source.
	@find functions layers -name __pycache__ -prune -exec rm -rf {} +
	@began=$$SECONDS; $(WITHOUT_ACCOUNT) $(BIN)/sam build --cached --parallel > $(VENV)/build.log 2>&1 || { cat $(VENV)/build.log; exit 1; }; \
	echo $$((SECONDS - began)) > $(VENV)/build.seconds

# What keeps one processor busy is done two at a time, the output of each kept together where make can (GNU make 4).
TOGETHER := --jobs=2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)
FUZZED   := $(if $(filter Linux,$(shell uname)),fuzz)

test: $(VENV)/test.stamp $(VENV)/linters/stamp ## Check everything: lint, types, template, build, tests
	@$(MAKE) --no-print-directory $(TOGETHER) lint types validate build $(FUZZED) DURATION=15
	@$(MAKE) --silent --no-print-directory mxnet || echo "What MXNet itself trains is left out."
	@# One more than there are processors: of the time that tests with a stack take, a third passes in waiting.
	$(BIN)/pytest --numprocesses "$$($(BIN)/python -c 'import os; print(os.process_cpu_count() + 1)')" --dist worksteal --expected-skips tests/skips.txt

validate: $(VENV)/test.stamp ## Check the template as SAM and cfn-lint do
	$(WITHOUT_ACCOUNT) $(BIN)/sam validate --lint

prove: $(VENV)/test.stamp build ## Run the proofs of once and never lost at length (some minutes); writes PROOF.md
	@figures=$$(mktemp) && trap 'rm -f "$$figures"' EXIT && \
	PROOF_FIGURES=$$figures PROOF_EXAMPLES=1000 PROOF_STEPS=40 PROOF_PAIRS=60 PROOF_ABOVE_QUOTA=100 PROOF_KILLS=50 \
	$(BIN)/pytest --numprocesses auto tests/proof tests/e2e/test_kills.py && $(BIN)/python tests/proof/figures.py "$$figures" PROOF.md

lint: $(VENV)/test.stamp $(VENV)/linters/stamp ## Check style, format and what security linters know of code and template
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(VENV)/linters/bin/bandit --quiet --configfile pyproject.toml --recursive .
	CKV_SKIP_PACKAGE_UPDATE_CHECK=true $(VENV)/linters/bin/checkov --quiet --compact --skip-download --framework cloudformation --file template.yaml operations.yaml
	$(WITHOUT_ACCOUNT) $(BIN)/sam validate --lint --region us-east-2 --template-file operations.yaml
	$(VENV)/linters/bin/zizmor --quiet --offline --persona pedantic docs/workflows/*.yml

types: $(VENV)/test.stamp ## Check types
	$(BIN)/mypy

format: $(VENV)/test.stamp ## Mend style and format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

requirements: ## Pin the dependencies anew (UPGRADE=1: the newest of each)
	scripts/compile_requirements $(UPGRADE)

registry: $(VENV)/registry/stamp ## Write the image registry anew from the SageMaker SDK (almost a gigabyte, in an environment of its own)
	$(VENV)/registry/bin/python scripts/generate_registry.py

service-models: $(VENV)/run.stamp ## Write what botocore is to know of the services that are called anew, from the installed one
	@$(BIN)/python scripts/generate_service_models.py

instance-types: $(VENV)/run.stamp ## Write the template's lists of instance types and Regions anew from the layer's tables
	@$(BIN)/python scripts/generate_instance_types.py

findings: $(VENV)/test.stamp ## Write docs/findings.md anew from the codes of findings
	$(BIN)/python -m scripts.generate_findings_page

docs: findings ## Write every generated page of docs/ anew: findings, parameters, troubleshooting, training.json's schema, scale
	$(BIN)/python -m scripts.generate_parameters_page
	$(BIN)/python -m scripts.generate_troubleshooting_page
	$(BIN)/python -m scripts.generate_training_schema
	$(BIN)/python -m scripts.generate_scale_page

screenshots: build ## Take the pictures of docs/images anew, from the pages of a run (needs chromium)
	@kept=$$(mktemp -d) && trap 'rm -rf "$$kept"' EXIT && $(BIN)/sagescene run --save "$$kept" && $(BIN)/python -m scripts.take_screenshots "$$kept"

benchmark: build $(VENV)/benchmarks/stamp ## Measure against other tools; writes the tables of benchmarks/README.md, and docs/scale.md
	@$(MAKE) --silent --no-print-directory $(VENV)/mxnet/stamp || echo "MXNet's own reader is left out."
	@PYTHONPATH=layers/core $(VENV)/benchmarks/bin/python -m benchmarks $(ARGUMENTS)
	@$(BIN)/python -m scripts.generate_scale_page

scale: $(VENV)/test.stamp ## Simulate very many data sets at once in virtual time (SETS=10000, some minutes); writes docs/scale.md
	@SCALE_SETS=$(or $(SETS),10000) SCALE_FIGURES=benchmarks/scale.json $(BIN)/pytest --quiet tests/proof/test_scale.py
	@$(BIN)/python -m scripts.generate_scale_page && sed -n '/data sets within/,/^## 1,/{/^## 1,/!p;}' docs/scale.md

mxnet: $(VENV)/mxnet/stamp ## Make the environment of `sagescene run --trainer mxnet`

check-mxnet: $(VENV)/run.stamp $(VENV)/mxnet/stamp ## Exchange record files and models with MXNet (SYMBOLS="a-symbol.json ...": graphs of real jobs, too)
	@$(BIN)/python -m scripts.check_mxnet $(VENV)/mxnet/bin/python
	@$(BIN)/python -m scripts.check_mxnet_model $(VENV)/mxnet/bin/python
	@$(BIN)/python scripts/check_pictures.py $(VENV)/mxnet/bin/python
	@$(BIN)/python scripts/check_models.py $(VENV)/mxnet/bin/python $(SYMBOLS)
	@$(BIN)/python -m scripts.check_mxnet_training $(VENV)/mxnet/bin/python

check-deploy: build ## Deploy onto MiniStack, an emulator that is not ours, and make a model there
	@if $(MAKE) --silent --no-print-directory $(VENV)/ministack/stamp > $(VENV)/ministack.log 2>&1; \
	then $(VENV)/ministack/bin/python -m scripts.check_deploy; \
	else echo "Skipped: MiniStack could not be installed here; $(VENV)/ministack.log says why."; fi

sam-local: build ## Answer every sample event by `sam local invoke`, against the local stack (needs Docker or Podman)
	@$(BIN)/python -m scripts.sam_local

# The Region is the person's own, not this file's.
smoke: $(VENV)/run.stamp ## Try a deployed stack with a small set; costs money, and asks before (STACK=name, YES=1, KEEP=1, TIMEOUT=minutes, CLEAN=set)
	@$(if $(filter file,$(origin AWS_DEFAULT_REGION)),env -u AWS_DEFAULT_REGION) $(BIN)/python -m scripts.smoke \
	$(or $(STACK),$(error Name the deployed stack: make smoke STACK=sagescene-dev)) \
	$(if $(YES),--yes) $(if $(KEEP),--keep) $(if $(TIMEOUT),--timeout $(TIMEOUT)) $(if $(CLEAN),--clean $(CLEAN))

fuzz: $(VENV)/fuzz/stamp ## Feed arbitrary bytes to the parsers (DURATION=60, in seconds)
	@PYTHONPATH=layers/core $(VENV)/fuzz/bin/python -m tests.fuzz $(or $(DURATION),60)

mutate: $(VENV)/test.stamp $(VENV)/mutate/stamp ## Change a room's code piece by piece; its tests must notice (ROOM=workflow, MODULES=)
	@$(VENV)/mutate/bin/python -m tests.mutation $(or $(ROOM),workflow) $(MODULES)

clean: ## Remove everything that was made
	rm -rf $(VENV) .uv .aws-sam .sagescene build *.egg-info *.whl .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

$(BIN)/python:
	@python=$$(scripts/find_python) && echo "Making $(VENV) with $$python" && "$$python" -m venv $(VENV)

# The functions' runtime is compiled as Lambda's is.
$(VENV)/run.stamp: requirements/run.txt requirements/runtime.txt pyproject.toml | $(BIN)/python
	@echo "Installing what the local stack needs (a quarter of a minute, once)"
	@$(INSTALL) --require-hashes -r requirements/run.txt
	@rm -rf $(VENV)/lambda-runtime
	@$(INSTALL) --require-hashes -r requirements/runtime.txt --target $(VENV)/lambda-runtime
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lambda-runtime
	@$(INSTALL) --no-build-isolation --no-deps --editable .
	@touch $@

$(VENV)/test.stamp: requirements/test.txt $(VENV)/run.stamp
	@echo "Installing what the tests need (once)"
	@$(INSTALL) --require-hashes -r requirements/test.txt
	@touch $@

# Environments for one purpose each, apart from the main one.
FIND := scripts/find_python
$(VENV)/mxnet/stamp: FIND := scripts/find_mxnet_python
$(VENV)/%/stamp: requirements/%.txt | $(BIN)/python
	@python=$$($(FIND)) && echo "Making $(@D) with $$python (once)" && "$$python" -m venv --clear $(@D)
	@$(@D)/bin/python -m pip --quiet --quiet --disable-pip-version-check install --require-hashes -r $<
	@touch $@

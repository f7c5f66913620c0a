# Guanjia (莞家助手). `make` alone lists the commands.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PY := .venv/bin/python
RASA_PY := .venv-rasa/bin/python
export PYTHONPATH := $(CURDIR)
N ?= 10000

.PHONY: help setup setup-tests run test check format lint types imports validate train triage eval bench bench-lists demo-data simulate-sms simulate-wechat sms-templates clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | awk 'BEGIN {FS = ":.*?## "} {printf "  make %-12s %s\n", $$1, $$2}'

setup: ## make both environments (done by every other command, too)
	@scripts/setup.sh

setup-tests:
	@scripts/setup.sh --browser

run: setup ## set up what is missing and run everything: PORT= HOST= move the public address
	@exec $(PY) -m scripts.run

test: setup-tests ## every test, browser and whole conversations included
	@$(PY) -m scripts.env_file
	@$(PY) -W ignore -m scripts.model
	@$(RASA_PY) -m pytest tests/bot tests/actions $(ARGS)
	@$(PY) -m pytest tests --ignore=tests/bot --ignore=tests/actions $(ARGS)

check: setup-tests format lint types imports validate test ## what CI runs: formatting, lint, types, import rules, data, tests

format:
	@.venv/bin/ruff format --check .

lint:
	@.venv/bin/ruff check .

types:
	@.venv/bin/mypy backend scripts
	@.venv/bin/mypy --python-executable $(RASA_PY) --python-version 3.10 bot actions

imports:
	@.venv/bin/lint-imports

validate: ## the corpus, the domain and the rules hold together
	@$(RASA_PY) -W ignore -m scripts.check_corpus
	@$(RASA_PY) -W ignore -m scripts.check_domain

train: setup ## train the model into models/
	@$(PY) -m scripts.model --force

triage: setup ## make triage IN=a.jsonl OUT=b.jsonl: batch triage without a server
	@$(PY) -m scripts.model >&2
	@$(RASA_PY) -W ignore -m bot.triage_cli "$(IN)" "$(OUT)"

eval: setup ## score the model on the development sets; writes var/eval.json
	@$(PY) -m scripts.model
	@$(RASA_PY) -W ignore -m scripts.eval

bench: setup ## benchmarks: turns, 50 citizens in WeChat, workers; ARGS= one of them; writes var/bench.json
	@$(PY) -m scripts.model
	@$(PY) -m scripts.bench $(ARGS)

bench-lists: setup ## p95 of lists and searches at two sizes; ARGS="10000 1000000 --keep FOLDER"
	@$(PY) -m scripts.bench_lists $(ARGS)

demo-data: setup ## fill the database with N synthetic cases
	@$(PY) -m scripts.demo_data $(N)

simulate-wechat: setup ## a terminal in which you are a citizen in WeChat
	@$(PY) -m scripts.simulate_wechat $(ARGS)

simulate-sms: setup ## a terminal in which you are the citizen with a telephone
	@$(PY) -m scripts.simulate_sms $(ARGS)

sms-templates: setup ## the text messages as a registration sheet: var/sms-templates.csv
	@$(PY) -m scripts.sms_templates

clean: ## remove the environments, the model and caches; data under var/ stays
	rm -rf .venv .venv-rasa node_modules models .rasa .mypy_cache .ruff_cache .pytest_cache var/cache

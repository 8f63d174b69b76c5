# The two commands that matter: `make demo` shows Daybook, `make test` proves it.

TARGET := $(or $(CARGO_TARGET_DIR),target)

.DEFAULT_GOAL := help
.PHONY: help demo test check bench fmt parts

help: ## list the commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 16

demo: ## build Daybook and open a company with a year of books (ARGS="--fresh" starts it anew)
	@scripts/parts build
	cargo build --release --locked -p daybook
	@exec $(TARGET)/release/daybook demo $(ARGS)

test: ## format, lints, every test with its real parts, house rules, supply chain
	@scripts/test

check: ## the quick part of it: format, lints, house rules
	@scripts/parts build
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo test --workspace --locked --quiet --test tidy --test supply_chain --test vendored

bench: ## measure against the ratios in docs/performance.md (release build, side by side)
	@scripts/parts test
	@set -a; . target/parts/env; set +a; exec cargo xtask bench $(ARGS)

fmt: ## format the code
	cargo fmt --all

parts: ## install what the tests need
	@scripts/parts test

# Everything a person or CI does with this repository. Each target is one script or one command.
# BUILD is the SwiftPM scratch directory; set it to reuse a cache: make test BUILD=/var/cache/gatehouse

BUILD ?= .build
export BUILD
SWIFT_SOURCES = Package.swift Sources Tests $(wildcard Benchmarks)

.PHONY: help run test build release format lint clean bench

help: ## Show the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

run: ## Start Gatehouse with a demo tenant and two demo applications (Ctrl-C stops all)
	@exec Scripts/run

test: ## Install what is missing, build, and run every test
	@exec Scripts/test

build: ## Build the debug binary
	@Scripts/install-packages run
	swift build --scratch-path "$(BUILD)" --product gatehouse

release: ## Build the release binary
	@Scripts/install-packages run
	swift build --scratch-path "$(BUILD)" --configuration release --product gatehouse
	@echo "$(BUILD)/release/gatehouse"

format: ## Rewrite the Swift sources in house style
	swift format format --in-place --recursive --parallel $(SWIFT_SOURCES)

lint: ## Refuse what is not in house style
	swift format lint --strict --recursive --parallel $(SWIFT_SOURCES)

bench: release ## Run the benchmarks against the release binary
	@BIN="$(BUILD)/release/gatehouse" Benchmarks/run

clean: ## Remove what was built; Data/ and Keys/ stay
	rm -rf "$(BUILD)" .build-*

# The front door. Every target is a thin name for a `cairn` command.
#
#   make                      build every package and check its digest
#   make out/NAME.tgz         one package as a file (NAME: core/zlib -> core-zlib)
#   make reproduce            rebuild every package under other conditions, compare
#   make clean reproduce      the same from nothing: what they need is rebuilt too
#   make sign / make verify   vote for what this machine reproduced / count the votes
#   make test                 every test;  make check: only the fast ones
#   make bench                time cairn beside Docker and Buildah, and write it into README.md
#
# ENGINE=docker|podman|buildah builds with that engine; PLAIN=1 with no tool of ours.

CAIRN ?= target/release/cairn
ENGINE ?= embedded
CAIRN_FLAGS ?=

.PHONY: all build reproduce sign verify test check bench clean tool
.DEFAULT_GOAL := all

all: build

# Cargo knows better than make when the tool is out of date. It says what it does the first
# time, which takes minutes, and nothing later.
tool:
	@cargo build --release --locked $(if $(wildcard target/release/cairn),--quiet) -p cairn

build: tool
	$(CAIRN) build --engine $(ENGINE) $(CAIRN_FLAGS)

ifdef PLAIN
out/%.tgz: FORCE
	ENGINE=$(filter-out embedded,$(ENGINE)) plain/build $@
else
out/%.tgz: tool FORCE
	$(CAIRN) export --engine $(ENGINE) $(CAIRN_FLAGS) $* $@
endif

reproduce: tool
	$(CAIRN) reproduce $(if $(filter clean,$(MAKECMDGOALS)),--all) $(CAIRN_FLAGS)

sign: tool
	$(CAIRN) sign $(CAIRN_FLAGS)

verify: tool
	$(CAIRN) verify $(CAIRN_FLAGS)

test:
	tests/run

check:
	tests/run --fast

bench: tool
	benches/run --write
	benches/verify

clean:
	rm -rf out

FORCE:

# make serve    build, then serve the site, the bridge and the lab servers; prints the address
# make test     build, check and run every test
# The other targets are in README.md.

B := build
LWIP ?= $(B)/lwip
MAKEFLAGS += --jobs=$(shell nproc) --no-builtin-rules

.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: all serve site test bench lint clean kernel native programs

all: site native

clean:
	rm -rf $(B)

# Set-up comes first: before anything else, make sees that the files it includes are up to date.
ifneq ($(MAKECMDGOALS),clean)
ifneq ($(LWIP),$(file <$(B)/lwip.path))
$(shell mkdir -p $(B))$(file >$(B)/lwip.path,$(LWIP))
endif
include $(B)/config.mk $(B)/lwip.mk
endif

$(B)/config.mk: setup.sh $(wildcard /etc/os-release)
	@./setup.sh $@

$(B)/lwip.mk: src/kernel/lwip.sh $(B)/config.mk $(B)/lwip.path
	@[ -e $(LWIP)/src/core/init.c ] || src/kernel/lwip.sh $(LWIP)
	@cd $(LWIP)/src && echo LWIP_C := core/*.c core/ipv4/*.c core/ipv6/*.c netif/ethernet.c >$(abspath $@)

NPM := node_modules/.package-lock.json
$(NPM): package.json package-lock.json .npmrc $(B)/config.mk
	npm ci --loglevel=error
	@touch $@

WARN := -std=gnu11 -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
        -Wpointer-arith -Wwrite-strings -Wvla -Wno-unused-parameter

include src/kernel/build.mk
-include src/libc/recipe.mk

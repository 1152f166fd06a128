# BusyBox: the lab's shell and its ordinary commands, as three programs. `sh` is small, and there first;
# `runners` are the commands that fork; `busybox` is the others, which do not pay for that.

BUSYBOX ?= $(B)/busybox/source
BUSYBOX_PROGRAMS := sh runners busybox
BUSYBOX_SETTINGS := $(patsubst %,src/busybox/%,settings configure.sh $(BUSYBOX_PROGRAMS))

ifneq ($(MAKECMDGOALS),clean)
include $(B)/busybox/files.mk
endif
$(B)/busybox/files.mk: src/busybox/fetch.sh $(BUSYBOX_SETTINGS) $(B)/config.mk
	@[ -e $(BUSYBOX)/applets ] || src/busybox/fetch.sh $(BUSYBOX)
	@src/busybox/configure.sh $(BUSYBOX) $(@D)

# as small as it can be, without what the recipe has for a learner's own program
BUSYBOX_CC = $(EM_CC) --sysroot=$(SYSROOT) $(filter -mcpu% -mmut% -msign% -mnon% -mexc% -D%,$(CFLAGS)) \
  -std=gnu17 -Os -w -funsigned-char -fno-strict-aliasing -fwrapv -D_GNU_SOURCE -DNDEBUG \
  -DBB_VER='"1.35.0"' -DBB_EXTRA_VERSION='""' -DKBUILD_BASENAME='"$(*F)"' \
  -include $(B)/busybox/include/autoconf.h
BUSYBOX_INCLUDE := -I$(B)/busybox/include -I$(BUSYBOX)/include -I$(BUSYBOX)/libbb
BUSYBOX_O := $(patsubst %.c,$(B)/busybox/o/%.o,$(filter-out libbb/appletlib.c,$(BUSYBOX_C)))

$(B)/busybox/o/%.o: $(BUSYBOX)/%.c $(B)/busybox/files.mk $(SYSROOT)/include/ready
	$(say)
	@$(BUSYBOX_CC) $(BUSYBOX_INCLUDE) -c $< -o $@

$(B)/busybox/busybox.a: $(BUSYBOX_O)
	$(say)
	@rm -f $@ && $(WASM_AR) rcs $@ $^

# what depends on which applets a program has
define busybox_program
$(B)/busybox/$(1)/%.o: $(BUSYBOX)/%.c $(B)/busybox/files.mk $(SYSROOT)/include/ready
	$$(say)
	@$$(BUSYBOX_CC) -I$(B)/busybox/$(1)/include $$(BUSYBOX_INCLUDE) -c $$< -o $$@

$(B)/programs/$(1).wasm: $(B)/busybox/$(1)/applets/applets.o $(B)/busybox/$(1)/libbb/appletlib.o $(B)/busybox/busybox.a
endef
$(foreach p,$(BUSYBOX_PROGRAMS),$(eval $(call busybox_program,$(p))))
BUSYBOX_WASM := $(BUSYBOX_PROGRAMS:%=$(B)/programs/%.wasm)
$(BUSYBOX_WASM): $(SYSROOT_READY) src/libc/link.sh | $(NPM)
	$(say)
	@$(LAB_LD) -s $(filter %.o %.a,$^) -o $@

# What is in the lab's /bin from the start: our own commands, whose other names are in src/bin/NAME.names,
# then BusyBox's for the names that are left.
OWN_COMMANDS := $(patsubst src/bin/%.c,$(B)/programs/%.wasm,$(wildcard src/bin/*.c))
OWN_NAMES := $(wildcard src/bin/*.names)
OFFERED := $(filter-out %/sh.wasm,$(BUSYBOX_WASM))
$(B)/programs/commands.json: $(OWN_COMMANDS) $(OWN_NAMES) $(OFFERED) web/build/commands.js
	$(say)
	@node web/build/commands.js $(foreach p,$(OWN_COMMANDS),$(p)$(addprefix =,$(filter src/bin/$(basename $(notdir $(p))).names,$(OWN_NAMES)))) $(foreach p,$(OFFERED),$(p)=$(B)/busybox/$(basename $(notdir $(p)))/names) >$@

# make serve    build, then serve the site, the bridge and the lab servers; prints the address
# make test     build, check and run every test
# LESSONS=DIR makes another course than web/lessons. The other targets are in README.md.

B := build
LWIP ?= $(B)/lwip
LESSONS ?= web/lessons
COURSE := $(if $(filter $(abspath web/lessons),$(abspath $(LESSONS))),web/lessons,$(abspath $(LESSONS)))
MAKEFLAGS += --jobs=$(shell nproc) --no-builtin-rules

.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY: # objects are kept
.PHONY: all serve site test bench conformance lint format clean kernel native programs tests course \
        lesson check-lessons peers test-peers

all: site native tests

clean:
	rm -rf $(B)

# Set-up comes first: before anything else, make sees that the files it includes are up to date.
ifneq ($(MAKECMDGOALS),clean)
ifneq ($(LWIP),$(file <$(B)/lwip.path))
$(shell mkdir -p $(B))$(file >$(B)/lwip.path,$(LWIP))
endif
ifneq ($(COURSE),$(file <$(B)/course.path))
$(file >$(B)/course.path,$(COURSE))
endif
include $(B)/config.mk $(B)/lwip.mk
endif

$(B)/config.mk: src/setup.sh $(wildcard /etc/os-release)
	@src/setup.sh $@

$(B)/lwip.mk: src/kernel/lwip.sh $(B)/config.mk $(B)/lwip.path
	@[ -e $(LWIP)/src/core/init.c ] || src/kernel/lwip.sh $(LWIP)
	@cd $(LWIP)/src && echo LWIP_C := core/*.c core/ipv4/*.c core/ipv6/*.c netif/ethernet.c >$(abspath $@)

NPM := node_modules/.package-lock.json
$(NPM): package.json package-lock.json .npmrc $(B)/config.mk
	npm ci --loglevel=error
	@touch $@

# ---- C ----

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
        -Wpointer-arith -Wwrite-strings -Wvla -Wno-unused-parameter
WARN_WASM := $(WARN) -Wno-sign-compare # Emscripten's CMSG_NXTHDR compares what gcc's does not
# what ends a compiler's call: its warnings are shown, and kept for make lint
warned = 2>$@.warn || { cat $@.warn >&2; exit 1; }; cat $@.warn >&2
NATIVE := gcc -std=gnu17 -pthread -g -MMD -MP -O2
ASAN := gcc -std=gnu17 -pthread -g -MMD -MP -O1 -fno-omit-frame-pointer -fsanitize=address,undefined \
        -fno-sanitize-recover=all
TSAN := gcc -std=gnu17 -pthread -g -MMD -MP -O1 -fno-omit-frame-pointer -fsanitize=thread
FUZZ := $(WASM_CLANG) -std=gnu17 -g -MMD -MP -O1 -fno-omit-frame-pointer \
        -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all

MADE_BY := Makefile src/kernel/build.mk $(B)/config.mk $(B)/lwip.mk
include = $(if $(filter src/kernel/% tests/kernel/%,$<),$(KERNEL_INCLUDE))$(if $(filter tests/check/% %/check.c,$<),-Isrc/check)
# what every recipe for a file starts with
say = @mkdir -p $(@D) && echo '  $@'

include src/kernel/build.mk
-include src/libc/recipe.mk
include src/busybox/build.mk
-include $(shell find $(B)/wasm $(B)/native $(B)/asan $(B)/tsan $(B)/fuzz -name '*.d' 2>/dev/null)

# The lab's programs, each a C file: for its processes, and for this machine from the same source.
# What servers share is none: src/lab/NAME.c that has a NAME.h, and src/lab/NAME_PART.c.
LAB_SHARED := $(filter $(patsubst %.h,%.c,$(wildcard src/lab/*.h)) $(wildcard src/lab/*_*.c),$(wildcard src/lab/*.c))
LAB_C := $(filter-out $(LAB_SHARED),$(wildcard src/lab/*.c))
PROGRAM_C := $(wildcard src/bin/*.c) $(LAB_C)
ifneq ($(words $(PROGRAM_C)),$(words $(sort $(notdir $(PROGRAM_C)))))
$(error Two programs have the same name: $(PROGRAM_C))
endif
PROGRAM_NAMES := $(basename $(notdir $(PROGRAM_C)))
PROGRAMS := $(PROGRAM_NAMES:%=$(B)/programs/%.wasm)
# what a lab is made of
LAB := $(B)/kernel.wasm $(B)/decode.wasm $(PROGRAMS) $(BUSYBOX_WASM) $(B)/programs/commands.json
programs: $(LAB)
native: $(PROGRAM_NAMES:%=$(B)/native/bin/%)

# What a program of src/bin/ has beside its own file: src/trace/ for strace, src/bin/NAME/ for NAME
TRACE_C := $(filter-out %_wasm.c,$(wildcard src/trace/*.c))
$(B)/programs/strace.wasm: $(TRACE_C:%.c=$(B)/wasm/%.o)
$(B)/native/bin/strace: $(TRACE_C:%.c=$(B)/native/%.o)
define program_parts
$(B)/programs/$(1).wasm: $(patsubst %.c,$(B)/wasm/%.o,$(wildcard src/bin/$(1)/*.c))
$(B)/native/bin/$(1): $(patsubst %.c,$(B)/native/%.o,$(wildcard src/bin/$(1)/*.c))
endef
$(foreach n,$(notdir $(patsubst %/,%,$(wildcard src/bin/*/))),$(eval $(call program_parts,$(n))))

# The decoder of system calls, for the page
$(B)/decode.wasm: $(TRACE_C:%.c=$(B)/wasm/%.o) $(B)/wasm/src/trace/module_wasm.o $(SYSROOT_READY)
	$(say)
	@$(LAB_LD) --no-entry $(filter %.o,$^) -o $@

# The tests' programs, in the same two ways: build/tests/SUITE/NAME.wasm and build/native/tests/...
# Wrong solutions are made for the lab only if told: ONLY=PART or ONLY=PART/LESSON
WRONG_C := $(wildcard tests/lessons/*/*/*/*.c)
TEST_C := $(filter-out tests/kernel/%,$(wildcard tests/*/*.c)) $(WRONG_C)
TEST_PROGRAMS := $(TEST_C:%.c=$(B)/%.wasm)
wanted_in_lab = $(filter-out $(WRONG_C),$(TEST_C)) $(if $(ONLY),$(filter tests/lessons/$(ONLY)/%,$(WRONG_C)))
tests: $(patsubst %.c,$(B)/%.wasm,$(wanted_in_lab)) $(TEST_C:%.c=$(B)/native/%)

# $(1) its source, $(2) as wasm, $(3) natively
define program
$(2): $(B)/wasm/$(1:.c=.o)
$(3): $(B)/native/$(1:.c=.o)
endef
$(foreach c,$(PROGRAM_C),$(eval $(call program,$(c),$(B)/programs/$(basename $(notdir $(c))).wasm,$(B)/native/bin/$(basename $(notdir $(c))))))
$(LAB_C:src/lab/%.c=$(B)/programs/%.wasm): $(B)/wasm/lab.a
$(LAB_C:src/lab/%.c=$(B)/native/bin/%): $(B)/native/lab.a
$(foreach c,$(TEST_C),$(eval $(call program,$(c),$(B)/$(c:.c=.wasm),$(B)/native/$(c:.c=))))

# A course's programs, as web/build/built.js has it: build/lessons/PART/LESSON/NAME.wasm and
# build/native/lessons/...; those of a course elsewhere are in courses/ITS-NAME/.
BUILT := $(if $(filter web/lessons,$(COURSE)),lessons,courses/$(notdir $(COURSE)))
COURSE_C := $(wildcard $(COURSE)/*/*/*.c $(COURSE)/*/*/*/*.c $(COURSE)/*/*/*/solution/*.c)
COURSE_PROGRAMS := $(COURSE_C:$(COURSE)/%.c=$(B)/$(BUILT)/%.wasm)
COURSE_NATIVE := $(COURSE_C:$(COURSE)/%.c=$(B)/native/$(BUILT)/%)
$(foreach c,$(COURSE_C),$(eval $(call program,$(c),$(c:$(COURSE)/%.c=$(B)/$(BUILT)/%.wasm),$(c:$(COURSE)/%.c=$(B)/native/$(BUILT)/%))))
course: $(COURSE_PROGRAMS) $(COURSE_NATIVE)
programs: $(COURSE_PROGRAMS)
native: $(COURSE_NATIVE)

# What a checker is linked with, too
CHECK_C := $(wildcard src/check/*.c)
CHECKERS := $(filter %/check,$(COURSE_C:$(COURSE)/%.c=$(BUILT)/%)) tests/check/checker
$(CHECKERS:%=$(B)/%.wasm): $(CHECK_C:%.c=$(B)/wasm/%.o)
$(CHECKERS:%=$(B)/native/%): $(CHECK_C:%.c=$(B)/native/%.o)

# The kernel's tests: programs on the native kernel, plain and under the sanitizers
KERNEL_TESTS := $(basename $(wildcard tests/kernel/*_test.c))
TSAN_TESTS := $(filter-out %/fs_test,$(KERNEL_TESTS)) # it fills 256 MB, with one process at a time
tests: $(KERNEL_TESTS:%=$(B)/native/%) $(KERNEL_TESTS:%=$(B)/asan/%) $(TSAN_TESTS:%=$(B)/tsan/%)
$(KERNEL_TESTS:%=$(B)/native/%): %: %.o $(B)/native/kernel.a
$(KERNEL_TESTS:%=$(B)/asan/%): %: %.o $(B)/asan/kernel.a
$(TSAN_TESTS:%=$(B)/tsan/%): %: %.o $(B)/tsan/kernel.a

# ... and random calls of several processes. For longer: build/fuzz/tests/kernel/fuzz FOLDER, which
# keeps its findings there
tests: $(B)/fuzz/tests/kernel/fuzz
FUZZ_O := $(patsubst %.c,$(B)/fuzz/%.o,$(wildcard tests/kernel/fuzz*.c))
$(B)/fuzz/tests/kernel/fuzz: $(FUZZ_O) $(B)/fuzz/kernel.a
	$(say)
	@$(FUZZ) -fsanitize=fuzzer $^ -o $@

$(PROGRAMS) $(TEST_PROGRAMS) $(COURSE_PROGRAMS): $(SYSROOT_READY) src/libc/link.sh | $(NPM)
	$(say)
	@$(LAB_LD) $(filter %.o %.a,$^) -o $@

$(B)/wasm/lab.a: $(LAB_SHARED:%.c=$(B)/wasm/%.o)
	$(say)
	@rm -f $@ && $(WASM_AR) rcs $@ $^

$(B)/native/lab.a: $(LAB_SHARED:%.c=$(B)/native/%.o)
	$(say)
	@rm -f $@ && ar rcs $@ $^

$(B)/native/bin/% $(B)/native/$(BUILT)/%:
	$(say)
	@$(NATIVE) $^ -o $@

$(B)/native/tests/%: $(B)/native/tests/%.o
	$(say)
	@$(NATIVE) $^ -o $@

$(B)/asan/tests/%: $(B)/asan/tests/%.o
	$(say)
	@$(ASAN) $^ -o $@

$(B)/tsan/tests/%: $(B)/tsan/tests/%.o
	$(say)
	@$(TSAN) $^ -o $@

$(B)/wasm/%.o: %.c $(MADE_BY) $(SYSROOT_READY)
	$(say)
	@$(LAB_CC) -MMD -MP $(WARN_WASM) $(include) -c $< -o $@ $(warned)

$(B)/native/%.o: %.c $(MADE_BY)
	$(say)
	@$(NATIVE) $(WARN) $(include) -c $< -o $@ $(warned)

$(B)/asan/%.o: %.c $(MADE_BY)
	$(say)
	@$(ASAN) $(WARN) $(include) -c $< -o $@

$(B)/tsan/%.o: %.c $(MADE_BY)
	$(say)
	@$(TSAN) $(WARN) $(include) -c $< -o $@

$(B)/fuzz/%.o: %.c $(MADE_BY)
	$(say)
	@$(FUZZ) $(WARN) $(include) -c $< -o $@

# ---- the site ----

SITE_INPUTS := $(shell find web $(COURSE) ! -name '.*' -type f) $(B)/course.path
site: $(B)/site.made
$(B)/site.made: $(SITE_INPUTS) $(LAB) $(COURSE_PROGRAMS) $(NPM) $(SYSROOT_READY)
	$(say)
	@node web/build/site.js --lessons $(COURSE)
	@touch $@

# make lesson NAME=PART/LESSON begins a lesson
lesson:
	@node web/build/new.js --lessons $(COURSE) $(NAME)

# make check-lessons [ONLY=PART/LESSON] says in words what is wrong with the course
check-lessons: $(LAB) toolchain
	@node web/build/check.js --lessons $(COURSE) --unbuilt
	-@$(MAKE) --no-print-directory --keep-going course
	@node web/build/check.js --lessons $(COURSE) $(ONLY:%=--only %)

serve: site native
	@node web/build/serve.js

# ---- checks ----

# with PEERS=1 also the suite peers, which takes clients and servers of Debian's for its sessions
test: all $(if $(PEERS),peers)
	@PEERS=$(PEERS) node tests/run.js $(SUITE)

peers:
	@src/setup.sh --peers

test-peers: site native peers
	@node tests/run.js peers

bench: all
	@node tests/bench/run.js

include $(wildcard tests/*/rules.mk)

C_FILES := $(wildcard src/*/*.c src/bin/*/*.c tests/*/*.c $(shell find web/build/template -name "*.c")) $(filter web/%,$(COURSE_C))
LINT := $(patsubst %.c,$(B)/native/%.o,$(filter-out src/libc/% %_wasm.c,$(C_FILES))) $(LIBC_O) \
        $(patsubst %.c,$(B)/wasm/%.o,$(filter-out src/libc/% tests/kernel/% %_native.c,$(C_FILES)))

# some files at a time: with 800 it does not end
FORMAT := find src tests web -name '*.[ch]' | xargs -n 200 node_modules/.bin/clang-format

lint: $(LINT) $(NPM)
	$(file >$(B)/lint.files,$(LINT:=.warn))
	@! xargs cat <$(B)/lint.files | grep .
	@$(FORMAT) --dry-run -Werror
	@node_modules/.bin/tsc -p .
	@node_modules/.bin/tsc -p web/runtime

format: $(NPM)
	@$(FORMAT) -i

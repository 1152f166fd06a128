# How a C program becomes a program of the lab: Emscripten's headers and libc with ours before it,
# in build/sysroot. The Makefile (emcc's clang, called as emcc calls it, but without the half second
# that emcc takes for that; wasm-ld) and the page (@yowasp/clang) use the same flags.
# Whatever depends on Emscripten's version (3.1.6, 3.1.69) is here.
#
#   $(LAB_CC) -c x.c -o x.o      $(LAB_LD) x.o -o x.wasm      both need $(SYSROOT_READY)
#
# A program that makes threads is linked for shared memory, with Emscripten's -mt archives and
# src/libc/threads/: link.sh and web/runtime/llvm.js look for the calls that make one.

SYSROOT := $(B)/sysroot
SYSROOT_READY := $(SYSROOT)/ready
EM_CC := $(WASM_CLANG) $(EM_CFLAGS)
LAB_CC := $(EM_CC) @$(SYSROOT)/cflags
LAB_LD := src/libc/link.sh $(WASM_LD) @$(SYSROOT)/ldflags

EM_LIB := $(EM_SYSROOT)/lib/wasm32-emscripten
EM_ARCHIVES := libc libsockets libstandalonewasm libdlmalloc libcompiler_rt
MT_ARCHIVES := libc-mt libdlmalloc-mt
UNLIKE_libc-mt := --unlike ../libc # the rest is taken from libc

# What answers in the kernel's place, or is JavaScript's part, is left out of the archives, and so
# is what src/libc/ does better (names that one of the two versions does not have do no harm).
# - signals kept and delivered inside the program, sleeping by waiting busily
OUT_libc := abort alarm assert block clock_nanosleep getitimer kill killpg pause pthread_sigmask \
  raise setitimer sigaction sigisemptyset sigprocmask sigqueue sigtimedwait sigwait
# - the calendar, mappings, memory and dynamic linking with JavaScript's help
OUT_libc += __map_file __tz gmtime_r localtime_r mktime timegm timespec_get emscripten_time \
  emscripten_mmap mmap mprotect msync munmap emscripten_memcpy emscripten_memmove \
  emscripten_memset emscripten_console emscripten_fiber emscripten_scan_stack \
  dlclose dlerror dlsym dynlink
# - processes, and calls that are not passed on as they are
OUT_libc += setuid setgid seteuid setegid setreuid setregid setresuid setresgid ttyname_r \
  accept4 getpid gettid isatty recvmmsg sched_yield select sendmmsg system wait3 wait4 \
  at_quick_exit quick_exit clearenv secure_getenv \
  $(addprefix posix_spawn_file_actions_,addchdir addclose adddup2 addfchdir addopen destroy init)
# - names and messages
OUT_libc += gai_strerror hstrerror strerror strsignal getlogin getlogin_r lookup_name lookup_serv \
  getservbyname getservbyname_r getservbyport getservbyport_r serv \
  getifaddrs if_nameindex if_freenameindex
OUT_libsockets := getaddrinfo freeaddrinfo getnameinfo gethostbyname gethostbyname_r \
  gethostbyname2 gethostbyname2_r gethostbyaddr gethostbyaddr_r accept4
OUT_libcompiler_rt := stack_limits emscripten_setjmp emscripten_tempret
# its calendar, exit and nothing else
OUT_libstandalonewasm := __main_argc_argv __main_void __original_main assert clock_gettime \
  emscripten_memcpy emscripten_memset standalone standalone_wasm_stdio

# - threads, which are Workers of the kernel's; its locks stay
OUT_libc-mt := $(OUT_libc) emscripten_futex_wait emscripten_futex_wake emscripten_proxy_main \
  emscripten_thread_init emscripten_thread_state emscripten_tls_init library_pthread proxying \
  thread_profiler thread_mailbox em_task_queue pthread_create pthread_join pthread_detach \
  pthread_self pthread_kill pthread_cancel pthread_testcancel pthread_setcancelstate \
  pthread_setcanceltype pthread_key_create pthread_getspecific pthread_setspecific \
  pthread_getattr_np thrd_create thrd_join thrd_exit tss_create tss_delete tss_set __wait \
  __timedwait

# Folders of Emscripten's headers that C has use for. Of wasi/api.h only the numbers that errno.h is
# made of: the rest of it takes a third of the time to compile a small program.
HEADERS := arpa bits net netinet netpacket scsi sys
HEADERS_OUT := emscripten.h mimalloc*.h libunwind.h unwind*.h wasm_simd128.h

# -fno-strict-aliasing, -fwrapv, -fno-optimize-sibling-calls: what a beginner's program means by
# cc without -O. -fsanitize: address 0 is memory like any other in WebAssembly, so the compiler has
# to look where a NULL is used, indexed, or passed on (src/libc/nonnull/). __linux__: what the lab
# answers is Linux's answer, so programs may take the way they take there. A division by zero that
# the compiler sees coming still divides, in src/libc/divide.c, rather than be left out; without tail
# merging each has its own line. memcpy and its like are called, since memory.copy does not mind NULL.
SANITIZE := null,pointer-overflow,nonnull-attribute
CFLAGS := -std=gnu17 -O1 -gline-tables-only -Wall -fno-strict-aliasing -fwrapv \
  -fno-optimize-sibling-calls -fdebug-compilation-dir=. -fsanitize=$(SANITIZE) -fsanitize-trap=$(SANITIZE) \
  -fsanitize=integer-divide-by-zero -fno-sanitize-recover=integer-divide-by-zero -fsanitize-minimal-runtime \
  -mllvm -enable-tail-merge=0 -fno-builtin-memcpy -fno-builtin-memmove -fno-builtin-memset \
  -mcpu=mvp -mmutable-globals -msign-ext -mnontrapping-fptoint \
  -mexception-handling -matomics -mbulk-memory -D__unix -D__unix__ -Dunix -D__linux -D__linux__ -Dlinux
LDFLAGS := --stack-first -z stack-size=1048576 --max-memory=1073741824 --export-table \
  --export=__stack_pointer \
  --wrap=__stdio_read $(addprefix --wrap=,vfprintf vfiprintf __small_vfprintf)
MT_LDFLAGS := --shared-memory --import-memory
# The page's clang is newer than Emscripten's: setjmp as emcc makes it, in the form of WebAssembly
# exceptions that all browsers have; every check of a pointer traps on its own line.
PAGE_CFLAGS := --target=wasm32-unknown-emscripten -mllvm -wasm-enable-sjlj \
  -mllvm -wasm-use-legacy-eh -fno-sanitize-merge -fcolor-diagnostics

LIBC_O := $(patsubst src/libc/%.c,$(B)/libc/%.o,$(wildcard src/libc/*.c))
THREADS_O := $(patsubst src/libc/%.c,$(B)/libc/%.o,$(wildcard src/libc/threads/*.c))
ARCHIVES := $(SYSROOT)/lib/libportside.a $(EM_ARCHIVES:%=$(SYSROOT)/lib/%.a)
ALL_ARCHIVES := $(SYSROOT)/lib/libthreads.a $(MT_ARCHIVES:%=$(SYSROOT)/lib/%.a) $(ARCHIVES)
# in the order in which they are looked into
THREADED := $(addprefix $(SYSROOT)/lib/,libthreads.a libportside.a) \
  $(MT_ARCHIVES:%=$(SYSROOT)/lib/%.a) $(filter-out %/libdlmalloc.a %/libportside.a,$(ARCHIVES))
-include $(LIBC_O:.o=.d) $(THREADS_O:.o=.d)

.PHONY: sysroot
sysroot: $(SYSROOT_READY)

NONNULL := $(wildcard src/libc/nonnull/*.h)
$(SYSROOT)/include/ready: $(wildcard src/libc/include/*.h src/libc/include/*/*.h) $(NONNULL) \
                          src/libc/recipe.mk $(B)/config.mk
	$(say)
	@rm -rf $(@D) && mkdir -p $(@D)
	@cp -r $(EM_SYSROOT)/include/*.h $(HEADERS:%=$(EM_SYSROOT)/include/%) $(@D)
	@cd $(@D) && rm -f $(HEADERS_OUT) && mkdir wasi
	@sed -nE 's/^#define (__WASI_(ERRNO|WHENCE)_\w+) \(UINT[0-9]+_C\(([0-9]+)\)\)/#define \1 \3/p' \
	  $(EM_SYSROOT)/include/wasi/api.h >$(@D)/wasi/api.h
	@cp -r src/libc/include/* $(@D)
	@for h in $(notdir $(NONNULL)); do cat src/libc/nonnull/$$h >>$(@D)/$$h; done
	@touch $@

$(B)/libc/%.o: src/libc/%.c src/libc/recipe.mk $(SYSROOT)/include/ready
	$(say)
	@$(EM_CC) --sysroot=$(SYSROOT) $(filter -m% -std=%,$(CFLAGS)) -O2 -MMD -MP \
	  $(WARN) -c $< -o $@ $(warned)

$(SYSROOT)/lib/libportside.a: $(LIBC_O)
	$(say)
	@rm -f $@ && $(WASM_AR) rcs $@ $^

$(SYSROOT)/lib/libc-mt.a: $(SYSROOT)/lib/libc.a

$(SYSROOT)/lib/libthreads.a: $(THREADS_O)
	$(say)
	@rm -f $@ && $(WASM_AR) rcs $@ $^

$(SYSROOT)/lib/%.a: $(EM_LIB)/%.a src/libc/strip.js src/libc/recipe.mk
	$(say)
	@rm -rf $(B)/libc/$* && mkdir -p $(B)/libc/$* && rm -f $@
	@cd $(B)/libc/$* && $(WASM_AR) x $< && rm -f $(addsuffix .o,$(OUT_$*)) && \
	  node $(abspath src/libc/strip.js) $(UNLIKE_$*) *.o && $(WASM_AR) rcs $(abspath $@) *.o

# The calls that the archives make and nothing in them answers
$(SYSROOT)/syscalls.txt: $(ALL_ARCHIVES)
	@$(subst llvm-ar,llvm-nm,$(WASM_AR)) $^ 2>/dev/null | awk '{ name = $$NF } name !~ /^__syscall_/ { next } \
	  $$(NF - 1) == "U" { wanted[name] } $$(NF - 1) != "U" { given[name] } \
	  END { for (name in wanted) if (!(name in given)) print name }' | LC_ALL=C sort >$@

# The flags, for use in the repository's folder, and for the page, whose sysroot is at /usr
$(SYSROOT_READY): $(SYSROOT)/include/ready $(SYSROOT)/syscalls.txt src/libc/recipe.mk
	@printf '%s\n' --sysroot=$(SYSROOT) $(CFLAGS) >$(SYSROOT)/cflags
	@printf '%s\n' $(LDFLAGS) --allow-undefined-file=$(SYSROOT)/syscalls.txt $(ARCHIVES) >$(SYSROOT)/ldflags
	@printf '%s\n' $(LDFLAGS) $(MT_LDFLAGS) --allow-undefined-file=$(SYSROOT)/syscalls.txt \
	  $(THREADED) >$(SYSROOT)/ldflags.threads
	@printf '%s\n' --sysroot=/usr -resource-dir=/usr/lib/clang $(CFLAGS) $(PAGE_CFLAGS) >$(SYSROOT)/cflags.page
	@printf '%s\n' $(LDFLAGS) --allow-undefined-file=/usr/lib/syscalls.txt \
	  $(ARCHIVES:$(SYSROOT)/%=/usr/%) >$(SYSROOT)/ldflags.page
	@printf '%s\n' $(LDFLAGS) $(MT_LDFLAGS) --allow-undefined-file=/usr/lib/syscalls.txt \
	  $(THREADED:$(SYSROOT)/%=/usr/%) >$(SYSROOT)/ldflags.threads.page
	@touch $@

# The page's compiler
.PHONY: toolchain
site: toolchain
toolchain: $(B)/site/toolchain/manifest.json
$(B)/site/toolchain/manifest.json: $(SYSROOT_READY) web/build/sysroot.js $(NPM)
	$(say)
	@node web/build/sysroot.js --out $(@D)
	@touch $@

# A compiler for programs that have a Makefile or a configure of their own
.PHONY: cc
cc: $(B)/cc
$(B)/cc: src/libc/recipe.mk $(SYSROOT_READY) $(NPM)
	$(say)
	@printf '%s\n' '#!/bin/bash' "TOP='$(CURDIR)'" "LD='$(WASM_LD)'" \
	  "COMPILE='$(EM_CC) $$(sed 's|$(B)/|$(CURDIR)/$(B)/|g' $(SYSROOT)/cflags | xargs)'" \
	  "LDFLAGS='$$(sed 's|$(B)/|$(CURDIR)/$(B)/|g' $(SYSROOT)/ldflags | xargs)'" \
	  ". '$(CURDIR)/src/libc/cc.sh'" >$@
	@chmod +x $@

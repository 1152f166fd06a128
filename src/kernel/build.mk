# The kernel, with lwIP, from the same source as build/kernel.wasm for the page and for Node, and for
# its tests as kernel.a in build/native, build/asan, build/tsan and build/fuzz.

KERNEL_C := $(wildcard src/kernel/*.c)
KERNEL_INCLUDE := -Isrc/kernel -isystem $(LWIP)/src/include
KERNEL_EMCC := $(WASM_CLANG) $(EM_KERNEL_CFLAGS) -std=gnu17 -pthread -MMD -MP -O3
LWIP_MADE_BY := src/kernel/build.mk src/kernel/lwipopts.h $(wildcard src/kernel/arch/*.h) $(B)/lwip.mk
# $(1) the folder, $(2) the files that are for another machine
# lwIP's timeouts.c gives way to net.c
kernel_objects = $(patsubst %.c,$(1)/%.o,$(filter-out $(2),$(KERNEL_C))) \
  $(patsubst %.c,$(1)/lwip/%.o,$(filter-out core/timeouts.c,$(LWIP_C)))

kernel: $(B)/kernel.wasm $(foreach v,native asan tsan fuzz,$(B)/$(v)/kernel.a)

$(B)/native/kernel.a: $(call kernel_objects,$(B)/native,%_wasm.c)
$(B)/asan/kernel.a: $(call kernel_objects,$(B)/asan,%_wasm.c)
$(B)/tsan/kernel.a: $(call kernel_objects,$(B)/tsan,%_wasm.c)
$(B)/fuzz/kernel.a: $(call kernel_objects,$(B)/fuzz,%_wasm.c %_native.c) # fuzz.c is its machine
%/kernel.a: # made afresh: no object of a file that is gone stays in it
	$(say)
	@rm -f $@
	@ar rcs $@ $^

$(B)/kernel.wasm: $(call kernel_objects,$(B)/wasm,%_native.c)
	$(say)
	@$(WASM_LD) -o $@ $^ --no-entry --shared-memory --import-memory \
	  --initial-memory=67108864 --max-memory=1073741824 \
	  --export=__stack_pointer --export=__wasm_init_tls --export=__tls_size --export=__tls_align \
	  --export=__wasm_call_ctors `# or else every call from outside would make it first` \
	  -L$(EM_SYSROOT)/lib/wasm32-emscripten -lc-mt -ldlmalloc-mt -lcompiler_rt-mt

$(B)/wasm/src/kernel/%.o: src/kernel/%.c $(MADE_BY)
	$(say)
	@$(KERNEL_EMCC) $(WARN) $(KERNEL_INCLUDE) -c $< -o $@ $(warned)

$(B)/wasm/lwip/%.o: $(LWIP)/src/%.c $(LWIP_MADE_BY)
	$(say)
	@$(KERNEL_EMCC) -w $(KERNEL_INCLUDE) -c $< -o $@

$(B)/native/lwip/%.o: $(LWIP)/src/%.c $(LWIP_MADE_BY)
	$(say)
	@$(NATIVE) -w $(KERNEL_INCLUDE) -c $< -o $@

$(B)/asan/lwip/%.o: $(LWIP)/src/%.c $(LWIP_MADE_BY)
	$(say)
	@$(ASAN) -w $(KERNEL_INCLUDE) -c $< -o $@

$(B)/tsan/lwip/%.o: $(LWIP)/src/%.c $(LWIP_MADE_BY)
	$(say)
	@$(TSAN) -w $(KERNEL_INCLUDE) -c $< -o $@

$(B)/fuzz/lwip/%.o: $(LWIP)/src/%.c $(LWIP_MADE_BY)
	$(say)
	@$(FUZZ) -w $(KERNEL_INCLUDE) -c $< -o $@

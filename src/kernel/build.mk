# The kernel, with lwIP, thrice from the same source: build/kernel.wasm for the page and for Node,
# and for its tests build/native/kernel.a and build/asan/kernel.a.

KERNEL_C := $(wildcard src/kernel/*.c)
KERNEL_INCLUDE := -Isrc/kernel -isystem $(LWIP)/src/include

kernel: $(B)/kernel.wasm $(B)/native/kernel.a $(B)/asan/kernel.a

# $(1) the folder, $(2) how to compile, $(3) the files that belong to another machine
define kernel_objects
$(1)_O := $$(patsubst src/kernel/%.c,$(1)/kernel/%.o,$$(filter-out $(3),$$(KERNEL_C))) \
          $$(LWIP_C:%.c=$(1)/lwip/%.o)
-include $$($(1)_O:.o=.d)

$(1)/kernel/%.o: src/kernel/%.c src/kernel/build.mk $(B)/lwip.mk
	@mkdir -p $$(@D)
	$(2) $(WARN) $(KERNEL_INCLUDE) -c $$< -o $$@

$(1)/lwip/%.o: $(LWIP)/src/%.c src/kernel/build.mk $(B)/lwip.mk
	@mkdir -p $$(@D)
	$(2) -w $(KERNEL_INCLUDE) -c $$< -o $$@
endef

NATIVE := gcc -pthread -g -MMD -MP -O2
ASAN := gcc -pthread -g -MMD -MP -O1 -fno-omit-frame-pointer -fsanitize=address,undefined \
        -fno-sanitize-recover=all
$(eval $(call kernel_objects,$(B)/wasm,emcc -pthread -MMD -MP -O3,%_native.c))
$(eval $(call kernel_objects,$(B)/native,$(NATIVE),%_wasm.c))
$(eval $(call kernel_objects,$(B)/asan,$(ASAN),%_wasm.c))

%/kernel.a: # made afresh: no object of a file that is gone stays in it
	@rm -f $@
	ar rcs $@ $^
$(B)/native/kernel.a: $($(B)/native_O)
$(B)/asan/kernel.a: $($(B)/asan_O)

$(B)/kernel.wasm: $($(B)/wasm_O)
	$(WASM_LD) -o $@ $^ --no-entry --import-undefined --shared-memory --import-memory \
	  --initial-memory=67108864 --max-memory=1073741824 \
	  --export=__stack_pointer --export=__wasm_init_tls --export=__tls_size --export=__tls_align \
	  -L$(EM_SYSROOT)/lib/wasm32-emscripten -lstandalonewasm -lc-mt -ldlmalloc-mt -lcompiler_rt-mt

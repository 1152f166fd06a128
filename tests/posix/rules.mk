# Linux against the lab: make conformance, or make conformance CHECKS="bind connect"
POSIX := $(filter tests/posix/%,$(TEST_C:.c=))
conformance: $(B)/kernel.wasm $(B)/programs/sh.wasm $(POSIX:%=$(B)/%.wasm) $(POSIX:%=$(B)/native/%)
	@node tests/posix/conformance.js $(CHECKS)

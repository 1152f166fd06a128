# The socket programs that come with Emscripten, unmodified: $(1) a name of ours, $(2) a file of
# theirs, $(3) what it is compiled with. As programs for Linux, or they would want Emscripten's main
# loop. emscripten.test.js runs them, and says which are left out.
EM_TESTS := $(firstword $(wildcard $(EM_SYSROOT:/cache/sysroot=)/test*/sockets))
define em_test
$(B)/tests/emscripten/$(1).wasm: $(B)/tests/emscripten/$(1).o
$(B)/tests/emscripten/$(1).o: $(wildcard $(EM_TESTS)/$(2).c)
$(B)/tests/emscripten/$(1).o: FLAGS := $(3)
EM_PROGRAMS += $(B)/tests/emscripten/$(1).wasm
endef
$(eval $(call em_test,echo_server,test_sockets_echo_server,-DSOCKK=49160))
$(eval $(call em_test,echo_accept_server,test_sockets_echo_server,-DSOCKK=49160 -DTEST_ACCEPT_ADDR=1))
$(eval $(call em_test,echo_closing_server,test_sockets_echo_server,-DSOCKK=49160 -DCLOSE_CLIENT_AFTER_ECHO=1))
$(eval $(call em_test,echo_client,test_sockets_echo_client,-DSOCKK=49160 -DNDEBUG))
$(eval $(call em_test,echo_asserting_client,test_sockets_echo_client,-DSOCKK=49160))
$(eval $(call em_test,echo_dgram_server,test_sockets_echo_server,-DSOCKK=49161 -DTEST_DGRAM=1))
$(eval $(call em_test,echo_dgram_client,test_sockets_echo_client,-DSOCKK=49161 -DTEST_DGRAM=1 -DNDEBUG))
$(eval $(call em_test,partial_server,test_sockets_partial_server,-DSOCKK=49180))
$(eval $(call em_test,partial_client,test_sockets_partial_client,-DSOCKK=49180))
$(eval $(call em_test,down_server,test_sockets_select_server_down_server,-DSOCKK=49190))
$(eval $(call em_test,down_client,test_sockets_select_server_down_client,-DSOCKK=49190))
$(eval $(call em_test,getsockname_addrlen,test_getsockname_addrlen,))
$(eval $(call em_test,sin_zero,test_sin_zero,))
ifneq ($(wildcard $(EM_TESTS)/test_create_socket.c),)
$(eval $(call em_test,create_socket,test_create_socket,))
endif

tests: $(EM_PROGRAMS)

$(EM_PROGRAMS): $(SYSROOT_READY)
	$(say)
	@$(LAB_LD) $(filter %.o,$^) -o $@

$(B)/tests/emscripten/%.o: tests/emscripten/rules.mk $(SYSROOT_READY)
	$(say)
	@$(LAB_CC) -U__EMSCRIPTEN__ -w $(FLAGS) -c $(filter %.c,$^) -o $@

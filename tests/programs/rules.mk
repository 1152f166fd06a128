# Programs of Debian's source packages, as their authors have them, compiled for the lab and used
# there: make test-programs. They are kept in build/debian.
D := $(B)/debian
DEBIAN := 6tunnel bsd-finger fping inetutils micro-httpd mini-httpd netcat nuttcp redir rinetd \
  simpleproxy tcputils
.PHONY: debian test-programs
test-programs: $(LAB) debian
	@node tests/run.js programs

$(D)/fetched: src/source.sh tests/programs/sums
	$(say)
	@src/source.sh $(D) $(DEBIAN) <tests/programs/sums
	@touch $(D)/config.h $@

# $(1) the program, $(2) the folder of its source, $(3) what the compiler is told
define debian
debian: $(D)/$(1).wasm
$(D)/$(1).wasm: $(D)/fetched $(B)/cc tests/programs/rules.mk
	$$(say)
	@cd $(D)/$(2) && $(CURDIR)/$(B)/cc -w -I$(CURDIR)/$(D) $(3) -o $(CURDIR)/$$@
endef
HAVE := -DHAVE_ERRNO_H -DHAVE_FCNTL_H -DHAVE_STDINT_H -DHAVE_STDLIB_H -DHAVE_SYSLOG_H -DHAVE_SYS_TYPES_H \
  -DHAVE_SYS_WAIT_H -DHAVE_UNISTD_H -DHAVE_OPENLOG -DHAVE_CLOSELOG -DHAVE_SYSLOG -DHAVE_VSNPRINTF \
  -DVERSION='"0"' -DPACKAGE_NAME='"x"' -DPACKAGE_VERSION='"0"' -DPACKAGE_BUGREPORT='""'
$(eval $(call debian,6tunnel,6tunnel,$(HAVE) 6tunnel.c))
$(eval $(call debian,finger,bsd-finger/finger,-D_GNU_SOURCE -I.. -include time.h -include fcntl.h *.c))
$(eval $(call debian,fingerd,bsd-finger/fingerd,-I.. fingerd.c))
$(eval $(call debian,fping,fping/src,$(HAVE) -DIPV6 fping.c seqmap.c socket4.c socket6.c optparse.c))
$(eval $(call debian,micro_httpd,micro-httpd,micro_httpd.c))
$(eval $(call debian,nc,netcat,-DLINUX netcat.c))
$(eval $(call debian,nuttcp,nuttcp,nuttcp-6.1.2.c))
$(eval $(call debian,redir,redir,$(HAVE) redir.c))
$(eval $(call debian,rinetd,rinetd/src,$(HAVE) rinetd.c match.c net.c parse.c))
$(eval $(call debian,simpleproxy,simpleproxy,$(HAVE) simpleproxy.c cfg.c))
$(eval $(call debian,tcplisten,tcputils,tcplisten.c relay.c ip/tcp_listen.c ip/addr.c))
$(eval $(call debian,mini-inetd,tcputils,mini-inetd.c ip/tcp_listen.c ip/addr.c))

# ... by their own Makefile
debian: $(D)/mini_httpd.wasm
$(D)/mini_httpd.wasm: $(D)/fetched $(B)/cc
	$(say)
	@$(MAKE) -s -C $(D)/mini-httpd CC='$(CURDIR)/$(B)/cc -w' mini_httpd
	@cp $(D)/mini-httpd/mini_httpd $@

# ... and by their own configure, which is told what it would find out in some minutes
debian: $(D)/inetutils.made
$(D)/inetutils/Makefile: $(D)/fetched tests/programs/inetutils.site | $(B)/cc
	$(say)
	@cd $(@D) && CONFIG_SITE=$(CURDIR)/tests/programs/inetutils.site ./configure --host=i386-linux \
	  CC=$(CURDIR)/$(B)/cc CFLAGS='-O1 -w' AR=$(WASM_AR) RANLIB=true --disable-dependency-tracking \
	  --disable-nls --without-wrap --without-pam >configure.log 2>&1 || { tail configure.log; exit 1; }

INETUTILS := ftp/ftp ftpd/ftpd ping/ping src/inetd src/logger src/syslogd src/tftp src/tftpd src/traceroute \
  telnet/telnet whois/whois
$(D)/inetutils.made: $(D)/inetutils/Makefile $(B)/cc
	$(say)
	@cd $(D)/inetutils && rm -f $(INETUTILS)
	@for part in lib libinetutils libtelnet libicmp libls; do $(MAKE) -s -C $(D)/inetutils/$$part || exit; done
	@for program in $(INETUTILS); do \
	  $(MAKE) -s -C $(D)/inetutils/$${program%/*} $${program#*/} && \
	  cp $(D)/inetutils/$$program $(D)/$${program#*/}.wasm || exit; done
	@touch $@

#!/bin/sh
# configure.sh SOURCE TO: writes to TO what BusyBox's own build would generate: its settings and, for
# each program, its table of applets; TO/files.mk says which C files they are made of.
set -eu
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
programs='sh runners busybox'

# The settings as a header. Its arguments: files of settings that are on.
header() {
  cat "$source"/Config.in Config.in "$source"/*/Config.in */Config.in */*/Config.in 2>/dev/null |
    awk -v given="$(cat "$@" | grep -v '^#' | tr '\n' ' ')" '
      BEGIN {
        for (n = split(given, words, " "); n; n--) {
          split(words[n], part, "=")
          value[part[1]] = part[2] == "" ? 1 : part[2]
        }
      }
      $1 == "config" { name = $2 }
      name != "" && $1 ~ /^(bool|int|hex|string)$/ && !seen[name]++ {
        on = name in value || $1 != "bool"
        if (on) print "#define CONFIG_" name, name in value ? value[name] : $1 == "string" ? "\"\"" : 0
        print "#define ENABLE_" name, on
        print "#define IF_" name "(...)" (on ? " __VA_ARGS__" : "")
        print "#define IF_NOT_" name "(...)" (on ? "" : " __VA_ARGS__")
        delete value[name]
        name = ""
      }
      END {
        for (name in value) print "BusyBox has no setting " name >"/dev/stderr"
        for (name in value) exit 1
      }'
}

source=$(cd "$1" && pwd)
mkdir -p "$2"
cd "$2"
sh "$source/scripts/gen_build_files.sh" "$source" "$PWD" >log
header "$here/settings" $(printf "$here/%s " $programs) >include/autoconf.h
echo '#define NUM_SCRIPTS 0' >include/embedded_scripts.h
cat >include/common_bufsiz.h <<END
enum { COMMON_BUFSIZE = 1024 };
extern char bb_common_bufsiz1[];
#define setup_common_bufsiz() ((void)0)
END

for program in $programs; do
  mkdir -p $program/include $program/applets
  cp include/applets.h include/usage.h $program/include
  header "$here/settings" "$here/$program" >$program/include/autoconf.h
  cd $program
  for tool in applet_tables usage; do
    gcc -w -Iinclude -Iapplets -I"$source/include" "$source/applets/$tool.c" -o applets/$tool
  done
  applets/applet_tables include/applet_tables.h include/NUM_APPLETS.h
  "$source/applets/usage_compressed" include/usage_compressed.h applets
  sed -n 's/^"\(.*\)" "\\0"$/\1/p' include/applet_tables.h >names
  rm include/applets.h include/usage.h
  cd ..
done
cp busybox/include/NUM_APPLETS.h include

cat >collect.mk <<'END'
.DEFAULT_GOAL := files
files:
	@echo BUSYBOX_C := $(sort $(FILES))
define collect
lib-y :=
include $(1)/Kbuild
FILES += $$(addprefix $(1)/,$$(lib-y:.o=.c))
endef
FILES :=
$(foreach dir,$(patsubst %/Kbuild,%,$(wildcard [b-z]*/Kbuild */*/Kbuild)),$(eval $(call collect,$(dir))))
END
sed -n 's/^#define CONFIG_\([A-Z0-9_]*\) 1$/CONFIG_\1 := y/p' include/autoconf.h >config.mk
MAKEFLAGS= make -rs -f config.mk -f collect.mk >files.mk

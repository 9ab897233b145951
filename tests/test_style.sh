#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the source promises about itself: which part may include which, no mutable
# static data in core/, nothing of the C library on task stacks, one primitive a
# line, barriers that say what they pair with, headers that stand alone, short
# lines and functions, everything listed in Makefile.am. Each rule is first fed a
# bad sample, about which it must complain, and then the tree. Prints TAP.
#
# SRCDIR, BUILDDIR: the source and where it was built. CC: the compiler.

. "$(dirname "$0")/tap.sh" || exit 99

SRCDIR=${SRCDIR:-.}
BUILDDIR=${BUILDDIR:-.}
CC=${CC:-cc}

tap_dir
tap_shown='"$dir/complaints"'
bad=$dir/bad
mkdir -p "$bad/core" "$bad/scenarios" "$bad/sim/check" "$bad/sim/engine" "$bad/sim/model" "$bad/output"

# keeps NAME RULE ARG...: the rule has nothing to complain about.
keeps() {
	name=$1
	shift
	"$@" >"$dir/complaints" 2>&1
	[ ! -s "$dir/complaints" ]
	result "$name" $?
}

# notices NAME TEXT RULE ARG...: the rule complains, and says TEXT.
notices() {
	name=$1 text=$2
	shift 2
	"$@" >"$dir/complaints" 2>&1
	grep -q -e "$text" "$dir/complaints"
	result "notices $name" $?
}

# sources ROOT: the C files and headers in it.
sources() {
	(cd "$1" && find core scenarios sim output tests -name '*.[ch]' 2>/dev/null | sort)
}

# --- who includes what

# Allowed beyond what the C library and GLib bring; a folder's name stands for all in it.
allowed_in() {
	case $1 in
	core/*) echo 'kern.h mmu.h kvm_mmu.h shadow_page.h spte.h rmap.h pte_list.h pte_list_walk.h pte_list_lock.h
		rmap_node.h rmap_snapshot.h algorithms.inc' ;;
	scenarios/*) echo 'core/rmap.h scenarios/ plan.h keys.h keyfile.h expect.h program.h
		reading.h scenario.h sweep.h' ;;
	output/*) echo 'output/ sim/engine/event.h schema.inc plots.inc' ;;
	sim/model/*) echo 'sim/model/ sim/engine/event.h sim/kern/sim/sim.h
		sim/kern/sim/stores.h scenarios/plan.h models.inc' ;;
	sim/strategy/*) echo 'sim/strategy/ sim/engine/event.h sim/engine/engine.h
		sim/engine/rng.h scenarios/plan.h strategies.inc' ;;
	sim/check/*) echo 'sim/check/ sim/engine/ sim/model/model.h core/spte.h checks.inc' ;;
	sim/kern/hw/*) echo 'core/kern.h sim/kern/hw/ sim/engine/rng.h' ;;
	sim/kern/*) echo 'core/ sim/kern/sim/ sim/engine/event.h sim/engine/rng.h
		scenarios/plan.h' ;;
	sim/search/*) echo 'sim/search/ sim/engine/ sim/check/ sim/model/ sim/strategy/
		sim/kern/sim/ scenarios/plan.h core/' ;;
	sim/engine/*) echo 'core/ scenarios/plan.h sim/engine/ sim/check/ sim/kern/sim/
		sim/kern/constants.h sim/model/ sim/strategy/ sim/litmus/body.h' ;;
	sim/litmus/*) echo 'sim/litmus/ sim/engine/ sim/kern/sim/ sim/search/ sim/model/
		scenarios/plan.h' ;;
	*) echo 'core/ scenarios/ sim/ output/ tests/ config.h subcommands.inc' ;;
	esac
}

# "FILE HEADER" for each header in quotes.
included() {
	(cd "$1" && sources . | xargs grep -H '^# *include *"' |
		sed 's/^\.\///; s/^\([^:]*\):[^"]*"\([^"]*\)".*/\1 \2/')
}

rule_includes() {
	included "$1" | while read -r file header; do
		for a in $(allowed_in "$file"); do
			case $a in
			*/) [ "${header#"$a"}" != "$header" ] && continue 2 ;;
			*) [ "$a" = "$header" ] && continue 2 ;;
			esac
		done
		echo "$file must not include $header"
	done
}

# core/ uses nothing of the C library but types.
rule_core_system_headers() {
	grep -n '^# *include *<' "$1"/core/*.[ch] |
		grep -v '<kern_backend.h>\|<errno.h>\|<std\(bool\|def\|int\).h>'
}

# The database has one owner: nobody else sees SQLite.
rule_database() {
	(cd "$1" && sources . | grep -v '^output/store[a-z_]*\.[ch]$' |
		xargs grep -n '^# *include.*\(sqlite3\|store_private\)\.h')
}

# --- lines and functions

rule_lines() {
	(cd "$1" && sources . | xargs awk '{
		n = 0
		for (i = 1; i <= length($0); i++)
			n = substr($0, i, 1) == "\t" ? n + 8 - n % 8 : n + 1
		if (n > 100) print FILENAME ":" FNR ": " n " columns" }')
}

rule_functions() {
	(cd "$1" && sources . | xargs awk '
		FNR == 1 { from = 0 }
		/^{/ { from = FNR }
		/^}/ { n = FNR - from + 1
		       if (from && n > 70) print FILENAME ":" from ": " n " lines"
		       from = 0 }')
}

rule_file_heads() {
	(cd "$1" && sources . | xargs awk '
		FNR == 1 && !/SPDX-License-Identifier: GPL-2.0-or-later/ {
			print FILENAME ": no licence in its first line" }
		FNR == 2 && !/^\/\*/ { print FILENAME ": nothing says what it is for" }')
}

# --- core/

PRIMITIVES='READ_ONCE|WRITE_ONCE|READ_PLAIN|WRITE_PLAIN|smp_[a-z_]+|rcu_[a-z_]+|x?cmpxchg[a-z_]*'
PRIMITIVES=$PRIMITIVES'|try_cmpxchg[a-z_]*|xchg[a-z_]*|set_bit|clear_bit|test_[a-z_]*bit'
PRIMITIVES=$PRIMITIVES'|spin_[a-z]+|read_lock|read_unlock|write_lock|write_unlock|lockdep_[a-z_]+'
PRIMITIVES=$PRIMITIVES'|kmem_cache_[a-z]+|cpu_relax|mark_state|walk_step|walk_restart|walk_slow_path'
PRIMITIVES=$PRIMITIVES'|WARN_ON_ONCE'

rule_one_primitive() {
	for file in "$1"/core/*.[ch]; do
		[ "${file##*/}" = kern.h ] && continue
		awk -v f="$file" -v re="(^|[^a-zA-Z0-9_])($PRIMITIVES)\\\\(" '
			{ line = $0 }
			/^[ \t]*(\/\*|\*)/ { next }
			{ gsub(/\/\*.*\*\//, "", line)
			  n = gsub(re, "&", line)
			  if (n > 1) print f ":" NR ": " n " primitives in one line" }' "$file"
	done
}

# In the six lines above. barrier() binds the compiler only and pairs with nothing.
rule_barriers() {
	for file in "$1"/core/*.[ch]; do
		[ "${file##*/}" = kern.h ] && continue
		awk -v f="$file" '
			/pairs with/ { said = NR }
			/^[ \t]*(\/\*|\*)/ { next }
			/(smp_[a-z_]+|rcu_assign_pointer|_acquire|_release)\(/ && !/smp_processor_id/ {
				if (!said || NR - said > 6)
					print f ":" NR ": does not say what it pairs with"
			}' "$file"
	done
}

# writable SECTION-OWNER OBJECT...: data that code could change.
rule_no_mutable_data() {
	for object; do
		readelf -SW "$object" | sed 's/^ *\[ *[0-9]*\] *//' |
			awk -v f="$object" '$2 ~ /PROGBITS|NOBITS/ && $7 ~ /W/ && $5 !~ /^0+$/ &&
				$1 !~ /^(\.data\.rel\.ro|rmapsim_sites)/ {
				print f ": " $1 " holds 0x" $5 " bytes" }'
		nm "$object" | awk -v f="$object" '$2 == "C" { print f ": common " $3 }'
	done
}

# calls ALLOWED OBJECT...: undefined symbols that none of the objects defines.
rule_calls() {
	pattern=$1
	shift
	nm "$@" | awk 'NF == 3 && $2 ~ /[TDRBV]/ { print $3 }' | sort -u >"$dir/defined"
	nm "$@" | awk 'NF == 2 && $1 == "U" { print $2 }' | sort -u | comm -23 - "$dir/defined" |
		grep -v -x -e "$pattern" | sed 's/$/ is called/'
}

rule_no_sites() {
	for object; do
		readelf -SW "$object" | grep -q rmapsim_sites && echo "$object has sites"
	done
}

# --- the build

rule_listed() {
	tr -s ' \t\\' '\n\n\n' <"$1/Makefile.am" | sort -u >"$dir/listed"
	(cd "$1" && find core scenarios sim output tests -name '*.[ch]' -o -path 'tests/*.sh' \
		-o -name '*.scenario' 2>/dev/null) | sort | comm -23 - "$dir/listed" |
		sed 's/$/ is not in Makefile.am/'
}

# Automake drops the .sh: a program and a script of one name have one log, and one is never run.
rule_test_names() {
	(cd "$1" && find tests -name 'test_*.sh') | sed 's/sh$/c/' | while read -r program; do
		[ ! -e "$1/$program" ] || echo "$program has a script of its name"
	done
}

# Each header is the first that a program includes. A back end is reached through kern.h.
rule_headers_alone() {
	root=$1 flags=$2
	sources "$root" | grep '\.h$' | grep -v 'kern_backend\.h$' | while read -r header; do
		kern=sim
		case $header in
		sim/hw/*) kern=hw ;;
		tests/core_world.h | sim/kern/constants.h | core/*) kern='sim hw' ;;
		sim/hw/* | sim/kern/hw/*) kern=hw ;;
		esac
		for k in $kern; do
			# shellcheck disable=SC2086
			echo "#include \"$header\"" | $CC -std=gnu11 -fsyntax-only -Wall -Wextra -Werror \
				-Wno-unused-parameter -I"$SRCDIR/sim/kern/$k" -I"$root" \
				-I"$BUILDDIR/generated" $flags -x c - 2>&1 |
				sed "s|^|$header: |" | head -n 3
		done
	done
}

# --- bad samples

cat >"$bad/core/bad.c" <<'END'
#include <string.h>
#include "sim/engine/engine.h"
static int counter;
int f(int *p)
{
	x = READ_ONCE(a) + READ_ONCE(b);
	smp_store_release(p, 1);
	/* READ_ONCE() and WRITE_ONCE() in a comment are none. */
}
END
printf '#include "core/rmap.h"\n#include "output/schedule.h"\n' >"$bad/scenarios/bad.c"
printf '#include "sim/engine/engine.h"\n#include <sqlite3.h>\n' >"$bad/output/bad.c"
echo '#include "output/store_private.h"' >"$bad/sim/check/bad.c"
printf '#include "sim/engine/state.h"\n' >"$bad/sim/model/bad.c"
{
	printf '#include "sim/cmd/cmd.h"\nint g(void)\n{\n'
	yes '	;' | head -n 70
	printf '}\n/* '
	yes x | head -n 100 | tr -d '\n'
	printf ' */\n'
} >"$bad/sim/engine/bad.c"
echo 'size_t lonely(GError **error);' >"$bad/output/bad.h"
printf 'x = core/good.c\n' >"$bad/Makefile.am"
mkdir "$bad/tests"
touch "$bad/tests/test_twice.c" "$bad/tests/test_twice.sh" "$bad/tests/test_once.sh"

notices 'a simulator header in core/' 'core/bad.c must not include sim/engine' rule_includes "$bad"
notices 'output in scenarios/' 'scenarios/bad.c must not include output' rule_includes "$bad"
notices 'the engine in output/' 'output/bad.c must not include sim/engine' rule_includes "$bad"
notices 'the engine inside a model' 'sim/model/bad.c must not' rule_includes "$bad"
notices 'a command in the engine' 'sim/engine/bad.c must not' rule_includes "$bad"
notices 'the C library in core/' string.h rule_core_system_headers "$bad"
notices 'SQLite beside the database' 'output/bad.c:2:' rule_database "$bad"
notices "the database's inside" 'sim/check/bad.c:1:' rule_database "$bad"
notices 'a long line' 'sim/engine/bad.c:75: 106 columns' rule_lines "$bad"
notices 'a long function' 'sim/engine/bad.c:3: 72 lines' rule_functions "$bad"
notices 'a file without licence' 'bad.c: no licence' rule_file_heads "$bad"
notices 'a file without purpose' 'bad.c: nothing says' rule_file_heads "$bad"
notices 'two primitives in one line' 'bad.c:6: 2 primitives' rule_one_primitive "$bad"
notices 'a barrier without its partner' 'bad.c:7: does not say' rule_barriers "$bad"
notices 'a file that is not listed' 'core/bad.c is not in' rule_listed "$bad"
notices 'a program and a script of one name' 'test_twice.c has a script' rule_test_names "$bad"
notices 'a header that needs another' 'output/bad.h: ' rule_headers_alone "$bad" ''

keeps 'no test has the name of another' rule_test_names "$SRCDIR"
keeps 'core/ includes core/ only, others what they may' rule_includes "$SRCDIR"
keeps 'core/ includes no C library but types' rule_core_system_headers "$SRCDIR"
keeps 'only output/store*.c know SQLite' rule_database "$SRCDIR"
keeps 'no line has more than 100 columns' rule_lines "$SRCDIR"
keeps 'no function has more than 70 lines' rule_functions "$SRCDIR"
keeps 'each file has its licence and says what it is for' rule_file_heads "$SRCDIR"
keeps 'one primitive a line in core/' rule_one_primitive "$SRCDIR"
keeps 'each barrier in core/ says what it pairs with' rule_barriers "$SRCDIR"
keeps 'each file is listed in Makefile.am' rule_listed "$SRCDIR"

if glib=$(pkg-config --cflags glib-2.0 json-glib-1.0 2>/dev/null); then
	keeps 'each header stands alone' rule_headers_alone "$SRCDIR" "$glib"
else
	skip 'each header stands alone' 'no pkg-config'
fi

# --- objects

cat >"$dir/bad.c" <<'END'
#include <string.h>
int common_or_bss;
static int counter = 1;
static int *const fine = &common_or_bss;
extern int sim_thing;
__attribute__((section("rmapsim_sites"), used)) static int site = 1;
void *f(void *p, unsigned long n)
{
	counter++;
	return memset(p, *fine + sim_thing + site, n);
}
END
SIM_ALLOWED='sim\|sim_[a-z_]*\|_GLOBAL_OFFSET_TABLE_'
HW_ALLOWED='kmem_cache_[a-z]*\|kern_hw_[a-z_]*\|_GLOBAL_OFFSET_TABLE_'

if ! command -v readelf >/dev/null || ! command -v nm >/dev/null; then
	skip 'rules about objects' 'no binutils'
elif ! ls "$BUILDDIR"/core/libcore_sim_a-*.o >/dev/null 2>&1; then
	skip 'rules about objects' 'no objects'
elif nm "$BUILDDIR"/core/libcore_sim_a-mmu.o | grep -q __asan; then
	skip 'rules about objects' 'sanitizers add data and calls of their own'
else
	$CC -O1 -fPIE -c "$dir/bad.c" -o "$dir/bad.o"
	sim_objects=$(ls "$BUILDDIR"/core/libcore_sim_a-*.o \
		"$BUILDDIR"/sim/kern/sim/libcore_sim_a-*.o "$BUILDDIR"/sim/litmus/libcore_sim_a-*.o)
	hw_objects=$(ls "$BUILDDIR"/core/libcore_hw_a-*.o)
	core_objects=$(ls "$BUILDDIR"/core/libcore_sim_a-*.o "$BUILDDIR"/core/libcore_hw_a-*.o)
	notices 'initialised data' '\.data holds' rule_no_mutable_data "$dir/bad.o"
	notices 'zeroed data' '\.bss holds' rule_no_mutable_data "$dir/bad.o"
	notices 'a call of the C library' 'memset is called' rule_calls "$SIM_ALLOWED" "$dir/bad.o"
	notices 'the simulator in hardware code' 'sim_thing is called' rule_calls "$HW_ALLOWED" \
		"$dir/bad.o"
	notices 'sites in hardware code' 'has sites' rule_no_sites "$dir/bad.o"
	# shellcheck disable=SC2086
	{
		keeps 'no mutable static data in core/' rule_no_mutable_data $core_objects
		keeps 'no call from a task stack into a library' rule_calls "$SIM_ALLOWED" $sim_objects
		keeps 'no simulator in hardware code' rule_calls "$HW_ALLOWED" $hw_objects
		keeps 'no sites in hardware code' rule_no_sites $hw_objects
	}
fi

tap_end

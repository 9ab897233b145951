#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The same program from every compiler there is, at every level of optimization and
# with the sanitizers: no warnings, all tests pass, and the same runs (digests),
# searches and sets of what memory can come to come out. Then `make distcheck`, `make
# install` and what a build leaves behind. Part of `make check-long`; prints TAP. Takes
# about half an hour and 1 GB in TMPDIR (default /var/tmp).

. "$(dirname "$0")/tap.sh" || exit 99

srcdir=$(cd "${SRCDIR:-$(dirname "$0")/..}" && pwd) || exit 99
unset SRCDIR BUILDDIR RMAPSIM MAKEFLAGS MFLAGS MAKELEVEL
jobs=$(nproc 2>/dev/null || echo 1)

[ -x "$srcdir/configure" ] || skip_all "$srcdir has no configure; ./bootstrap makes it"
compilers=
for cc in gcc clang; do
	command -v $cc >/dev/null 2>&1 && compilers="$compilers $cc"
done
[ -n "$compilers" ] || skip_all 'there is neither gcc nor clang'

tap_dir "${TMPDIR:-/var/tmp}/rmapsim-builds.XXXXXX"
top=$dir

# quiet FILE: standard error of a build had nothing to say.
quiet() {
	[ ! -s "$1" ]
}

# Left out: where a stack ends, and what lies at an address that nobody has, is the
# compiler's business, and so is when a task that announces nothing is given up.
digests() {
	for scenario in $("$1" list scenarios | sed -n 's/^  \([a-z0-9-]\{1,\}\)  *[^ ].*/\1/p'); do
		case $scenario in
		busted-deep-stack | busted-silent-spin | busted-wild-read) continue ;;
		esac
		for strategy in random round-robin; do
			echo "$scenario $strategy $("$1" run "$scenario" --strategy $strategy \
				--seeds 1000 --keep-going --digest 2>/dev/null | grep '^digest')"
		done
	done
}

# Results of every search that is expected to end, and what tests/search_projections
# says; in both the same may lie at different places of the stack (see above).
searches() {
	make -s tests/search_projections >&2 || return
	tests/search_projections || return
	for scenario in $(cd "$srcdir/scenarios" && grep -l '^verify' ./*.scenario); do
		case $scenario in
		*/busted-deep-stack.* | */busted-silent-spin.* | */busted-wild-read.*) continue ;;
		esac
		./rmapsim verify "$srcdir/scenarios/$scenario" --out . 2>/dev/null
	done
}

# built LABEL CONFIGURE-ARG...: build, test, compare.
built() {
	label=$1 build=$top/$1
	shift
	mkdir "$build" && cd "$build" || exit 99
	"$srcdir/configure" -q --enable-werror "$@" >log 2>err && quiet err
	result "$label: configure has nothing to complain of" $? err
	make -s -j"$jobs" >log 2>err && quiet err
	result "$label: builds without a warning" $? err
	make -s -j"$jobs" check >log 2>&1
	result "$label: make check" $? log
	digests ./rmapsim >digests
	[ -s "$top/digests" ] || cp digests "$top/digests"
	diff "$top/digests" digests >log && [ "$(grep -c 0x digests)" -ge 20 ]
	result "$label: the same runs as from the first build" $? log
	searches >searches 2>log
	[ -s "$top/searches" ] || cp searches "$top/searches"
	diff "$top/searches" searches >>log && [ "$(grep -c digest searches)" -ge 30 ] &&
		[ "$(grep -c 'states,' searches)" -ge 20 ]
	result "$label: the same searches as from the first build" $? log
	[ ! -e confdefs.h ] && [ ! -e "$srcdir/confdefs.h" ]
	result "$label: no confdefs.h stays behind" $? /dev/null
	cd "$top" || exit 99
}

# What a package would hold, and what would be shipped as source.
packaged() {
	mkdir "$top/package" && cd "$top/package" || exit 99
	"$srcdir/configure" -q --prefix=/usr >log 2>&1 && make -s -j"$jobs" >>log 2>&1 &&
		make -s DESTDIR="$top/package/dest" install >>log 2>err && quiet err
	result 'make install DESTDIR= says nothing on standard error' $? err
	(cd dest && find . -type f ! -name '*.scenario' ! -path './usr/share/doc/rmapsim/*.md' |
		sort) >files
	printf './usr/%s\n' bin/rmapsim share/doc/rmapsim/README share/doc/rmapsim/scenarios/README \
		share/man/man1/rmapsim.1 >want
	diff want files >log
	result 'make install installs program, manual, README, format, scenarios' $? log
	make -s -j"$jobs" distcheck >log 2>&1
	result 'make distcheck' $? log
	! grep -n 'rm: cannot' log >found
	result 'make distcheck removes nothing that is not there' $? found
	tar xzf rmapsim-*.tar.gz && cd rmapsim-*/ || exit 99
	recipe >"$top/log" 2>&1
	result 'an algorithm is added as README says' $? "$top/log"
	cd "$top" || exit 99
}

# What README tells someone who adds an algorithm, done in unpacked sources.
recipe() {
	./configure -q && make -s -j"$jobs" || return
	cp core/rmap_template.c core/rmap_mine.c
	sed -i -e 's/RMAP_ALGORITHM(template)/RMAP_ALGORITHM(mine)/' \
		-e 's/\.name = "template"/.name = "mine"/' core/rmap_mine.c
	sed -i 's,^ALGORITHMS = \\$,&\n\tcore/rmap_mine.c \\,' Makefile.am
	make -s -j"$jobs" && ./rmapsim list algorithms | grep '^  mine$' &&
		! ./rmapsim run mail-picture --algorithm mine &&
		./rmapsim run harness-cost --algorithm mine --set check.coverage=yes \
			--set 'memory.setup=add spte1 rmap0'
}

for cc in $compilers; do
	for level in 0 1 2 3; do
		built "$cc-O$level" CC=$cc CFLAGS="-g -O$level"
	done
	built "$cc-sanitizers" CC=$cc CFLAGS='-g -O1' --enable-sanitizers
done
for cc in gcc clang; do
	case "$compilers " in
	*" $cc "*) ;;
	*) skip "$cc" "there is no $cc" ;;
	esac
done
packaged

tap_end

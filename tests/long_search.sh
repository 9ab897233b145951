#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The tests of the search with their larger parts: thousands of generated
# programs against the plain enumerator and the second judge of loops, projections
# of bench-c6, searches killed hundreds of times. Prints TAP.
#
# RMAPSIM: the program. SRCDIR: the sources. BUILDDIR: the build.

. "$(dirname "$0")/tap.sh" || exit 99

RMAPSIM_LONG=1
export RMAPSIM_LONG

tap_dir
for name in test_search_identity test_search_loops test_search_oracle test_search_save; do
	"${BUILDDIR:-.}/tests/$name" >"$dir/log" 2>&1
	result $name $? "$dir/log"
done
sh "${SRCDIR:-..}/tests/test_broken.sh" >"$dir/log" 2>&1
result test_broken $? "$dir/log"
tap_end

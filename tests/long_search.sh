#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The tests of the search with their larger parts: thousands of generated
# programs against the plain enumerator and the second judge of loops, projections
# of bench-c6. Prints TAP.
#
# BUILDDIR: the build.

RMAPSIM_LONG=1
export RMAPSIM_LONG

log=$(mktemp) || exit 99
trap 'rm -f "$log"' EXIT
trap 'exit 130' INT TERM
count=0 failed=0
for name in test_search_identity test_search_loops test_search_oracle; do
	count=$((count + 1))
	if "${BUILDDIR:-.}/tests/$name" >"$log" 2>&1; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		tail -n 20 "$log" | sed 's/^/# /'
		failed=1
	fi
done
echo "1..$count"
[ "$failed" -eq 0 ]

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# One line for each scenario and strategy: the digest of its first seeds, and the
# verdict. Equal lines are equal runs, so whatever must not matter (compiler,
# sanitizer, optimisation, environment) is compared by comparing this output.
#
# usage: digests.sh [SEEDS [OPTION...]]; SEEDS of each, default 50; OPTIONs are
# given to rmapsim run. RMAPSIM: the program. SCENARIOS: which, default all that
# are shipped but one that takes seconds for each failing run.

RMAPSIM=${RMAPSIM:-./rmapsim}
seeds=${1:-50}
[ $# -gt 0 ] && shift

scenarios() {
	"$RMAPSIM" list scenarios --json | sed -n 's/.*"name" *: *"\([^"]*\)".*/\1/p' |
		grep -v '^busted-silent-spin$'
}

for scenario in ${SCENARIOS:-$(scenarios)}; do
	for strategy in random round-robin; do
		out=$("$RMAPSIM" run "$scenario" --strategy $strategy --seeds "$seeds" --digest \
			--keep-going "$@" 2>&1)
		status=$?
		digest=$(echo "$out" | sed -n 's/^digest  *//p')
		echo "$scenario $strategy $status ${digest:-no digest: $out}"
	done
done

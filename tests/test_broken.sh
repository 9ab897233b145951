#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Algorithms that are wrong on purpose: whatever a campaign finds, verify finds too,
# and where a campaign finds nothing verify has an answer all the same. Each of
# them in its own scenario and in those of the others. Prints TAP.
#
# RMAPSIM: the program (default: ./rmapsim). SRCDIR: the sources (default: ..).

. "$(dirname "$0")/tap.sh" || exit 99

RMAPSIM=$(realpath "${RMAPSIM:-./rmapsim}") || exit 99
SRCDIR=$(realpath "${SRCDIR:-..}") || exit 99
tap_dir
cd "$dir" || exit 99

# Each run in which this one hangs takes a second; its own scenario is enough.
HANGS=busted-silent-spin

# Which objects wait for grace periods, and in what order the others are free, makes too
# many states of these where a writer loops for ever; their own scenarios do not loop.
BY_RCU=' busted-bulk-free-rcu busted-early-call busted-free-at-once'
BY_RCU="$BY_RCU busted-second-look busted-unlocked-read "

"$RMAPSIM" list algorithms --json | sed -n 's/.*"name" : "\(busted-[a-z-]*\)".*/\1/p' |
	grep -vx $HANGS >algorithms
[ "$(wc -l <algorithms)" -ge 9 ]
result 'there are algorithms to try' $? algorithms

# expected FILE: "MODEL CHECK" for each violation that a campaign is expected to find.
expected() {
	sed -n 's/^run\.\([a-z]*\) *= *\([a-z]*\).*/\1 \2/p' "$1" | grep -v 'clean$\|incomplete$'
}

# That is what verify says too, whether it is expected of it or not.
for file in "$SRCDIR"/scenarios/busted-*.scenario; do
	name=$(basename "$file" .scenario)
	expected "$file" >violations
	while read -r model check; do
		"$RMAPSIM" verify "$file" --model "$model" --out found >out 2>err </dev/null
		[ $? -eq 1 ] && grep -q "^violated: $check\$" out
		result "$name, $model: verify finds $check too" $?
	done <violations
	[ "$name" = $HANGS ] || ! grep -q '^sc ' violations || echo "$name" >>scenarios
done
printf '%s\n' bench-c1 bench-c3 mail-picture nulls-restarts-forever >>scenarios

# Some of these have tens of millions of states: tests/long_search.sh goes on for longer.
states=${RMAPSIM_LONG:+20000000}
states=${states:-200000}

# decided ALGORITHM SCENARIO: campaign and verify go together, as far as verify gets.
decided() {
	# A walker that spins without looking again would do so for ever.
	"$RMAPSIM" run "$2" --algorithm "$1" --seeds 2000 --set limits.events=20000 >out 2>err
	campaign=$?
	"$RMAPSIM" verify "$2" --algorithm "$1" --max-states "$states" --out found >out 2>err
	verify=$?
	echo "$campaign $verify" >>tally
	case "$campaign $verify" in
	# 4: of scenarios that loop for ever only a part is run.
	[04]' 0' | [04]' 1' | [04]' 4' | '1 1') return 0 ;;
	'1 4') case $BY_RCU in *" $1 "*) return 0 ;; esac ;;
	esac
	echo "$1, $2: a campaign ends with status $campaign, verify with $verify" >>undecided
	return 1
}

while read -r algorithm; do
	ok=0
	: >undecided
	while read -r scenario; do
		decided "$algorithm" "$scenario" || ok=1
	done <scenarios
	result "$algorithm is found or decided in every scenario" $ok undecided
done <algorithms

# Else the above would say little.
[ "$(grep -c ' 4$' tally)" -lt $(($(wc -l <tally) / 10)) ]
result 'verify gets to its end nearly everywhere' $? tally
[ "$(grep -c '^1 1' tally)" -ge 20 ] && grep -q '^0 0' tally && grep -q '^0 1' tally
result 'some are found by both, some by verify alone, some by neither' $? tally

tap_end

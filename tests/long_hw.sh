#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Checked runs of every good algorithm on this machine: first of the scenario
# throughput, ten minutes in all (SECONDS_ALL: another number of seconds), with
# samples for its plot; then five minutes of each (SECONDS_EACH), whatever the
# list's form, the lock, the slab's order of reuse: no violation. Prints TAP.
# Part of 'make check-long'. On a machine with fewer than two CPUs it is skipped
# (status 77).
#
# RMAPSIM: the program (default: ./rmapsim). HW_DB: keeps the database there.

. "$(dirname "$0")/tap.sh" || exit 99

RMAPSIM=${RMAPSIM:-./rmapsim}
SECONDS_ALL=${SECONDS_ALL:-600}
SECONDS_EACH=${SECONDS_EACH:-300}
PARTS=8
POINTS=22	# of the scenario throughput
SAMPLES=6	# of each, as few as an interval of the median needs

if [ "$(nproc)" -lt 2 ]; then
	skip_all 'two CPUs are needed'
fi
tap_dir

part=$(awk "BEGIN { print $SECONDS_EACH / $PARTS }")

# --- each algorithm under both locks, ten minutes in all, and what it gets done

db=${HW_DB:-$dir/study.db}

# table NAME ARG...: no sample of any point has a violation.
table() {
	what=$1
	shift
	"$RMAPSIM" hw throughput --table --db "$db" "$@" >"$dir/table" 2>&1
	[ $? -eq 0 ] && [ "$(grep -c 'clean$' "$dir/table")" -eq "$POINTS" ]
	result "$what: $(sed -n 's/^\([0-9]* samples, .* violation\).*/\1/p' "$dir/table")" $? \
		"$dir/table"
	sed 's/^/# /' "$dir/table"
}

table "every algorithm, checked" --checked --keep-going \
	--duration "$(awk "BEGIN { print $SECONDS_ALL / $POINTS }")"
awk '/lock-type/ && $(NF - 1) + 0 == 0 { exit 1 }' "$dir/table"
result "walks of each have been judged" $? "$dir/table"
table "every algorithm, timing" --samples $SAMPLES \
	--duration "$(awk "BEGIN { print $SECONDS_ALL / 4 / $POINTS / $SAMPLES }")"
"$RMAPSIM" sweep throughput --seeds 2000 --db "$db" >"$dir/out" 2>&1 &&
	"$RMAPSIM" plot throughput --db "$db" --format gnuplot --out "$dir/plot" >"$dir/out" 2>&1
result "they are drawn beside what is simulated" $? "$dir/out"

# --- each algorithm in all the ways that there are

# clean NAME ARG...: the judge finds nothing, and has judged something.
clean() {
	what=$1
	shift
	"$RMAPSIM" hw "$@" --checked --duration "$part" >"$dir/out" 2>&1
	[ $? -eq 0 ] && grep -q '^  judged [1-9]' "$dir/out"
	result "$what: $(sed -n 's/^  judged \([0-9]*\) of.*/\1 walks judged/p' "$dir/out")" $? \
		"$dir/out"
}

# churn NAME SCENARIO ARG...: one writer and one walker of a scenario with mixes, in
# all the ways that the memory and the lock can be.
churn() {
	name=$1
	shift
	set -- "$@" --set "task writer.count=1" --set "task walker.count=1"
	clean "$name" "$@"
	clean "$name, rwlock" "$@" --set machine.lock-type=rwlock --seed 2
	clean "$name, fifo reuse" "$@" --set memory.reuse=fifo --seed 3
	clean "$name, seeded reuse" "$@" --set memory.reuse=seeded --seed 4
	clean "$name, caches, zeroed" "$@" --set memory.cache=4 --set memory.alloc-zero=yes --seed 5
	clean "$name, 14 slots" "$@" --set memory.pte-list-ext=14 --seed 6
	clean "$name, three writers" "$@" --set "task writer.count=3" --oversubscribe --seed 7
}

churn "position" churn-position-w2
clean "position, laps" bench-c1 --set algorithm.retries=unlimited
churn "nulls" churn-nulls-w2
clean "nulls, laps" bench-c1 --algorithm nulls
churn "locked, stack form" churn-locked-stack-w2
clean "locked, stack form, laps" bench-c1 --algorithm locked
churn "locked, tail form" churn-locked-tail-w2
clean "locked, tail form, laps" bench-c1 --algorithm locked --set algorithm.form=tail
churn "nulls-dirty" churn-nulls-dirty-w2
churn "hlist-nulls" churn-hlist-nulls-w2
churn "first-level" churn-first-level-w2
churn "lock-bit" churn-lock-bit-w2
churn "seqcount" churn-seqcount-w2
churn "rcu" churn-rcu-w2
churn "snapshot" churn-snapshot-w2
for algorithm in nulls-dirty hlist-nulls first-level lock-bit seqcount rcu snapshot; do
	clean "$algorithm, laps" bench-c1 --algorithm $algorithm
done
for i in 1 2 3 4 5 6 7 8; do
	clean "template, seed $i" endless --algorithm template --seed $i --set memory.setup= \
		--set "task writer.program=add spte1 rmap0; remove spte1 rmap0"
done

tap_end

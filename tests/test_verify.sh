#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# verify as a user meets it: verdicts and exit statuses, schedules of what it found
# and their cycles, a search that is killed and goes on, limits, files that are not
# a search, and every shipped scenario against what it expects. Prints TAP.
#
# RMAPSIM: the program (default: ./rmapsim). SRCDIR: the sources (default: ..).

. "$(dirname "$0")/tap.sh" || exit 99

RMAPSIM=$(realpath "${RMAPSIM:-./rmapsim}") || exit 99
SRCDIR=$(realpath "${SRCDIR:-..}") || exit 99

tap_dir
cd "$dir" || exit 99

# gives STATUS TEXT ARG...: the program ends with STATUS and says TEXT on either output.
gives() {
	want=$1 text=$2
	shift 2
	"$RMAPSIM" "$@" >out 2>err </dev/null
	got=$?
	[ "$got" -eq "$want" ] && cat out err | grep -q -e "$text"
	result "rmapsim $* gives $want: $text" $?
}

# --- verdicts

gives 0 '^verified: ' verify bench-c1
gives 1 '^violated: coverage' verify busted-scan-up --out found
gives 1 'no schedule with fewer transitions' verify busted-scan-up --out found
gives 1 'coverage fires here' replay --schedule found/busted-scan-up-counterexample.schedule
gives 4 '^incomplete: states' verify bench-c5 --max-states 100
gives 4 '^incomplete: memory' verify bench-c8 --max-memory 1
gives 4 '^incomplete: time' verify bench-c8 --max-time 0.001
"$RMAPSIM" verify bench-c8 --max-states 1000 >out 2>err
! grep -q verified out
result 'what is incomplete is not called verified' $?
gives 2 'one SCENARIO is needed' verify
gives 2 'no-such' verify no-such
gives 2 'seconds above 0' verify bench-c1 --max-time 0
gives 2 'stores the rows of a --table' verify bench-c1 --db x.db
gives 2 'excludes --save' verify table-termination --table --save x
gives 3 'cannot make this folder' verify busted-scan-up --out found/busted-scan-up-counterexample.schedule

for opt in '' --asked --exact '--hash-seed 77'; do
	# shellcheck disable=SC2086 # two words are meant
	"$RMAPSIM" verify bench-c4 $opt 2>err | sed -n '/^worst/,/^ /p' >"bounds$count"
	[ -s "bounds$count" ] && cmp -s "bounds$count" bounds14
	result "the worst cases of bench-c4 are the same with '$opt'" $?
done
"$RMAPSIM" verify bench-c4 2>err >one && "$RMAPSIM" verify bench-c4 2>err >out
cmp -s one out
result 'stdout is the same each time' $?
! grep -q '.\{101\}' out
result 'and no line is wider than 100 columns' $?

# --- what can be kept from finishing, and the cycle that shows it

# kept SCENARIO WORDS: violated with these words, and its cycle leads back again and again.
kept() {
	gives 1 "$2" verify "$1" --out cycles
	gives 1 'gone round 1000 times' replay --schedule "cycles/$1-counterexample.schedule" \
		--rounds 1000 --last 1
}
kept nulls-restarts-forever 'restart for ever'
kept recycle-restarts-forever 'restart for ever'
kept position-ge-pass 'in one pass for ever'
kept position-ge-pass-lifo 'in one pass for ever'
kept position-wraps-unlimited 'restart for ever'
kept position-starves 'starve on mmu_lock'
kept hlist-nulls-restarts-forever 'restart for ever'
kept hlist-nulls-pass-forever 'in one pass for ever'
kept first-level-starves 'starve on mmu_lock'
kept first-level-mapping-restarts-forever 'restart for ever'
kept lock-bit-starves 'gone when it looks'
kept nulls-dirty-restarts-forever 'restart for ever'
kept seqcount-restarts-forever 'restart for ever'
kept busted-stale-spin 'gone when it looks'
# above SCENARIO: more than it allows, in a schedule that ends.
above() {
	gives 1 'more than check\.' verify "$1" --out cycles
	gives 1 'check\.\(restarts\|pass-steps\)' replay --last 1 \
		--schedule "cycles/$1-counterexample.schedule"
}
# Those that no line above names.
for file in $(grep -l '^verify\.sc *= *termination' "$SRCDIR"/scenarios/*.scenario); do
	name=$(basename "$file" .scenario)
	[ -e "cycles/$name-counterexample.schedule" ] && continue
	if grep -q '^\(restarts\|pass-steps\) *= *[1-9]' "$file"; then
		above "$name"
	else
		kept "$name" 'for ever\|starve'
	fi
done
gives 0 '^  walker .* 7 .* 11 .* 2$' verify nulls-dirty-marked
gives 0 '^  walker .* 7 .* 11 .* 0$' verify first-level-bound
gives 0 '^  walker .* 7 .* 7 .* 0$' verify locked-bound
gives 0 '^  walker .* 7 .* 7 .* 0$' verify locked-tail-bound
gives 0 '^  walker .* 7 .* 7 .* 0$' verify locked-recycle-bound
gives 0 '^  walker .* 7 .* 11 .* 0$' verify first-level-recycle-bound
gives 0 '^  walker .* 7 .* 28 .* 2$' verify position-recycle-bound
gives 0 '^verified' verify position-starves --set machine.lock=fifo

# A bound of the scenario does not end the run on its way to what the search has found.
bounded() {
	name=$1 set=$2
	gives 1 "$3" verify "$name" --set "$set" --out bounds
	gives 1 "$4" replay --schedule "bounds/$name-counterexample.schedule" --last 1
}
bounded position-gt-pass check.pass-steps=9 'more than check.pass-steps = 9' 'cut short after'
bounded position-retries check.restarts=1 'more than check.restarts = 1' 'cut short after'
bounded position-ge-pass check.pass-steps=10 'in one pass for ever' 'gone round 1 time'
"$RMAPSIM" verify bench-c1 --set check.termination=yes --set check.pass-steps=6 --out bounds \
	>out 2>err
gives 1 'come to their end' replay --schedule bounds/bench-c1-counterexample.schedule
"$RMAPSIM" verify bench-c1 --set check.termination=yes --set check.pass-steps=7 >out 2>err
result 'a bound that is kept is no violation' $?
# What can happen at worst is no violation either.
"$RMAPSIM" verify bench-c4 --out worst >out 2>err
for file in worst/bench-c4-walker-*.schedule; do
	gives 0 'worst case: walker takes' replay --schedule "$file" --last 1
done
gives 2 'has no cycle' replay --schedule found/busted-scan-up-counterexample.schedule --rounds 2
gives 1 'violated: locking' verify busted-await-head --out cycles
gives 1 'deadlock' replay --schedule cycles/busted-await-head-counterexample.schedule

# Without a graph nothing is known of walks' ends.
gives 0 'termination were not looked at' verify position-starves --safety
! grep -q 'worst case  ' out
result 'and no bound is told then' $?

# Whatever can go on must: a writer that acts once ends what its absence would prolong.
cat >once.scenario <<'END'
[scenario]
title = one act of the writer's ends it
question = is a schedule in which the writer never acts called fair?
[algorithm]
name = position
retries = unlimited
position-bits = 1
overflow = wrap
[memory]
pte-list-ext = 2
sptes = 4
setup = add spte1..3 rmap0
[machine]
lock = unfair
[task writer]
program = remove spte3 rmap0
[task walker]
program = walk rmap0
END
gives 0 'no bound (1)' verify ./once.scenario
gives 0 'not fair: some task that could go on' verify ./once.scenario

# A claim that does not hold: descriptors are zeroed outside mmu_lock.
gives 0 'begun again: desc' verify bench-c1 --set memory.cache=1 --set memory.alloc-zero=yes
"$RMAPSIM" verify bench-c1 --set memory.cache=1 --set memory.alloc-zero=yes 2>err |
	sed -n '/^worst/,/^ /p' >one
"$RMAPSIM" verify bench-c1 --set memory.cache=1 --set memory.alloc-zero=yes --asked 2>err |
	sed -n '/^worst/,/^ /p' >out
[ -s one ] && cmp -s one out
result 'and the worst cases are those of a search that asks for all' $?

# --- a search that is broken off goes on

# until_done SIGNAL SCENARIO: kill it again and again until there is an answer.
until_done() {
	rm -f state
	"$RMAPSIM" verify "$2" --save state --max-states 1000 >out 2>err
	tries=0
	while [ $tries -lt 60 ]; do
		tries=$((tries + 1))
		timeout --preserve-status -s "$1" "0.$((tries % 5 + 2))" \
			"$RMAPSIM" verify "$2" --save state --out again >out 2>err
		got=$?
		[ $got -ne 130 ] && [ $got -ne 137 ] && [ $got -ne 143 ] && break
	done
	[ $got -le 1 ] || "$RMAPSIM" verify "$2" --save state --out again >out 2>err
}
for scenario in bench-c8 position-ge-pass; do
	"$RMAPSIM" verify $scenario --out straight 2>err | grep -v chedule >one
	until_done INT $scenario
	grep -v chedule out | cmp -s one -
	result "$scenario interrupted again and again comes to the same" $?
	[ ! -e state ]
	result 'and its file is gone then' $?
done
# What kill -9 leaves is the file of the last minute, or of a limit.
until_done KILL bench-c8
"$RMAPSIM" verify bench-c8 2>err | grep -v chedule >one
grep -v chedule out | cmp -s one -
result 'bench-c8 killed again and again comes to the same' $?
"$RMAPSIM" verify bench-c8 --max-states 5000 --save part >out 2>err
"$RMAPSIM" verify bench-c8 --save part >out 2>err
grep -v chedule out | cmp -s one - && grep -q resumed err
result 'a search that met a limit goes on from there' $?
# Judging the graph takes more than making it: the graph is kept.
gives 4 'while the finished graph is judged' verify bench-c8 --max-memory 5 --save part
"$RMAPSIM" verify bench-c8 --save part >out 2>err
grep -v chedule out | cmp -s one - && grep -q resumed err
result 'and judged by the next search' $?
! grep -q '[0-9][GT] transitions/s' err
result 'which does not claim the transitions of the first' $?

"$RMAPSIM" verify bench-c8 --max-states 5000 --save part >out 2>err
cp part good
gives 2 'belongs to another plan' verify bench-c7 --save part
gives 2 'other options' verify bench-c8 --exact --save part
head -c 2500 good >part
gives 2 'part: is damaged' verify bench-c8 --save part
{ head -c 3000 good; printf x; tail -c +3002 good; } >part
gives 2 'part: is damaged' verify bench-c8 --save part
cp part damaged
gives 2 'part: is damaged' verify bench-c8 --save part
cmp -s part damaged
result 'and the file is left as it was' $?
[ ! -s out ]
result 'and nothing is said of a result' $?
gives 2 'other options' verify bench-c8 --asked --save good
gives 2 'other options' verify bench-c8 --safety --save good
gives 2 'other options' verify bench-c8 --hash-seed 7 --save good
gives 2 'is no regular file' verify bench-c8 --save .
: >part
gives 2 'is no saved search' verify bench-c8 --save part
echo nothing of ours >part
gives 2 'is no saved search' verify bench-c8 --save part
gives 3 'cannot create' verify bench-c8 --max-states 2000 --save no/such/folder

timeout --preserve-status -s INT 2 "$RMAPSIM" verify bench-c9 --safety >out 2>err
[ $? -eq 130 ] && ! grep -q '^verified' out
result 'an interrupt ends a search with 130' $?

# --- JSON, the table, and what scenarios expect

gives 0 '"verdict" : "verified"' verify bench-c1 --json
gives 1 '"verdict" : "violated"' verify busted-scan-up --json --out found
gives 4 '"verdict" : "incomplete"' verify bench-c5 --json --max-states 100
json='grep {'
command -v python3 >/dev/null 2>&1 && json='python3 -m json.tool'
for scenario in bench-c1 busted-scan-up nulls-restarts-forever; do
	"$RMAPSIM" verify $scenario --json --out found 2>err | $json >out 2>>err
	result "the JSON of $scenario is valid" $?
done
gives 1 '^7 verified, 12 violated, 0 incomplete' verify table-termination --table --db t.db
gives 1 '^lock-bit .* starves' verify table-restarts --table
gives 1 '^5 verified, 6 violated, 0 incomplete' verify table-recycling --table
gives 1 '"found" : "endless pass"' verify table-termination --table --json
gives 0 ' 0 not, ' test --seeds 1000

tap_end

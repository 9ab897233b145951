#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The matrix: cells that are known by thinking, checks that would hide each other,
# campaigns where a search gives up (against campaigns that are run one by one),
# lines that contradict [expect], what is stored, and errors. Prints TAP.
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

# matrix ARG...: its table in ./out
matrix() {
	"$RMAPSIM" matrix "$@" >out 2>err </dev/null
}

# cell SCENARIO MODEL CHECK: what stands there in ./out. Columns begin where their names do.
cell() {
	awk -v scenario="$1:" -v model="$2" -v check="$3" '
		/^algorithm / { getline; at = index($0, "  " check); next }
		/^[a-z]/ { on = $1 == scenario; next }
		on && $1 == model && at { text = substr($0, at + 2); sub(/  .*/, "", text)
			print text; exit }' out
}

# is SCENARIO MODEL CHECK PATTERN: that cell is all of the pattern.
is() {
	cell "$1" "$2" "$3" >seen
	grep -q -x -e "$4" seen
	result "$1, $2, $3: $4" $? seen out err
}

verified='ok [0-9.]*[kM]\{0,1\}'

# --- cells that are known by thinking

# Any nulls for the end: an entry is missed, and nothing else goes wrong, under any model.
matrix busted-foreign-nulls busted-unfenced-flag nulls-restarts-once --model sc,tso
result 'a matrix of violations gives 0 if they are expected' $?
for check in access locking warn termination integrity; do
	is busted-foreign-nulls sc $check "$verified"
done
is busted-foreign-nulls sc coverage FAILS
is busted-foreign-nulls tso coverage FAILS
# One of two who raise a flag and then look sees the other, if stores do not wait.
is busted-unfenced-flag sc coverage "$verified"
is busted-unfenced-flag tso coverage FAILS
# A descriptor that changes its owner for good costs one restart.
is nulls-restarts-once sc coverage "$verified"
is nulls-restarts-once sc termination "$verified"
is nulls-restarts-once tso termination "$verified"
is nulls-restarts-once sc 'worst case' '[0-9]*/[0-9]*/1'
! grep -q '^  pso' out
result 'only the models that were asked for' $?

# Its states are those of verify.
states=$("$RMAPSIM" verify nulls-restarts-once 2>err | sed -n 's/^\([0-9]*\) states.*/\1/p')
is nulls-restarts-once sc warn "ok $states"

# The right algorithm on the same scenario.
gives 0 'keys overridden, \[expect\] is not judged' matrix busted-foreign-nulls --algorithm nulls \
	--model sc,tso
is busted-foreign-nulls sc coverage "$verified"
is busted-foreign-nulls tso coverage "$verified"

matrix nulls-restarts-forever position-starves position-ge-pass --model sc
is nulls-restarts-forever sc termination restarts
is nulls-restarts-forever sc 'worst case' '[0-9]*/inf/inf'
is position-starves sc termination starves
is position-ge-pass sc termination endless
is position-ge-pass sc coverage "$verified"

# --- what would hide something else

# A pass that takes all of both descriptors and the head is 7 steps, but verify ends at coverage.
gives 1 'violated: coverage' verify busted-foreign-nulls --set check.pass-steps=6 --out found
matrix busted-foreign-nulls --model sc --set check.pass-steps=6
is busted-foreign-nulls sc coverage FAILS
is busted-foreign-nulls sc termination 'too many'
matrix busted-foreign-nulls --model sc --set check.pass-steps=7
is busted-foreign-nulls sc coverage FAILS
is busted-foreign-nulls sc termination "$verified"
# A check that is always on hides the rest, and says so; one that is off says nothing.
matrix busted-wild-read bench-c1 --model sc
is busted-wild-read sc access FAILS
is busted-wild-read sc coverage -
is bench-c1 sc integrity off
is bench-c1 sc coverage "$verified"

# --- a search that gives up

# A wrong walk that goes round for ever is not found by a search of few states.
few='--max-states 500 --campaigns 5 --seeds 300'
many=seqcount-wraps
# shellcheck disable=SC2086 # words of a command line
matrix $many nulls-restarts-forever --model weak $few
# first FROM SET...: seeds to the first failure of one campaign, or nothing
first() {
	from=$1
	shift
	"$RMAPSIM" run $many --model weak --seeds "$from..$((from + 299))" "$@" 2>err |
		sed -n 's/^violated: .*, after \([0-9]*\) seeds.*/\1/p'
}
medians() {
	for k in 0 1 2 3 4; do
		first $((k * 300 + 1)) "$@"
	done | sort -n >firsts
	[ "$(wc -l <firsts)" -eq 5 ] && sed -n 3p firsts
}
median=$(medians)
result 'each of five campaigns finds what it looks for' $? firsts
is $many weak coverage "~$median"
is $many weak access 'runs 1500'
is $many weak termination -
is nulls-restarts-forever weak coverage 'runs 1500'
is nulls-restarts-forever weak termination -

# The other limit.
matrix bench-c8 --model sc --max-time 0.001 --campaigns 2 --seeds 10
is bench-c8 sc coverage 'runs 20'
# Runs that a limit of the scenario ends say nothing.
# shellcheck disable=SC2086
matrix endless --model weak $few
is endless weak coverage -

# Two checks that fire: each as if it were alone.
# shellcheck disable=SC2086
matrix $many --model weak $few --set check.restarts=1
median=$(medians)
is $many weak coverage "~$median"
median=$(medians --set check.restarts=1 --set check.coverage=no)
is $many weak termination "~$median"
is $many weak integrity 'runs 1500'

# Fewer than half of the campaigns: how many. Of a size with which some fail.
for size in 4 8 12 16 24 32; do
	n=0
	for k in 0 1 2 3 4 5 6 7 8 9; do
		"$RMAPSIM" run $many --model weak --seeds "$((k * size + 1))..$(((k + 1) * size))" \
			>run 2>err || n=$((n + 1))
	done
	[ $n -eq 0 ] || break
done
[ $n -gt 0 ] && [ $n -lt 5 ]
result "some of ten campaigns of $size seeds fail, and not half of them" $?
matrix $many --model weak --max-states 500 --campaigns 10 --seeds $size
is $many weak coverage "$n of 10"

# --- [expect]

sed 's/^verify\.sc *=.*/verify.sc = clean/' "$SRCDIR/scenarios/busted-foreign-nulls.scenario" \
	>wrong.scenario
gives 1 'not as expected: verify.sc = clean' matrix ./wrong.scenario --model sc
gives 0 'not as \[expect\] says: 0' matrix ./wrong.scenario --model tso
gives 0 'is not judged' matrix ./wrong.scenario --model sc --set check.warn=yes
sed '/^verify\.weak/d; s/^run\.weak *=.*/run.weak = clean; seeds = 1500/' \
	"$SRCDIR/scenarios/$many.scenario" >wrong.scenario
# shellcheck disable=SC2086
gives 1 'not as expected: run.weak = clean' matrix ./wrong.scenario --model weak $few
sed -i 's/^run\.weak *=.*/run.weak = clean; seeds = 1/' wrong.scenario
# shellcheck disable=SC2086
gives 0 'not as \[expect\] says: 0' matrix ./wrong.scenario --model weak $few

# --- which scenarios

gives 0 '^2 lines of 2 scenarios' matrix --algorithm busted-unfenced-flag --model sc
grep -q '^fenced-flag:' out && grep -q '^busted-unfenced-flag:' out
result 'an algorithm has those of its scenarios that say what verify finds' $?

# --- output

# shellcheck disable=SC2086
for jobs in 1 3; do
	"$RMAPSIM" matrix busted-foreign-nulls $many endless --jobs $jobs $few >"jobs$jobs" 2>err
	"$RMAPSIM" matrix busted-foreign-nulls $many --json --jobs $jobs $few >"json$jobs" 2>err
done
[ -s jobs1 ] && cmp -s jobs1 jobs3
result 'the table is the same for every number of jobs' $? jobs1 jobs3
[ -s json1 ] && cmp -s json1 json3
result 'and so is the JSON' $? json1 json3
! grep -q '.\{101\}' jobs1
result 'no line is wider than 100 columns' $?
json='grep {'
command -v python3 >/dev/null 2>&1 && json='python3 -m json.tool'
$json <json1 >out 2>err && grep -q '"schema"' json1 && grep -q '"evidence" : "violated"' json1
result 'the JSON is valid' $?

gives 0 '2 experiments in m.db' matrix busted-foreign-nulls nulls-restarts-once --model sc,tso \
	--db m.db
if command -v sqlite3 >/dev/null 2>&1; then
	sqlite3 m.db "SELECT scenario, model, verdict, check_name FROM verification v
		JOIN point p ON p.id = v.point_id JOIN experiment e ON e.id = p.experiment_id
		WHERE finished = 1 ORDER BY 1, 2" >out 2>err
	printf '%s\n' 'busted-foreign-nulls|sc|violated|coverage' \
		'busted-foreign-nulls|tso|violated|coverage' \
		'nulls-restarts-once|sc|verified|' 'nulls-restarts-once|tso|verified|' >want
	cmp -s want out
	result 'what is stored are verifications' $?
	sqlite3 m.db "SELECT counterexample FROM verification v JOIN point p ON p.id = point_id
		WHERE verdict = 'violated' AND model = 'tso'" >kept 2>err
	gives 1 'coverage fires here' replay --schedule kept
else
	skip 'what is stored are verifications' 'sqlite3 is not here'
	skip 'and a counterexample that is replayed' 'sqlite3 is not here'
fi

# --- errors

gives 2 'no-such' matrix no-such
gives 2 "no scenario has the algorithm 'no-such'" matrix --algorithm no-such
gives 2 '--model sc,xyz: valid are sc' matrix bench-c1 --model sc,xyz
gives 2 'each once' matrix bench-c1 --model sc,sc
gives 2 'each once' matrix bench-c1 --model ''
gives 2 'a number from 1 to' matrix bench-c1 --campaigns 0
gives 2 'a number from 1 to' matrix bench-c1 --max-states 0
gives 2 'a number of seconds above 0' matrix bench-c1 --max-time 0
gives 2 'more seeds than there are' matrix bench-c1 --seeds 1..18446744073709551615
gives 2 'memory.sptes' matrix bench-c1 --set memory.sptes=0
cat >many.scenario <<'END'
[scenario]
title = more vCPUs than the model weak knows
question = is a line that cannot be had named?
[algorithm]
name = nulls
[memory]
sptes = 400
setup = add spte1..3 rmap0
[task writer]
count = 80
mix = add 1; remove 1
pool = spte10..200
[task walker]
program = walk rmap0
END
gives 2 'model weak: .*many.scenario: .*at most 64 vCPUs' matrix bench-c1 ./many.scenario --model weak
gives 3 'no/such' matrix bench-c1 --db no/such/folder.db
timeout --preserve-status -s INT 1 "$RMAPSIM" matrix bench-c8 --model weak --max-states 100000000 \
	>out 2>err
result 'an interrupt ends it with 130' "$([ $? -eq 130 ]; echo $?)"

tap_end

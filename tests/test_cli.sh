#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The command line as a user or a script meets it: exit statuses, messages of
# usage errors, JSON, the same answer for any number of jobs, the filters of
# replay, output that cannot be written. Prints TAP.
#
# RMAPSIM: the program (default: ./rmapsim).

. "$(dirname "$0")/tap.sh" || exit 99

RMAPSIM=${RMAPSIM:-./rmapsim}

case $RMAPSIM in
/*) ;;
*) RMAPSIM=$PWD/$RMAPSIM ;;
esac

tap_dir
cd "$dir" || exit 99

# gives STATUS TEXT ARG...: the program ends with STATUS and says TEXT (a basic
# regular expression) on either output.
gives() {
	want=$1 text=$2
	shift 2
	"$RMAPSIM" "$@" >out 2>err </dev/null
	got=$?
	cat out err >both
	[ "$got" -eq "$want" ] && grep -q -e "$text" both
	result "rmapsim $* gives $want: $text" $?
}

# says NAME COMMAND...: COMMAND succeeds.
says() {
	name=$1
	shift
	"$@" >/dev/null 2>&1
	result "$name" $?
}

cat >bad-walk.scenario <<'END'
# The walker reads the slots upwards while the writer moves an entry down.
[scenario]
title = slots read upwards
question = is the entry missed that a remove moves to a lower slot?

[algorithm]
name = busted-scan-up

[memory]
pte-list-ext = 3
rmaps = 1
sptes = 4
setup = add spte1..3 rmap0

[machine]
lock = unfair

[task writer]
program = remove spte1 rmap0

[task walker]
program = walk rmap0

[expect]
run.sc = coverage; seeds = 2000
END
sed -e 's/^name = .*/name = locked/' -e 's/= coverage.*/= clean; seeds = 300/' \
	bad-walk.scenario >good-walk.scenario
sed -e 's/= coverage.*/= clean; seeds = 300/' bad-walk.scenario >wrong-expect.scenario
sed -e 's/^setup = .*/colour = red/' bad-walk.scenario >bad-key.scenario
printf '\n[limits]\nevents = 5\n' | cat good-walk.scenario - >limited.scenario

# --- usage

gives 2 'a command is missing'
gives 2 "'sing' is no command of rmapsim" sing
gives 2 '^  replay ' sing
gives 0 'usage: rmapsim COMMAND' --help
gives 0 '^rmapsim ' --version
for command in run replay test list; do
	gives 0 "rmapsim $command" $command --help
done
for command in run replay list; do
	gives 2 "Try 'rmapsim $command --help'" $command --nonsense
done
gives 125 'Unknown option --nonsense' test --nonsense

gives 2 'one SCENARIO is needed' run
gives 2 'one SCENARIO is needed' run a b
gives 2 'no-such' run no-such
gives 2 'bad-key.scenario:.*colour' run ./bad-key.scenario
gives 2 'exclude each other' run ./good-walk.scenario --seed 1 --seeds 2
gives 2 'valid is a number below 2^64' run ./good-walk.scenario --seed -1
gives 2 'valid is a number below 2^64' run ./good-walk.scenario --seed 1x
gives 2 'valid is a number below 2^64' run ./good-walk.scenario --seed 18446744073709551616
gives 2 'valid is N' run ./good-walk.scenario --seeds 0
gives 2 'valid is N' run ./good-walk.scenario --seeds 5..4
gives 2 'valid is N' run ./good-walk.scenario --seeds 1..
gives 2 'valid is N' run ./good-walk.scenario --seeds 0..18446744073709551615
gives 2 'from 1 to 1024' run ./good-walk.scenario --jobs 0
gives 2 'valid is group.key=value' run ./good-walk.scenario --set nonsense
gives 2 'memory.model' run ./good-walk.scenario --model sick
gives 2 'position' run ./good-walk.scenario --algorithm sick
gives 2 'round-robin' run ./good-walk.scenario --strategy sick
gives 2 'colour' run ./good-walk.scenario --set memory.colour=red
gives 2 'no task has any; valid: no' run bench-c1 --set check.tlb=yes
gives 0 '^clean' run bench-c1 --set check.tlb=no --seeds 3
gives 0 '^preempted  once in 30 points .* for 9$' run bench-c1 --seeds 3 \
	--set machine.preempt=yes --set machine.preempt-every=30 --set machine.preempt-points=9
gives 0 '^preempted  nobody' verify bench-c1 --set machine.preempt=yes
gives 0 'a is preempted for 9 points' replay bench-c1 --seed 8 \
	--set machine.preempt=yes --set machine.preempt-every=10 --set machine.preempt-points=9
gives 2 'valid: no, yes' run bench-c1 --set machine.preempt=maybe
gives 2 'valid: a number in 1' run bench-c1 --set machine.preempt-points=0

# --- run

gives 0 '^clean: no violation in 300 runs' run ./good-walk.scenario --seeds 300
gives 0 '^seeds      17$' run ./good-walk.scenario --seed 0x11
gives 0 '^seeds      5..9$' run ./good-walk.scenario --seeds 5..9
gives 0 '^seeds      18446744073709551615$' run ./good-walk.scenario --seed 18446744073709551615
gives 0 'a point is one event' run ./good-walk.scenario --seeds 3
gives 0 '^clean' run harness-cost --set memory.cache=2 --seeds 3
gives 0 'runs/s' run ./good-walk.scenario --seeds 3
gives 0 '^digest     0x' run ./good-walk.scenario --seeds 3 --digest
gives 0 '^name = busted-scan-up' run ./bad-walk.scenario --print-plan
gives 0 '^name = nulls' run ./bad-walk.scenario --print-plan --algorithm nulls
gives 4 'limits.events was reached' run ./limited.scenario --seeds 3
gives 1 '^violated: coverage, at seed' run ./bad-walk.scenario
gives 1 "walker's walk of rmap0 ended without visiting spte3" run ./bad-walk.scenario
gives 1 'of 1000 runs failed' run ./bad-walk.scenario --keep-going
gives 1 'schedule: out.d/deep/bad-walk-[0-9]*.schedule' run ./bad-walk.scenario --out out.d/deep
gives 3 'cannot make this folder' run ./bad-walk.scenario --out bad-walk.scenario

"$RMAPSIM" run ./bad-walk.scenario --print-plan >plan.scenario 2>err
"$RMAPSIM" run ./plan.scenario --print-plan >plan2 2>err
says 'a printed plan is a scenario that prints the same plan' cmp plan.scenario plan2

for opt in '' --json --keep-going '--set machine.preempt=yes'; do
	# shellcheck disable=SC2086
	"$RMAPSIM" run ./bad-walk.scenario --seeds 3000 --digest $opt --jobs 1 >out1 2>err
	# shellcheck disable=SC2086
	"$RMAPSIM" run ./bad-walk.scenario --seeds 3000 --digest $opt --jobs 2 >out2 2>err
	if [ "$opt" = --json ]; then
		for f in out1 out2; do
			sed '/"timing" : {/,/}/d' $f >$f.cut && mv $f.cut $f
		done
	fi
	says "stdout of run $opt is the same for one job and two" cmp out1 out2
done

# The line that it prints does replay it.
line=$("$RMAPSIM" run ./good-walk.scenario --algorithm busted-scan-up \
	--set 'scenario.title=two words' 2>/dev/null | sed -n 's/^  replay: rmapsim //p')
eval "\"\$RMAPSIM\" $line" >out 2>err
[ $? -eq 1 ] && grep -q 'coverage fires here' out
result "the replay line works: rmapsim $line" $?

timeout --preserve-status -s INT 1 "$RMAPSIM" run ./good-walk.scenario --seeds 100000000000 \
	>out 2>err
[ $? -eq 130 ] && grep -q '^interrupted: [0-9]* of 100000000000 runs' out
result 'an interrupted campaign says what it knows and gives 130' $?
timeout --preserve-status -s INT 1 "$RMAPSIM" test ./good-walk.scenario \
	--set 'expect.run.sc=clean; seeds = 100000000000' >out 2>err
[ $? -eq 125 ] && grep -q 'interrupted' out
result 'an interrupted test gives 125' $?

# --- JSON

if command -v python3 >/dev/null 2>&1; then
	valid() { "$RMAPSIM" "$@" 2>err | python3 -m json.tool >out; }
elif command -v jq >/dev/null 2>&1; then
	valid() { "$RMAPSIM" "$@" 2>err | jq . >out; }
else
	valid() { "$RMAPSIM" "$@" 2>err >out && head -c 1 out | grep -q '{'; }
fi
json() {
	valid "$@" && grep -q '"schema" *: *1' out
	result "rmapsim $* is JSON with a schema" $?
}
json run ./good-walk.scenario --json --digest
json run ./bad-walk.scenario --json --keep-going --out json.d
json run ./limited.scenario --json
json test ./good-walk.scenario ./bad-walk.scenario --json
json list --json
for what in algorithms strategies models checks plots scenarios keys; do
	json list $what --json
done

# --- what a verdict does not cover stands behind the model's name, with the plan's values

gives 0 '^model      sc$' run bench-c1 --seeds 1
gives 0 '^model      tso (at most 8 stores' run bench-c1 --seeds 1 --model tso
gives 0 '^model      tso (at most 3 stores' run bench-c1 --seeds 1 --model tso \
	--set memory.store-buffer=3
gives 0 '^model      weak (at most 8 stores .*, 2 values' verify bench-c1 --model weak \
	--set memory.history=2
gives 0 'model pso (at most' replay bench-c1 --seed 1 --model pso
gives 0 'scope: .*memory.store-buffer' list models

# --- replay

seed=$("$RMAPSIM" run ./bad-walk.scenario 2>/dev/null |
	sed -n 's/^violated: .*at seed \([0-9]*\),.*/\1/p')
schedule=out.d/deep/bad-walk-$seed.schedule
gives 2 'seed S or --schedule FILE is needed' replay ./bad-walk.scenario
gives 2 'a SCENARIO is needed with --seed' replay --seed 1
gives 2 'exclude each other' replay --seed 1 --schedule x
gives 2 'one SCENARIO too many' replay a b --seed 1
gives 2 'No such file' replay --schedule no-such
gives 2 'valid is a number from 1' replay ./bad-walk.scenario --seed 1 --last 0
gives 2 'lies behind' replay ./bad-walk.scenario --seed 1 --from 5 --to 4
gives 1 'coverage fires here, after point' replay ./bad-walk.scenario --seed "$seed"
gives 1 'smp_load_acquire rmap0.head' replay ./bad-walk.scenario --seed "$seed"
gives 1 'core/[a-z_]*\.[ch]:[0-9]' replay ./bad-walk.scenario --seed "$seed"
gives 1 '\[walk rmap0 ends, complete\]' replay ./bad-walk.scenario --seed "$seed"
gives 0 '^clean: no check fired' replay ./good-walk.scenario --seed 1
gives 4 '^incomplete: ' replay ./limited.scenario --seed 1
gives 1 'strategy as scheduled' replay ./bad-walk.scenario --schedule "$schedule"
gives 2 'no-such-scenario' replay no-such-scenario --schedule "$schedule"
gives 2 'belongs to another plan' replay ./good-walk.scenario --schedule "$schedule"
gives 2 'belongs to another plan' replay ./bad-walk.scenario --schedule "$schedule" \
	--set memory.sptes=5

"$RMAPSIM" replay ./bad-walk.scenario --seed "$seed" >full 2>err
"$RMAPSIM" replay churn-position-w2 --seed 1 >out 2>err
points=$(tr '\n' ' ' <out | sed -n 's/.* \([0-9]*\) points.*/\1/p')
says 'each point of a replay has a line, a choice of a mix too' \
	[ "$(sed -n 's/^ *\([0-9][0-9]*\) .*/\1/p' out | sort -nu | wc -l)" = "${points:-none}" ]
says 'and the choice is told' grep -q 'chooses: remove spte[0-9]* from rmap[01]' out
says 'no line of a replay is wider than 100 columns' sh -c '! grep -q ".\{101\}" full'
"$RMAPSIM" replay ./bad-walk.scenario --schedule "$schedule" 2>err |
	sed 's/as scheduled/random/' >out
grep -v '^Scope\|^strategy\|points' full >full.told
grep -v '^Scope\|^strategy\|points' out >out.told
says 'a schedule tells the same run as its seed' cmp full.told out.told
"$RMAPSIM" replay ./bad-walk.scenario --seed "$seed" --save saved >out 2>err
says 'replay --save writes the schedule that run --out does' cmp saved "$schedule"

# lines: those of a replay that carry a point's number.
lines() {
	"$RMAPSIM" replay ./bad-walk.scenario --seed "$seed" "$@" 2>err >out
	grep -c '^ *[0-9][0-9]* ' out
}
all=$(lines)
says '--from and --to show those points' [ "$(lines --from 3 --to 5)" = 3 ]
says '--around-violation=2 shows two points' [ "$(lines --around-violation=2)" = 2 ]
says '--around-violation without a number shows no more than 20' \
	[ "$(lines --around-violation)" -le 20 ]
lines --last 3 >/dev/null
says '--last 3 shows three lines and says so' grep -q '^(3 of [0-9]* lines are shown)$' out
writer=$(lines --task writer)
walker=$(lines --task walker)
says '--task splits the points among the tasks' [ $((writer + walker)) -eq "$all" ]
lines --task walker >/dev/null
says '--task walker shows nothing of the writer' sh -c '! grep -q spin_lock out'
lines --object mmu_lock >/dev/null
says '--object mmu_lock shows the lock' grep -q 'spin_unlock mmu_lock' out
says '--object mmu_lock shows nothing else' sh -c '! grep -q "_ONCE\|_PLAIN" out'
lines --object desc >/dev/null
says '--object desc is not desc0' sh -c '! grep -q "desc0" out'
lines --object desc0 >/dev/null
says '--object desc0 shows its slots' grep -q 'desc0.sptes\[0\]' out
gives 2 "tasks are writer, walker" replay ./bad-walk.scenario --seed 1 --task nobody
gives 2 'gdb -ex run --args rmapsim replay' replay ./bad-walk.scenario --seed 1 --break 3

# A schedule that has been tampered with.
mutate() {
	sed "$1" "$schedule" >tampered
}
mutate 's/^version .*/version "0.0.0-other"/'
gives 2 'was recorded by version 0.0.0-other' replay ./bad-walk.scenario --schedule tampered
gives 1 'coverage fires here' replay ./bad-walk.scenario --schedule tampered --relaxed
mutate 's/site 0x[0-9a-f]*/site 0x1/'
gives 2 'run and schedule part at event' replay ./bad-walk.scenario --schedule tampered
mutate 's/^plan 0x[0-9a-f]*/plan 0x1/'
gives 2 'belongs to another plan' replay ./bad-walk.scenario --schedule tampered
mutate "\$d"
gives 2 'tampered:[0-9]*: the file is truncated' replay ./bad-walk.scenario --schedule tampered
mutate 's/^points .*/points many/'
gives 2 "points 'many' is no number" replay ./bad-walk.scenario --schedule tampered
# A run that goes on where the recorded one ended; one that a limit ended.
"$RMAPSIM" run busted-early-publish --set memory.reuse=seeded --seeds 200 --out early.d >out 2>err
last=$(echo early.d/*.schedule | sed 's/ .*//')
"$RMAPSIM" replay --schedule "$last" >out 2>err
says 'a schedule of a longer run replays' grep -q 'coverage fires here' out
sed -e 's/^points .*/points 5/' "$last" >tampered
gives 2 'goes on behind point 5, where the recorded one ended' replay --schedule tampered
# A walker that restarts until a writer goes on, which never switches of itself.
sed -e '/^after /,$d' -e 's/^points .*/points 9/' "$last" >tampered
cat >>tampered <<'END'
after 4 TASK cpu1 who 1 pick 0 site 0x1 expect ""
end 1
END
gives 2 'run and schedule part at' replay --schedule tampered
gives 4 'given up after 100[0-9]* points' replay --schedule tampered --relaxed --set memory.reuse=lifo \
	--set 'memory.setup=add spte1 rmap0' --set 'check.coverage=no'
"$RMAPSIM" replay endless --seed 1 --save endless >out 2>err
gives 4 'limits.operations was reached' replay --schedule endless
mutate 's/^digest .*/digest 0x1/'
gives 2 'leads to another run' replay ./bad-walk.scenario --schedule tampered

# --- test

gives 0 '^2 as expected, 0 not' test ./good-walk.scenario ./bad-walk.scenario
gives 1 'NOT AS EXPECTED' test ./wrong-expect.scenario
gives 0 'not judged' test ./bad-walk.scenario --seeds 7000..7000 --strategy round-robin
gives 125 'colour' test ./good-walk.scenario ./bad-key.scenario
gives 125 'no-such' test ./no-such.scenario
mkdir folder empty
cp good-walk.scenario bad-walk.scenario folder
gives 0 '^2 as expected, 0 not' test folder
gives 125 'has no scenario' test empty
"$RMAPSIM" test folder --jobs 1 >out1 2>err
"$RMAPSIM" test folder --jobs 2 >out2 2>err
says 'stdout of test is the same for one job and two' cmp out1 out2

# --- list

gives 0 'busted-scan-up (broken on purpose)' list algorithms
gives 0 'whatever the$' list checks
"$RMAPSIM" list checks | grep -A 1 '^  accessed: ' | grep -q 'off unless a scenario says yes'
result 'list checks says that accessed is off unless it is asked for' $?
gives 0 'pte-list-ext' list keys
gives 0 'bench-c1' list scenarios
gives 2 'nothing that can be listed' list nonsense
gives 0 '^  nulls-restarts-forever ' list scenarios --question Q1
says 'and only what is asked that' sh -c '! grep -q "position-wraps\|churn" out'
gives 0 '"name" : "position-wraps"' list scenarios --question q8 --json
says 'and only that' sh -c '! grep -q nulls-restarts-forever out'
gives 0 '^  churn-nulls-w2 ' list scenarios --question 'nulls walk'
gives 2 'no scenario.s question has this word' list scenarios --question Q
gives 2 'no scenario.s question has this word' list scenarios --question Q99
gives 2 'valid is a word' list scenarios --question ''
gives 2 "is for 'list scenarios'" list models --question Q1
gives 2 "is for 'list scenarios'" list --question Q1
"$RMAPSIM" list algorithms >out 2>err && "$RMAPSIM" list checks >>out 2>err
"$RMAPSIM" list scenarios | grep '^      ' >>out 2>err
says 'no line of list is wider than 100 columns' sh -c '! grep -q ".\{101\}" out'

# --- output that cannot be written

if [ -c /dev/full ]; then
	for args in '--help' 'list' 'run ./good-walk.scenario' 'replay ./good-walk.scenario --seed 1'; do
		# shellcheck disable=SC2086
		"$RMAPSIM" $args >/dev/full 2>err
		[ $? -eq 3 ] && grep -q 'cannot write standard output' err
		result "rmapsim $args on a full disk gives 3 and says so" $?
	done
	"$RMAPSIM" test ./good-walk.scenario >/dev/full 2>err
	[ $? -eq 125 ] && grep -q 'cannot write standard output' err
	result 'rmapsim test on a full disk gives 125 and says so' $?
fi
(ulimit -f 0 && exec "$RMAPSIM" run ./bad-walk.scenario --out full.d >/dev/null 2>&1)
says 'a schedule that cannot be written gives 3' [ $? -eq 3 ]
says 'and leaves no file' rmdir full.d
"$RMAPSIM" run ./bad-walk.scenario --out closed.d >&- 2>err
[ $? -eq 3 ] && ! grep -q violated closed.d/*
result 'a closed standard output gives 3 and spoils no file' $?

tap_end

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# rmapsim hw as a user meets it: right algorithms are clean and their counts add
# up, wrong ones are caught, a crash or a hang is a result with its reason, CPUs
# that are not there are named, Ctrl-C gives what is known; and the objects that
# are measured hold nothing of the simulator. Prints TAP. Nothing here depends on
# how fast the machine is, but what must be caught is given up to a minute.
#
# RMAPSIM: the program (default: ./rmapsim), BUILDDIR: where its libraries are.

. "$(dirname "$0")/tap.sh" || exit 99

RMAPSIM=${RMAPSIM:-./rmapsim}
BUILDDIR=${BUILDDIR:-.}

case $RMAPSIM in
/*) ;;
*) RMAPSIM=$PWD/$RMAPSIM ;;
esac
case $BUILDDIR in
/*) ;;
*) BUILDDIR=$PWD/$BUILDDIR ;;
esac

tap_dir
cd "$dir" || exit 99

# One CPU is enough for the tests, if not for the point of it all.
over=--oversubscribe
one="--set task.writer.count=1 --set task.walker.count=1"

# gives STATUS TEXT ARG...: 'rmapsim hw ARG...' ends with STATUS and says TEXT.
gives() {
	want=$1 text=$2
	shift 2
	"$RMAPSIM" hw "$@" >out 2>err </dev/null
	got=$?
	cat out err >both
	[ "$got" -eq "$want" ] && grep -q -e "$text" both
	result "hw $* gives $want: $text" $?
}

# narrow NAME: no line of the last output is wider than 100 columns.
narrow() {
	awk 'length > 100 { exit 1 }' out
	result "$1: at most 100 columns" $?
}

# number KEY: of the first member of that name in the last JSON.
number() {
	sed -n "s/^ *\"$1\" : \([0-9.]*\),*\$/\1/p" out | head -n 1
}

# --- right algorithms

for scenario in churn-position-w2 churn-nulls-w2 churn-locked-stack-w2 churn-locked-tail-w2; do
	gives 0 '^clean: no violation in [1-9]' $scenario $one $over --checked --duration 2
done
gives 0 '^clean: no violation in [1-9]' churn-position-w2 $over --checked --duration 1
gives 0 '^clean: no violation in [1-9]' churn-nulls-w2 $one $over --checked --duration 1 \
	--set machine.lock-type=rwlock
gives 0 '^clean: no violation in [1-9]' bench-c1 $over --checked --duration 1
gives 0 '^clean: no violation in [1-9]' walk-under-load $over --checked --duration 1
gives 0 '^clean: no violation in [1-9]' endless $over --checked --duration 1 \
	--algorithm template --set memory.setup= \
	--set "task writer.program=add spte1 rmap0; remove spte1 rmap0"
gives 0 '^clean: no violation in 0' harness-cost $over --checked --duration 0.2
gives 0 '^ok: lists, counts' churn-position-w2 $one $over --duration 0.5
narrow "a sample"
gives 0 'walk latency, ns: median [1-9]' bench-c3 $over --duration 0.5
grep -q 'cpus .*[0-9]' out && grep -q 'a pair of stamps costs' out &&
	grep -q 'clocks of two CPUs differ by less than' out
result "what it ran on, the cost of a stamp and the bound on clocks are said" $?

# --- counts: what was issued was done, and is in the histograms (the program refuses a
# sample in which it is not; here from the outside)

"$RMAPSIM" hw churn-nulls-w2 $one $over --checked --operations 12345 --json >out 2>err
[ $? -eq 0 ] &&
	[ "$(number operations_issued)" = "$(number operations)" ] &&
	[ "$(number operations)" -eq 24690 ] &&
	[ "$(number walks)" -eq 12345 ] &&
	[ $(($(number adds) + $(number removes))) -eq 12345 ]
result "each task does the operations that it was told to, no more" $?
grep -q '"walk_latency_ns"' out && grep -q '"relative_error" : 0.0078125' out
result "latencies come with their error" $?
"$RMAPSIM" hw bench-c1 $over --operations 1001 --json >out 2>err
[ $? -eq 0 ] && [ "$(number walks)" -eq 1001 ] && [ "$(number adds)" -eq 1001 ]
result "in laps, each program is played as often as the walks need" $?

# --- guests and the dirty log

gives 0 '^clean: no page had a write that was in no dirty log' dirty-log-walk $over --duration 1
gives 0 '^clean: no page had a write that was in no dirty log' dirty-log-campaign $over --duration 2
grep -q 'guest writes [1-9].*harvests [1-9].*other operations on pages [1-9]' out
result "guests wrote, the log was harvested, sptes were zapped" $?
narrow "guests"
gives 0 '^clean: no page had' dirty-log-mmu-lock --algorithm locked $over --duration 0.5
gives 0 '^clean: no page had' unmap-beside-guest $over --duration 0.5
"$RMAPSIM" hw dirty-log-campaign $over --operations 640 --json >out 2>err
[ $? -eq 0 ] && [ "$(number operations)" -eq "$(number operations_issued)" ] &&
	[ "$(number guest_writes)" -gt 2000 ] && [ "$(number harvests)" -gt 6 ]
result "what was issued on pages was done" $?
gives 2 'the dirty log of guests is judged without it' dirty-log-walk --checked $over
gives 2 'only the simulator has it; valid on hardware: add, remove, walk, guest-write' first-level-zapped

# --- what only the simulator plays

gives 2 'machine.preempt = yes: only the simulator takes CPUs away.*valid on hardware: no' \
	churn-nulls-w2 $one $over --duration 0.1 --set machine.preempt=yes
gives 2 'machine.preempt = yes' churn-nulls-w2 $one $over --table --duration 0.1 \
	--sweep machine.preempt=no,yes
gives 0 'memory.slab-pages = return is not played on hardware: pages stay' slab-pages-return \
	$over --duration 0.1 --json
grep -q 'is not played' err && grep -q '"key" : "memory.slab-pages"' out &&
	grep -q '"value" : "return"' out
result "the note is on standard error, and in the JSON" $?
gives 0 'algorithm.free = call-rcu is not played on hardware: callbacks run between' \
	rcu-callbacks $over --duration 0.1
gives 0 '"points" : ' churn-nulls-w2 $one $over --table --duration 0.1 --json \
	--sweep memory.slab-pages=keep,return
[ "$(grep -c 'slab-pages = return is not played' err)" -eq 1 ] && grep -q '"not_played" : ' out
result "a table says it once" $?
gives 0 '"not_played" : \[\]' churn-nulls-w2 $one $over --duration 0.1 --json
! grep -q 'not played' err
result "and nothing where all is played" $?

# --- wrong ones: caught within a minute

# caught SCENARIO CHECK TEXT
caught() {
	gives 1 "^violated: $2" "$1" $over --checked --duration 60
	grep -q -e "$3" out
	result "$1: $3" $?
}

cpus=$(nproc)
if [ "$cpus" -ge 2 ]; then
	over=
	caught busted-early-publish-loop coverage "walker's walk of rmap0 missed spte"
	caught busted-foreign-nulls coverage "walker's walk of rmap0 missed spte"
	caught busted-zero-end coverage "walker's walk of rmap0 missed spte"
	caught busted-wild-read access "the code under test \(died of signal 11\|ended its process\)"
	caught busted-deep-stack access "the code under test \(died of signal 11\|ended its process\)"
	caught busted-silent-spin access "walker has been in one walk of rmap0 for 1 s"
	narrow "a hang"
	gives 1 '^violated: dirty-log' dirty-log-marked-first --duration 60
	grep -q 'the last copy of page 0 has [0-9]* of [0-9]* writes to it' out
	result "a page that was marked too early is lost, and named" $?
else
	skip "broken variants" "two CPUs are needed"
fi
over=--oversubscribe

# --- results of samples that did not end well, in a database

if [ "$cpus" -ge 2 ]; then
	gives 1 'stored in study.db' busted-wild-read --duration 60 --db study.db
	gives 1 'stored in study.db' busted-silent-spin --duration 60 --db study.db
	gives 1 'stored in study.db' busted-foreign-nulls --checked --duration 60 --db study.db
	gives 0 'stored in study.db' bench-c1 --duration 0.2 --db study.db \
		--set algorithm.retries=1
	if command -v sqlite3 >/dev/null; then
		sqlite3 study.db 'SELECT outcome, reason IS NOT NULL, walks > 0 FROM hw_sample
			ORDER BY id' >out
		printf 'crash|1|1\nhang|1|1\nviolation|1|1\nok|0|1\n' | cmp -s - out
		result "a crash, a hang and a violation are rows with their reasons" $?
		sqlite3 study.db "SELECT key, value FROM point_param" >out
		[ "$(cat out)" = "algorithm.retries|1" ]
		result "what was set is a parameter of the point" $?
		sqlite3 study.db "SELECT what, SUM(count) = MAX(walks) FROM hw_histogram h
			JOIN hw_sample s ON s.id = h.hw_sample_id WHERE outcome = 'ok'
			GROUP BY what" >out
		printf 'walk_latency_ns|1\nwalk_restarts|1\nwalk_steps|1\n' | cmp -s - out
		result "histograms in the database hold every walk" $?
	else
		skip "rows in the database" "no sqlite3"
	fi
else
	skip "results in a database" "two CPUs are needed"
fi
echo "no database" >text
gives 2 'text' bench-c1 $over --duration 0.1 --db text
! [ -s out ]
result "what is no database of ours is said before anything runs" $?

# --- tables

gives 0 '^locked form=tail lock-type=spinlock  *2 .* clean$' throughput --table --samples 2 \
	$over --operations 3000 --db table.db
grep -q '^44 samples, 0 of them with a violation' out
result "a table has each point of [sweep], as often as was asked for" $?
narrow "a table"
if command -v sqlite3 >/dev/null; then
	sqlite3 table.db "SELECT COUNT(*), COUNT(DISTINCT point_id), MIN(repetition),
		MAX(repetition), SUM(abs(writes_per_second * duration_ns / 1e9 - adds - removes)
			+ abs(walks_per_second * duration_ns / 1e9 - walks) < 0.01),
		MIN(writes_per_second) > 0, MIN(walks_per_second) > 0 FROM hw_sample
		WHERE outcome = 'ok' AND mode = 'timing'" >out
	[ "$(cat out)" = '44|22|0|1|44|1|1' ]
	result "each sample is a row, with what writers and walkers did in a second" $?
	sqlite3 table.db "SELECT COUNT(*), SUM(finished), COUNT(DISTINCT algorithm)
		FROM experiment e JOIN point p ON p.experiment_id = e.id" >out
	[ "$(cat out)" = '22|22|10' ]
	result "they are the points of one experiment, with every good algorithm" $?
else
	skip "rows of a table" "no sqlite3"
fi
"$RMAPSIM" sweep throughput --seeds 20 --db table.db >out 2>err &&
	"$RMAPSIM" plot throughput --db table.db --format gnuplot --out plot.gnuplot >out 2>err &&
	grep -q '^plot.gnuplot: 88 points in 4 series$' out
result "they are drawn beside what was simulated of the same points" $?
gives 0 '"violations" : 0' throughput --table --checked $over --operations 20000 --json
[ "$(grep -c '"walks_judged" : [1-9]' out)" -eq 22 ] &&
	[ "$(grep -c '"visits_missed" : 0' out)" -eq 22 ]
result "every good algorithm is checked, and nothing is found" $?
if [ "$cpus" -ge 2 ]; then
	gives 1 '^busted-zero-end  *2 .* coverage$' busted-zero-end --table --samples 2 --checked \
		--sweep algorithm.name=nulls,busted-zero-end --duration 10 --db wrong.db
	grep -q '^nulls  *2 .* clean$' out && grep -q '^4 samples, 2 of them with' out &&
		grep -q '^rmapsim: busted-zero-end: violated: coverage: ' err
	result "a violation is a sample's result, not the end of the table" $?
else
	skip "a violation in a table" "two CPUs are needed"
fi
gives 2 '--samples is for a --table' throughput --samples 2
gives 2 '--sweep is for a --table' throughput --sweep algorithm.name=nulls
gives 2 'number from 1' throughput --table --samples 0
gives 2 'point 1 (.*algorithm.name=nonsense)' throughput --table --sweep algorithm.name=nulls,nonsense

# --- bad input

gives 2 'there is no CPU 99' bench-c1 --cpus 99
gives 2 'there is no CPU 99' bench-c1 --cpus 0,99
gives 2 'valid is a list of CPUs' bench-c1 --cpus 0,x
gives 2 'valid is a list of CPUs' bench-c1 --cpus 0-
gives 2 'oversubscribe' bench-c1 --cpus 0
gives 2 'number of seconds' bench-c1 --duration 0
gives 2 'number of seconds' bench-c1 --duration 1h
gives 2 'number from 1' bench-c1 --operations 0
gives 2 'exclude each other' bench-c1 --operations 1 --duration 1
gives 2 'one SCENARIO' --checked
gives 2 'no-such' no-such
gives 0 '^usage\|Usage' --help

first=$(sed -n 's/^Cpus_allowed_list:[[:space:]]*\([0-9]*\).*/\1/p' /proc/self/status)
if command -v taskset >/dev/null; then
	taskset -c "$first" "$RMAPSIM" hw bench-c1 >out 2>err
	[ $? -eq 2 ] && grep -q 'this process may use 1' err
	result "fewer CPUs are allowed than there are tasks: refused" $?
	taskset -c "$first" "$RMAPSIM" hw bench-c1 --oversubscribe --duration 0.2 >out 2>err
	[ $? -eq 0 ] && grep -q OVERSUBSCRIBED out
	result "oversubscribed when told to, and said so" $?
	if [ "$cpus" -ge 2 ]; then
		other=$(sed -n 's/^Cpus_allowed_list:.*[^0-9]\([0-9]*\)$/\1/p' /proc/self/status)
		taskset -c "$first" "$RMAPSIM" hw bench-c1 --cpus "$first,$other" >out 2>err
		[ $? -eq 2 ] && grep -q "CPU $other is not among those" err
		result "a CPU that is not allowed is named" $?
	fi
fi

# --- interrupted

"$RMAPSIM" hw churn-nulls-w2 $one $over --checked --duration 60 >out 2>err &
pid=$!
sleep 2
kill -INT $pid
wait $pid
[ $? -eq 130 ] && grep -q '^interrupted: these figures' out && grep -q '^  judged [1-9]' out
result "Ctrl-C gives 130 and what is known" $?

# --- the measured objects

# undefined ARCHIVE [MEMBER]: symbols that its objects need and do not have.
undefined() {
	nm -u "$BUILDDIR/$1" 2>/dev/null | awk -v member="$2" '
		/:$/ { in_it = !member || index($0, member) }
		/^ +U / && in_it { print $2 }' | sort -u
}

if ! command -v nm >/dev/null || ! [ -f "$BUILDDIR/libhw.a" ] ||
   nm -u "$BUILDDIR/libcore_hw.a" | grep -q -e __asan -e __ubsan; then
	skip "the measured objects" "no nm, no libraries here, or sanitizers"
else
	{ undefined libcore_hw.a; undefined libhw.a; } >out
	! grep -q -e '_sim$' -e '^sim_' -e '^sim$' -e '^engine_' -e '^check' -e '^choice_' \
		-e '^campaign' -e '^strateg' out
	result "hardware objects need nothing of the simulator" $?
	undefined libcore_hw.a | grep -v -e '_hw$' -e '^kern_hw_' -e '^kmem_cache_' -e '^urcu_' \
		-e '^rcu_' -e '^_GLOBAL_OFFSET_TABLE_$' -e '^__tls_get_addr$' \
		-e '^\(abort\|aligned_alloc\|calloc\|free\|malloc\|realloc\|sched_yield\)$' \
		-e '^\(memset\|memcpy\|poll\|syscall\|__stack_chk_fail\|__errno_location\)$' \
		-e '^compat_futex_' >out
	! [ -s out ]
	result "core/ for hardware calls its back end, which calls memory and liburcu" $?
	undefined libhw.a timing.o | grep -v -e '^kern_hw_quiescent_state$' \
		-e '^kern_hw_yield$' -e '^mmu_topup_memory_cache_hw$' -e '^hw_pages_play$' -e '^memset$' \
		-e '^_GLOBAL_OFFSET_TABLE_$' -e '^__stack_chk_fail$' >out
	! [ -s out ]
	result "the measured loop calls nothing but the code and its back end" $?
	nm "$BUILDDIR/libhw.a" | awk '/timing.o:/ { in_it = 1; next } /:$/ { in_it = 0 }
		in_it && $2 ~ /^[BbDdC]$/' >out
	! [ -s out ]
	result "the measured loop has no variables that threads could share" $?
	if command -v objdump >/dev/null; then
		objdump -d --no-show-raw-insn "$BUILDDIR/libhw.a" |
			awk '/timing.o:/ { in_it = 1 } /checked.o:|clock.o:/ { in_it = 0 } in_it' |
			grep -e mfence -e 'lock xadd.*fs' >out
		! [ -s out ]
		result "the measured loop has no fences but those of the code and of stamps" $?
	fi
fi

tap_end

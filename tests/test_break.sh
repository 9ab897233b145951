#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# rmapsim replay --break: in a debugger the program stops on the task's own stack
# before the point acts, and the backtrace leads from the place in core/ that
# the replay tells to the task's operation. Prints TAP.
#
# RMAPSIM: the program (default: ./rmapsim).

RMAPSIM=${RMAPSIM:-./rmapsim}
LC_ALL=C
export LC_ALL
case $RMAPSIM in
/*) ;;
*) RMAPSIM=$PWD/$RMAPSIM ;;
esac

dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
cd "$dir" || exit 99

if ! command -v gdb >/dev/null 2>&1; then
	echo '1..0 # SKIP gdb is not installed'
	exit 0
fi
if ! gdb -q -nx -batch -ex run --args true >out 2>&1 || ! grep -q 'exited normally' out; then
	echo '1..0 # SKIP gdb may not run programs here'
	exit 0
fi
if ! gdb -q -nx -batch -ex 'info line sim_program_main' "$RMAPSIM" 2>&1 | grep -q 'program.c'; then
	echo '1..0 # SKIP built without debugging information'
	exit 0
fi

count=0
failed=0

result() {
	count=$((count + 1))
	if [ "$2" -eq 0 ]; then
		echo "ok $count - $1"
		return
	fi
	failed=$((failed + 1))
	echo "not ok $count - $1"
	sed 's/^/# /' out | tail -n 40
}

# stop SCENARIO SEED POINT: what gdb says when it is reached, in out.
stop() {
	gdb -q -nx -batch -ex 'set width 0' -ex run -ex 'echo BACKTRACE\n' -ex bt \
		-ex 'echo GO ON\n' -ex continue \
		--args "$RMAPSIM" replay "$1" --seed "$2" --break "$3" >out 2>&1 </dev/null
}

# place SCENARIO SEED POINT: "core/x.c:12", as the replay tells it.
place() {
	"$RMAPSIM" replay "$1" --seed "$2" --from "$3" --to "$3" 2>/dev/null |
		sed -n "s/^ *$3 .* \([a-z_/]*\.[ch]:[0-9]*\)$/\1/p"
}

# stops SCENARIO SEED POINT FUNCTION...: at the place that is told, inside all of these.
stops() {
	scenario=$1 seed=$2 point=$3
	shift 3
	where=$(place "$scenario" "$seed" "$point")
	stop "$scenario" "$seed" "$point"
	sed -n '/^BACKTRACE$/,/^GO ON$/p' out >backtrace
	ok=0
	[ -n "$where" ] || ok=1
	grep -q 'SIGTRAP' out || ok=1
	grep -q "/$where\$" backtrace || ok=1
	for function in "$@" sim_program_main; do
		grep -q "[ x]$function\(_sim\)\{0,1\} (" backtrace || ok=1
	done
	! grep -q 'corrupt\|Cannot access\|??' backtrace || ok=1
	# Nothing of the point or behind it was told before, all of it is told afterwards.
	! sed '/^BACKTRACE$/,$d' out | grep -q "^ *$point " || ok=1
	[ "$point" -eq 1 ] || sed '/^BACKTRACE$/,$d' out | grep -q "^ *$((point - 1)) " || ok=1
	sed '1,/^GO ON$/d' out | grep -q "^ *$point " || ok=1
	result "$scenario, seed $seed, point $point: $where in $1" $ok
}

# point SCENARIO SEED WHAT: the first point that does it.
point() {
	"$RMAPSIM" replay "$1" --seed "$2" 2>/dev/null |
		sed -n "s/^ *\([0-9][0-9]*\) .*$3.*/\1/p" | head -n 1
}

seed=$("$RMAPSIM" run busted-scan-up 2>/dev/null | sed -n 's/^violated.*at seed \([0-9]*\),.*/\1/p')
s=busted-scan-up
stops $s "$seed" "$(point $s "$seed" 'smp_load_acquire rmap0.head')" busted_walk program_walk
stops $s "$seed" "$(point $s "$seed" 'READ_ONCE desc0.sptes.1')" busted_slots_up busted_walk program_walk
stops $s "$seed" "$(point $s "$seed" 'spin_lock')" program_remove
stops $s "$seed" "$(point $s "$seed" 'READ_PLAIN desc0')" stack_find stack_remove program_remove
stops $s "$seed" "$(point $s "$seed" 'smp_store_release')" stack_fill_hole stack_remove program_remove
stops $s "$seed" "$(point $s "$seed" 'spin_unlock')" program_remove
stop $s "$seed" 1
grep -q 'coverage fires here' out && grep -q 'exited with code 01' out
result 'after the stop the run ends as it does without one' $?

# A choice of a mix is no place in core/, but a point like any other.
s=churn-position-w2
stops $s 1 "$(point $s 1 'kmem_cache_alloc')" pte_list_alloc program_add
stops $s 1 "$(point $s 1 'spin_lock')" program_remove
stop $s 1 "$(point $s 1 'chooses: remove')"
grep -q SIGTRAP out && sed -n '/^BACKTRACE$/,/^GO ON$/p' out | grep -q ' sim_program_main ('
result "$s: a choice of the next operation" $?

stop busted-scan-up "$seed" 100000
grep -q 'the run has [0-9]* points' out && grep -q 'exited with code 02' out
result 'a point that the run does not have is refused' $?

echo "1..$count"
[ "$failed" -eq 0 ]

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The same version, scenario, strategy and seed give the same run, whatever the
# addresses, the number of jobs, the folder, the locale, the environment, what
# memory held before, and the order of the seeds. Prints TAP.
#
# RMAPSIM: the program. SRCDIR: the source.

. "$(dirname "$0")/tap.sh" || exit 99

RMAPSIM=${RMAPSIM:-./rmapsim}
SRCDIR=${SRCDIR:-.}
case $RMAPSIM in
/*) ;;
*) RMAPSIM=$PWD/$RMAPSIM ;;
esac
case $SRCDIR in
/*) ;;
*) SRCDIR=$PWD/$SRCDIR ;;
esac
export RMAPSIM

tap_dir

SCENARIOS='bench-c1 bench-c4 busted-early-publish busted-await-head churn-position-w2
	churn-nulls-w4 churn-locked-tail-w2 endless'
export SCENARIOS

digests() {
	"$@" sh "$SRCDIR/tests/digests.sh" 100
}

# same NAME COMMAND...: with COMMAND before it the program gives the same digests.
same() {
	name=$1
	shift
	digests "$@" >"$dir/other" 2>&1
	diff "$dir/usual" "$dir/other" >"$dir/diff"
	result "the same $name" $? "$dir/diff"
}

digests env >"$dir/usual" 2>&1

! grep -q 'no digest' "$dir/usual" && [ "$(wc -l <"$dir/usual")" -eq 16 ] &&
	[ "$(cut -d' ' -f4 "$dir/usual" | sort -u | wc -l)" -eq 16 ]
result 'sixteen digests, all different' $?
digests env GLIBC_TUNABLES=glibc.malloc.tcache_count=0 >"$dir/other" 2>&1
sed '1s/.$/x/' "$dir/usual" | cmp -s - "$dir/other"
[ $? -eq 1 ]
result 'the comparison tells a changed digest' $?

same 'once more' env
if setarch -R true 2>/dev/null; then
	same 'without address randomisation' setarch -R
else
	skip 'without address randomisation' 'setarch -R is not permitted'
fi
for locale in C tr_TR.UTF-8 de_DE.UTF-8 ar_EG.UTF-8; do
	if locale -a 2>/dev/null | sed 's/utf8/UTF-8/' | grep -qx "$locale"; then
		same "in the locale $locale" env LC_ALL=$locale
	else
		skip "in the locale $locale" 'it is not installed'
	fi
done
same 'with the memory allocator perturbed' env MALLOC_PERTURB_=165
same 'in an empty environment' env -i PATH="$PATH" RMAPSIM="$RMAPSIM" SCENARIOS="$SCENARIOS"

stuffed() {
	i=0
	while [ $i -lt 300 ]; do
		export "JUNK_$i=$(printf '%0200d' $i)"
		i=$((i + 1))
	done
	export TZ=Asia/Kolkata G_RANDOM_VERSION=2.0 G_SLICE=always-malloc COLUMNS=20 NO_COLOR=1
	"$@"
}
(same 'in a stuffed environment' stuffed) >"$dir/tap"
cat "$dir/tap"
count=$((count + 1))
grep -q '^ok' "$dir/tap" || failed=$((failed + 1))

elsewhere() {
	(mkdir -p "$dir/a b/c" && cd "$dir/a b/c" && umask 077 && "$@" </dev/null)
}
same 'in another folder' elsewhere
small_stack() {
	(ulimit -s 256 && "$@")
}
same 'with a small stack' small_stack

# --- jobs and the order of seeds; batches have 512 seeds

run() {
	"$RMAPSIM" run "$@" --strategy random --digest --keep-going 2>/dev/null
}
for scenario in bench-c1 busted-scan-up churn-position-w2; do
	run $scenario --seeds 3000 --jobs 1 >"$dir/usual"
	for jobs in 2 5; do
		run $scenario --seeds 3000 --jobs $jobs >"$dir/other"
		cmp -s "$dir/usual" "$dir/other"
		result "the same output of $scenario with $jobs jobs" $?
	done
done

# A campaign's digest is the sum of its runs', modulo 2^64, in two halves here.
add_digests() {
	low=$((0x$(echo "$1" | cut -c11-18) + 0x$(echo "$2" | cut -c11-18)))
	high=$((0x$(echo "$1" | cut -c3-10) + 0x$(echo "$2" | cut -c3-10) + (low >> 32)))
	printf '0x%08x%08x\n' $((high & 0xffffffff)) $((low & 0xffffffff))
}
digest_in() {
	sed -n 's/^digest  *//p' "$1"
}
failures_in() {
	sed -n 's/^  \([0-9]*\) of [0-9]* runs failed$/\1/p' "$1" | grep . || echo 0
}
for scenario in busted-scan-up churn-position-w2; do
	run $scenario --seeds 1..2000 >"$dir/all"
	run $scenario --seeds 1301..2000 >"$dir/second"
	run $scenario --seeds 1..1300 >"$dir/first"
	add_digests "$(digest_in "$dir/first")" "$(digest_in "$dir/second")" >"$dir/usual"
	digest_in "$dir/all" >"$dir/other"
	cmp -s "$dir/usual" "$dir/other"
	result "the digest of $scenario's campaign is the sum of its halves'" $?
	[ $(($(failures_in "$dir/first") + $(failures_in "$dir/second"))) -eq \
		$(($(failures_in "$dir/all"))) ]
	result "and so are its failures ($(failures_in "$dir/all"))" $?
done

tap_end

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# quickstart, its demonstration and .ci/run as far as they can be tried without
# installing or building anything (tests/long_debootstrap.sh does all of it): what is
# refused, who is told what to install, that a failing step fails the demonstration,
# and how results are counted. Prints TAP.
#
# RMAPSIM: the program (default: ./rmapsim). SRCDIR: the sources (default: ..).

. "$(dirname "$0")/tap.sh" || exit 99

RMAPSIM=${RMAPSIM:-./rmapsim}
SRCDIR=${SRCDIR:-..}
RMAPSIM=$(realpath "$RMAPSIM") && SRCDIR=$(realpath "$SRCDIR") || exit 99

tap_dir
cd "$dir" || exit 99

# gives STATUS TEXT COMMAND...: it ends with STATUS and says TEXT
gives() {
	want=$1 text=$2
	shift 2
	"$@" >out 2>&1 </dev/null
	got=$?
	[ $got -eq "$want" ] && grep -q -e "$text" out
	result "$(echo "$*" | sed "s,$dir/,,g; s,$RMAPSIM,rmapsim,; s,$SRCDIR/,,") gives $want: $text" $?
}

# --- quickstart in a folder of its own, on machines that are not this one

mkdir -p tree/build-aux bin plain
cp "$SRCDIR/quickstart" tree/
gives 0 '^usage: ./quickstart' tree/quickstart --help
gives 2 "'sing' is not understood" tree/quickstart sing
gives 2 "'twice' is one argument too many" tree/quickstart check twice
result 'none of these writes anything' "$([ ! -e tree/build ]; echo $?)"

# A Debian on which dpkg knows nothing but make, seen by a user.
for tool in sh sed tr cat mkdir tail head printf fold nproc find env true; do
	for folder in /usr/bin /bin; do
		[ -x $folder/$tool ] && ln -sf $folder/$tool plain/
	done
done
fake() {
	printf '#!/bin/sh\n%s\n' "$2" >"$1"
	chmod +x "$1"
}
fake plain/dpkg-query 'for p; do :; done; [ "$p" = make ] && echo installed || { echo unknown; exit 1; }'
fake plain/apt-get 'echo "apt-get $*" >>'"$dir"'/apt.log; exit 100'
fake plain/id 'echo 1000'
gives 3 'there is no sudo' env PATH="$dir/plain" tree/quickstart
lacking=$(sed -n "/^PACKAGES='/,/^'/s/^\([a-z][^ ]*\) .*/\1/p" tree/quickstart | grep -vx make |
	while read -r package; do
		grep -q "^  $package\$" out || echo "$package"
	done)
[ -z "$lacking" ] && ! grep -q '^  make$' out && ! grep -q '.\{101\}' out
result 'it lists what is missing, and only that, one a line' $?
grep -A 9 'apt-get install' out | grep -q 'sqlite3$'
result 'and a command that installs it' $?

fake plain/sudo 'exit 1'
gives 3 'may not use sudo' env PATH="$dir/plain" tree/quickstart check
result 'apt-get was not started' "$([ ! -e apt.log ]; echo $?)"

# shellcheck disable=SC2016 # the words are the script's
fake plain/sudo '[ "$1" = -n ] && shift; exec "$@"'
gives 3 'could not install them' env PATH="$dir/plain" tree/quickstart
grep -q 'apt-get .*install --no-install-recommends gcc' apt.log
result 'with sudo, apt-get was started' $?
fake plain/id 'echo 0'
rm -f plain/sudo
gives 3 'could not install them' env PATH="$dir/plain" tree/quickstart

fake plain/dpkg-query 'echo installed'
fake tree/bootstrap 'echo this is the reason; exit 1'
gives 3 'this is the reason' env PATH="$dir/plain" tree/quickstart
grep -q "failed: making configure; all of the output is in $dir/tree/build/quickstart.log" out
result 'a step that fails is named, with the log' $?

# --- the demonstration, with fewer seeds

DEMO_SEEDS=2000
export DEMO_SEEDS
demo=$SRCDIR/build-aux/demo.sh
gives 2 'usage: demo.sh' sh "$demo"
gives 0 '^violated: coverage, at seed [0-9]*, after [0-9]* seeds tried' sh "$demo" "$RMAPSIM" demo
mv out demo.out
says() {
	grep -q -e "$2" demo.out
	result "the demonstration $1" $?
}
says 'replays that seed' 'coverage fires here'
says 'shows values in the terms of the field' 'READ_ONCE desc1.more = nulls of rmap1'
says 'walks the picture of the mail' 'desc2 | MANY, position 3'
says 'shows a restart' 'restarts: a new pass'
says 'verifies the picture' '^verified: '
says 'finds what only stores that pass each other show' 'drains: rmap0.head'
says 'runs the litmus tests' '^rmapsim: [0-9]* as expected, 0 not, 0 not judged'
for algorithm in locked-tail locked-stack nulls position; do
	says "lets $algorithm survive, with rates" \
		"^$algorithm .* 2000  *[0-9.]*[kM]*  *[0-9.]*[kM]*  *no violation"
done
says 'says where it is' "^In $dir:"
result 'no line of it is wider than 100 columns' \
	"$(sed -e '/^\$/d' -e '/^  \//d' demo.out | grep -q '.\{101\}'; echo $((! $?)))"
for file in replay-full.txt mail-full.txt campaign-mail.txt busted-foreign-nulls-*.schedule; do
	# shellcheck disable=SC2086 # a pattern
	[ -s demo/$file ]
	result "it leaves $file" $?
done
gives 0 'were done before and not repeated.*caught replay good mail verify' sh "$demo" "$RMAPSIM" demo
gives 0 'position 3' sh "$demo" "$RMAPSIM" demo --again
result '--again repeats all' "$(grep -q 'not repeated' out; echo $((! $?)))"

# A program that finds nothing, and one that finds fault with everything.
# shellcheck disable=SC2016 # the words are the script's
fake blind "case \$1 in run) exec $RMAPSIM run harness-cost ;; *) exec $RMAPSIM \"\$@\" ;; esac"
gives 1 'ended with status 0 instead of 1' sh "$demo" ./blind demo.blind
fake dim 'exit 1'
gives 1 'ended with status 1 instead of 0' sh "$demo" ./dim demo.dim

# --- .ci/run, given a quickstart whose tests have these results

mkdir -p ci/.ci ci/build/tests
cp "$SRCDIR/.ci/run" ci/.ci/
# tests RESULTS STATUS: what quickstart leaves
tests() {
	fake ci/quickstart "mkdir -p build/tests; for r in $1; do
		echo \":test-result: \$r name\"; done >build/tests/a.trs; exit $2"
}
last() {
	[ "$(tail -n 1 out)" = "$1" ]
	result "and its last line is: $1" $?
}
tests 'PASS PASS XFAIL' 0
gives 0 passed sh ci/.ci/run
last '3 passed, 0 failed'
tests 'PASS SKIP' 0
gives 0 passed sh ci/.ci/run
last '1 passed, 0 failed, 1 skipped'
tests 'PASS FAIL ERROR XPASS' 1
gives 1 passed sh ci/.ci/run
last '1 passed, 3 failed'
tests 'PASS FAIL' 0
gives 1 'although tests failed' sh ci/.ci/run
tests '' 0
gives 1 'no test ran' sh ci/.ci/run
last '0 passed, 0 failed'
# What an earlier run left does not count.
echo ':test-result: PASS old' >ci/build/tests/old.trs
fake ci/quickstart 'exit 3'
gives 3 'ended with status 3' sh ci/.ci/run
last '0 passed, 0 failed'

tap_end

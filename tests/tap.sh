# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the shell tests share: results as TAP, a folder of their own. No test by
# itself; the first thing that a test does, before it goes to another folder, is
#
#	. "$(dirname "$0")/tap.sh" || exit 99
#
# and the last is tap_end, whose status is that of the test. Messages of programs
# are in no language but the one that is looked for.

LC_ALL=C
export LC_ALL

count=0 failed=0
tap_shown='out err'	# files that tell why a result is not ok, unless it names others

# tap_dir [TEMPLATE]: make $dir, which goes when the test ends.
tap_dir() {
	dir=$(mktemp -d ${1:+"$1"}) || exit 99
	trap tap_clean EXIT
	trap 'exit 130' INT TERM
}

# 'make distcheck' makes folders that cannot be written to.
tap_clean() {
	rm -rf --one-file-system "$dir" 2>/dev/null && return
	chmod -R u+w "$dir"
	rm -rf --one-file-system "$dir"
}

# result NAME STATUS [FILE...]: ok if STATUS is 0; else the ends of the FILEs follow.
result() {
	tap_name=$1 tap_status=$2
	shift 2
	count=$((count + 1))
	if [ "$tap_status" -eq 0 ]; then
		echo "ok $count - $tap_name"
		return
	fi
	failed=$((failed + 1))
	echo "not ok $count - $tap_name"
	[ $# -gt 0 ] || eval "set -- $tap_shown"
	for tap_file; do
		[ ! -f "$tap_file" ] || tail -n 40 "$tap_file" | sed "s|^|# ${tap_file##*/}: |"
	done
}

# skip NAME REASON: one result that cannot be had here.
skip() {
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

# skip_all REASON: nothing of the test can be done here.
skip_all() {
	echo "1..0 # SKIP $*"
	exit 77
}

tap_end() {
	echo "1..$count"
	[ "$failed" -eq 0 ]
}

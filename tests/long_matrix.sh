#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The whole matrix: the command that doc/matrix.md shows prints what stands there,
# and each algorithm that some scenario has is in it. Takes minutes. Prints TAP.
#
# RMAPSIM: the program (default: ./rmapsim). SRCDIR: the sources (default: ..).
# MATRIX: a file for what was printed, in the form of doc/matrix.md.

. "$(dirname "$0")/tap.sh" || exit 99

RMAPSIM=$(realpath "${RMAPSIM:-./rmapsim}") || exit 99
SRCDIR=$(realpath "${SRCDIR:-..}") || exit 99
doc=$SRCDIR/doc/matrix.md
[ -z "$MATRIX" ] || MATRIX=$(realpath "$MATRIX") || exit 99

tap_dir
cd "$dir" || exit 99

sed -n '/^```$/,/^```$/{/^```$/d;p;}' "$doc" >want
sed -n '1s/^\$ rmapsim //p' want >command
# shellcheck disable=SC2046 # words of a command line
"$RMAPSIM" $(cat command) >printed 2>err
result "rmapsim $(cat command) finds nothing that scenarios do not expect" $? err
{ echo "\$ rmapsim $(cat command)"; cat printed; } >got
[ -s command ] && diff want got >diff.out
result 'doc/matrix.md shows what it prints' $? diff.out

"$RMAPSIM" list scenarios --json | sed -n 's/.*"algorithm" : "\(.*\)".*/\1/p' | sort -u >have
sed -n 's/^algorithm //p' printed | sort -u >shown
[ -s have ] && diff have shown >diff.out
result 'no algorithm that has a scenario is missing' $? diff.out

if [ -n "$MATRIX" ]; then
	{ sed '/^```$/q' "$doc"; cat got; echo '```'; sed '1,/^```$/d' "$doc" |
		sed '1,/^```$/d'; } >"$MATRIX"
fi
tap_end

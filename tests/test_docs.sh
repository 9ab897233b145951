#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The documents say what the program does: README and manual page name exactly the
# subcommands and options that --help shows, what README prints is what the program
# prints, its example works, and the files it names are there. Prints TAP.
#
# RMAPSIM: the program (default: ./rmapsim). SRCDIR: the sources (default: ..).

. "$(dirname "$0")/tap.sh" || exit 99

RMAPSIM=${RMAPSIM:-./rmapsim}
SRCDIR=${SRCDIR:-..}
RMAPSIM=$(realpath "$RMAPSIM") && SRCDIR=$(realpath "$SRCDIR") || exit 99
readme=$SRCDIR/README man=$SRCDIR/man/rmapsim.1

tap_dir
cd "$dir" || exit 99

# same NAME WANT GOT: two files
same() {
	[ -s "$2" ] && diff "$2" "$3" >diff.out
	result "$1" $? diff.out
}

# --- subcommands and options. A line for each option: "COMMAND --OPTION".

"$RMAPSIM" --help | sed -n '/^Commands/,/^$/s/^  \([a-z]*\)  .*/\1/p' | sort >commands
for command in $(cat commands); do
	"$RMAPSIM" "$command" --help | sed -n 's/^  \(-h, \)\?\(--[a-z-]*[a-z]\).*/\2/p' |
		grep -vx -e --help | sed "s/^/$command /"
done | sort >options

sed -n '/^Commands$/,/^Exit status/p' "$readme" >readme.commands
sed -n 's/^    rmapsim \([a-z]*\) .*/\1/p' readme.commands | sort >readme.names
awk '$1 == "rmapsim" { command = $2 }
	/^  *--/ { for (i = 1; i <= NF; i++) print command, $i }' readme.commands |
	sort >readme.options
same 'README names the subcommands' commands readme.names
same 'README names the options of each' options readme.options

sed -n '/^\.Sh COMMANDS/,/^\.Sh OPTIONS/p' "$man" >man.commands
sed -n 's/^\.Ss //p' man.commands | sort >man.names
# An option is named by Fl -x; with ".Cm list" and the like before it in its section.
awk '$1 == ".Ss" { command = $2 }
	/^\./ { for (i = 1; i < NF; i++) if ($i == "Fl" || $i == ".Fl") print command, "-" $(i + 1) }' \
	man.commands | sort -u >man.options
# `list` points to --set of the others.
grep -vx 'list --set' man.options >man.own
same 'the manual page names the subcommands' commands man.names
same 'the manual page names the options of each' options man.own
cut -d' ' -f2 options | sort -u >all
awk '$1 == ".It" { for (i = 1; i < NF; i++) if ($i == "Fl") print "-" $(i + 1) }' "$man" |
	grep -x -e '--[a-z-]*' | grep -vx -e --help | sort -u >explained
same 'the manual page explains each option' all explained

# Summaries and explanations of exit statuses stand in all three.
"$RMAPSIM" --help | sed -n '/^Commands/,/^$/s/^  \([a-z]*\)  */\1 /p' | sort >summaries
sed -n 's/^    rmapsim \([a-z]*\)  */\1 /p' readme.commands | sort >readme.summaries
same 'README has the summaries of --help' summaries readme.summaries
"$RMAPSIM" --help | sed -n '/^Exit status/,$p' | grep -o '[0-9][0-9]*' | sort -nu >statuses
sed -n '/^Exit status/,/^$/p' "$readme" | grep -o '[0-9][0-9]*' | sort -nu >readme.statuses
sed -n '/^\.Sh EXIT STATUS/,/^\.Sh EX[AM]/p' "$man" | grep -o '[0-9][0-9]*' | sort -nu >man.statuses
same 'README has the exit statuses' statuses readme.statuses
same 'the manual page has the exit statuses' statuses man.statuses

# --- what README shows, the program shows. A change of a source line is no change of that.

fluid() {
	sed -e 's/\(core\/[a-z_]*\.[ch]\):[0-9]*/\1:N/' -e 's/0x[0-9a-f]\{16\}/0xN/' -e 's/ *$//'
}

# shown COMMAND: the lines that README shows behind "$ COMMAND"
shown() {
	awk -v want="$ $1" '
		on && (/^```$/ || (indented && !/^    /)) { exit }
		{ line = $0; if (!on || indented) sub(/^    /, "", line) }
		on { print line }
		line == want { on = 1; indented = /^    / }' "$readme" | fluid
}

# shows ARG...: README shows lines that rmapsim ARG... prints, in their order
shows() {
	shown "rmapsim $*" >want
	"$RMAPSIM" "$@" 2>err | fluid >full
	first=$(head -n 1 want)
	grep -n -Fx -e "$first" full | head -n 1 | cut -d: -f1 >at
	tail -n "+$(cat at)" full 2>/dev/null | head -n "$(wc -l <want)" >got
	same "README shows what 'rmapsim $*' prints" want got
}
shows run busted-foreign-nulls --seeds 100000
shows run busted-foreign-nulls --algorithm nulls --seeds 100000
shows verify busted-foreign-nulls --algorithm nulls
seed=$("$RMAPSIM" run busted-foreign-nulls --seeds 100000 2>/dev/null |
	sed -n 's/^  replay: rmapsim replay busted-foreign-nulls --seed //p')
shows replay busted-foreign-nulls --seed "$seed"
[ "$(wc -l <want)" -eq "$(wc -l <full)" ]
result 'and shows all of that replay' $?

# --- the findings

findings=$SRCDIR/doc/FINDINGS.md

# In the order in which they stand there.
tables() {
	for table in termination restarts recycling; do
		"$RMAPSIM" verify table-$table --table "$@" 2>err | sed -n '/^  *spte  /,/^$/{/^$/d;p;}'
	done
}
tables >got
sed -n '/^ *spte  .*steps of/,/^$/{/^$/d;s/^    //;p;}' "$findings" >want
same 'doc/FINDINGS.md shows the tables that verify prints' want got
tables --model tso >got
same 'and they are the same under tso' want got

# finding FILE: "COMMAND<tab>VERDICT" for each command that states one.
finding() {
	sed -n 's/^    rmapsim \(.*[^ ]\)  *\(verified\|violated: [a-z-]*\|incomplete\|Never\|Sometimes\)\( ([0-9]*)\)\{0,1\}$/\1\t\2\3/p' \
		"$1"
}

# verdict ARG...: what the command has to say, in the words of the findings.
verdict() {
	(cd "$SRCDIR" && exec "$RMAPSIM" "$@" $([ "$1" = verify ] && echo "--out $dir/findings")) \
		>out 2>err </dev/null
	case $1 in
	litmus) sed -n 's/^Observation [^ ]* \([A-Z][a-z]*\) .*/\1/p' out ;;
	*) sed -n -e 's/^\(verified\|incomplete\):.*/\1/p' -e 's/^\(violated: [a-z-]*\)$/\1/p' \
		-e 's/^\([0-9]*\) states, .*/(\1)/p' out | paste -s -d ' ' - ;;
	esac
}

# hold FILE: prints each finding of which the program says something else.
hold() {
	finding "$1" | while IFS='	' read -r command stated; do
		# shellcheck disable=SC2086 # words of a command line
		said=$(verdict $command)
		[ "$said" = "$stated" ] || echo "rmapsim $command: $stated stated, '$said' is said"
	done
}
mkdir findings
hold "$findings" >wrong
[ "$(finding "$findings" | wc -l)" -ge 60 ] && [ ! -s wrong ]
result "each of $(finding "$findings" | wc -l) findings has the verdict that is stated" $? wrong
cat >false.md <<'END'
    rmapsim verify nulls-restarts-once     violated: termination (753)
    rmapsim verify nulls-restarts-forever --model tso  verified (796)
    rmapsim verify bench-c1 --max-states 10   verified
    rmapsim litmus scenarios/litmus/SB.litmus  Sometimes
    rmapsim verify no-such-scenario        verified (1)
    rmapsim verify nulls-restarts-once     verified (1)
END
hold false.md >wrong
[ "$(wc -l <wrong)" -eq 6 ]
result 'and one that is false is noticed' $? wrong
# Each command there is a finding: a line of another form would not be looked at.
sed -n 's/^    rmapsim /&/p' "$findings" | grep -v -e '--table' >written
[ "$(wc -l <written)" -eq "$(finding "$findings" | wc -l)" ]
result 'no command there goes without a verdict' $? written

hold "$SRCDIR/doc/recycling.md" >wrong
[ "$(finding "$SRCDIR/doc/recycling.md" | wc -l)" -ge 5 ] && [ ! -s wrong ]
result 'what doc/recycling.md states is what the program says' $? wrong

# It names the scenarios by what they are asked, and they say what is expected.
{
	sed -n 's/.*`\([a-z][a-z]*-[a-z-]*\)`.*/\1/p' "$findings"
	finding "$findings" | sed -n 's/^verify \([a-z0-9-]*\).*/\1/p'
} | sort -u >named
while read -r name; do
	case $name in table-* | sweep-*) continue ;; esac
	grep -q '^verify\.' "$SRCDIR/scenarios/$name.scenario" || echo "$name"
done <named >unexpected 2>&1
[ "$(wc -l <named)" -ge 30 ] && [ ! -s unexpected ]
result 'each scenario that it names says what verify is expected to find' $? unexpected

# Questions have the same numbers everywhere.
sed -n 's/^\(Q[0-9]*\)\. .*/\1/p' "$findings" | sort >want
"$RMAPSIM" list scenarios | sed -n 's/^      \(Q[0-9Q, ]*\): .*/\1/p' | tr -s ', ' '\n\n' |
	sort -u >got
same 'the questions of the scenarios are those of doc/FINDINGS.md' want got

# --- the schedule in doc/

"$RMAPSIM" replay busted-clear-first --seed 152 --save saved >out 2>err
grep -v '^#' saved | fluid >got
sed -n '/^```$/,/^```$/{/^```$/d;p;}' "$SRCDIR/doc/schedule-format.md" | fluid >want
same 'doc/schedule-format.md shows what replay --save writes' want got

# --- the example scenario and its four commands

awk '/first.scenario:$/ { on = 1 } /^Then$/ { exit } on && (/^    / || /^$/) {
	sub(/^    /, ""); print }' "$readme" >first.scenario
sed -n '/^Then$/,/^run it/s/^    rmapsim //p' "$readme" >lines
result 'README has an example with four commands' "$([ "$(wc -l <lines)" -eq 4 ]; echo $?)"
while read -r line; do
	# shellcheck disable=SC2086 # words of a command line
	"$RMAPSIM" $line >out 2>&1 </dev/null
	result "rmapsim $line, as README has it, gives 0" $? out
done <lines

# --- files that are named are there

grep -o -h '\(core\|sim\|output\|tests\|doc\|scenarios\)/[a-zA-Z_./+-]*' "$readme" "$SRCDIR"/doc/*.md |
	sed 's/\.$//' | sort -u | while read -r name; do
	case $name in
	core/rmap_mine.c | */rmap_NAME.c) continue ;;
	esac
	[ -e "$SRCDIR/$name" ] || echo "$name"
done >missing
result 'README and doc/ name only files that are there' "$([ ! -s missing ]; echo $?)" missing

# Between fences stands what the program writes.
cat "$readme" "$SRCDIR"/doc/*.md | awk '/^```/ { fence = !fence } !fence && length > 100' >long
result 'no line of README or doc/ is wider than 100 columns' "$([ ! -s long ]; echo $?)" long

name='the manual page is well formed'
if command -v mandoc >/dev/null 2>&1; then
	mandoc -T lint -W warning "$man" >lint 2>&1
	result "$name" $? lint
elif command -v groff >/dev/null 2>&1 && groff -mandoc -Tascii -ww /dev/null >/dev/null 2>&1; then
	groff -mandoc -Tascii -ww "$man" 2>lint >formatted
	[ ! -s lint ] && [ -s formatted ]
	result "$name" $? lint
else
	skip "$name" 'neither mandoc nor groff is here'
fi

tap_end

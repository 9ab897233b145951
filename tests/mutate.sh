#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Which statements of core/ does no check need? Each store, ordering, call, test and
# jump of the algorithms that are right is left out in a build of its own
# (tests/mutate.awk says how), and the scenarios that ship are tested with it until
# one is not as expected. What no scenario notices is to be argued for in the file
# tests/mutants.equivalent; doc/mutation.md says how to read all this.
#
# 'make mutate' starts it in the build folder, with in the environment
#	MUTATE_CC, MUTATE_CFLAGS	how the simulator's build of core/ is compiled
#	MUTATE_LINK, MUTATE_LIBS	how rmapsim is linked, without and with what
#	MUTATE_SOURCES			what that build is made of, headers too
#	MUTATE_LIBRARY			the library that it is put into
#	SRCDIR, AR			the sources; the archiver
# and by whoever starts it
#	FILES		of core/, all by default
#	JOBS		mutants at a time, 1 by default
#	ONLY		a regular expression: mutants whose line of --list matches
#	SCENARIOS	names, all by default; each must be as expected without a mutation
#	TIMEOUT		seconds for a scenario, 60 by default
#	ARGUED		the list of the argued ones
#	ALL=1		go on behind what catches a mutant: a line for each that does
#
# mutate.sh --list prints the mutants only. Exit status: 0 all are caught or argued
# for, 1 some are not, or an argument fits none that survives, 2 it could not be done.

LC_ALL=C
export LC_ALL
SRCDIR=$(realpath "${SRCDIR:-..}") || exit 2
ARGUED=${ARGUED:-$SRCDIR/tests/mutants.equivalent}
TIMEOUT=${TIMEOUT:-60}
JOBS=${JOBS:-1}
AWK=${AWK:-awk}
AR=${AR:-ar}
RMAPSIM=${RMAPSIM:-./rmapsim}
tab=$(printf '\t')

die() {
	echo "mutate.sh: $*" >&2
	exit 2
}

# Files whose statements are tried: all of that build that are no broken algorithm, no
# table, and no contract.
mutated_files() {
	for file in $MUTATE_SOURCES; do
		case $file in
		core/rmap_busted_* | core/algorithms.c | core/kern.h) ;;
		core/*) echo "$file" ;;
		esac
	done
}

# mutants FILE: its lines of mutate.awk that are wanted, behind its name.
mutants() {
	$AWK -f "$SRCDIR/tests/mutate.awk" "$SRCDIR/$1" | sed "s|^|$1$tab|" |
		grep -e "${ONLY:-}"
}

all_mutants() {
	for file in ${FILES:-$(mutated_files)}; do
		[ -f "$SRCDIR/$file" ] || die "FILES: $file is not there"
		mutants "$file"
	done
	return 0
}

# --- who uses what

object_of() {
	echo "libcore_sim_a-$(basename "$1" .c).o"
}

# uses: "SOURCE FILE" for each file of core/ that a source includes, itself too.
find_includes() {
	for source in $MUTATE_SOURCES; do
		case $source in
		*.h | core/rmap_busted_*) continue ;;
		esac
		# shellcheck disable=SC2086
		$MUTATE_CC $MUTATE_CFLAGS -MM "$SRCDIR/$source" | tr -s ' \\' '\n\n' |
			sed -n "s|.*/\(core/[a-z_]*\.[ch]\)\$|$source \1|p"
	done | sort -u
}

# calls: "SOURCE OTHER" for each other source whose functions a source calls.
find_calls() {
	mkdir "$work/objects"
	(cd "$work/objects" && $AR x "$MUTATE_LIBRARY" && nm -A ./*.o) |
		sed 's|^\./\([^:]*\):|\1 |' >"$work/symbols"
	$AWK 'NF == 4 && $3 ~ /[TDRBV]/ { where[$4] = $1 }
		NF == 3 && $2 == "U" { object[++n] = $1; name[n] = $3 }
		END { for (i = 1; i <= n; i++)
			if (name[i] in where) print object[i], where[name[i]] }' "$work/symbols" |
		sort -u
}

# users FILE: the algorithms, by their source, that have something of FILE in them; "kvm"
# if none has, as the small KVM calls them and not the other way round.
users() {
	$AWK -v file="$1" -v calls="$work/calls" '
		function object(source) {
			sub(/.*\//, "", source)
			sub(/\.c$/, ".o", source)
			return "libcore_sim_a-" source
		}
		$2 == file { has[object($1)] = 1; source[object($1)] = $1 }
		{ source[object($1)] = $1 }
		END {
			while ((getline line < calls) > 0) {
				split(line, pair, " ")
				from[++n] = pair[1]
				to[n] = pair[2]
			}
			do {
				grown = 0
				for (i = 1; i <= n; i++)
					if (to[i] in has && !(from[i] in has) &&
					    from[i] !~ /-(algorithms|program|body)\.o$/) {
						has[from[i]] = 1
						grown = 1
					}
			} while (grown)
			for (o in has)
				if (source[o] ~ /^core\/rmap_/) {
					print source[o]
					some = 1
				}
			if (!some)
				print "kvm"
		}' "$work/includes" | sort -u
}

# --- what is run

# What only the small KVM does.
KVM_OPERATIONS='guest-write|get-dirty-log|unmap|age|zap-page|set-table|set-large|map-large'

# "ALGORITHM'S-SOURCE SCENARIO" for each that is wanted, and "kvm SCENARIO" where KVM runs.
find_scenarios() {
	for path in "$SRCDIR"/scenarios/*.scenario; do
		name=$(basename "$path" .scenario)
		case " ${SCENARIOS:-$name} " in
		*" $name "*) ;;
		*) continue ;;
		esac
		sed -n '/^\[algorithm\]/,/^$/s/^name *= *//p' "$path" | tr - _ |
			sed "s|\(.*\)|core/rmap_\1.c $name|"
		! grep -Eq "^(program|mix) *=.*($KVM_OPERATIONS) " "$path" || echo "kvm $name"
	done | grep -v '^core/rmap_busted_'
}

# Into $1: what PROGRAM $2 makes of scenario $3. What it had when its time was over counts.
try_scenario() {
	timeout -s INT -k 5 "$TIMEOUT" "$2" test "$3" --jobs 1 >"$1" 2>"$1.err" </dev/null
}

now() {
	date +%s%N | sed 's/......$//'
}

# Does a check bound a pass, or a limit the run? A mutant that goes round for ever is
# caught there, where elsewhere it takes all its time, so these are tried as if they
# were cheaper.
is_bounded() {
	grep -Eq '^(pass-steps|events) *= *[1-9]' "$SRCDIR/scenarios/$1.scenario"
}

# "MILLISECONDS SOURCE SCENARIO", cheap ones first; without a mutation all are as expected.
measure() {
	cut -f1 "$work/mutants" | sort -u | while read -r file; do
		users "$file"
	done | sort -u >"$work/users"
	while read -r source name; do
		grep -qx "$source" "$work/users" || continue
		from=$(now)
		try_scenario "$work/out" "$RMAPSIM" "$name" ||
			die "$name is not as expected without a mutation: $(cat "$work/out" "$work/out.err")"
		cost=$(($(now) - from))
		! is_bounded "$name" || cost=$((cost / 20))
		echo "$cost $source $name"
	done <"$work/scenarios" >"$work/measured" || exit 2
	sort -n "$work/measured" >"$work/costs"
	[ -s "$work/costs" ] || die 'no such scenario has anything of these files in it'
}

# --- one mutant

# build DIR FILE NUMBER: the program DIR/rmapsim with that mutant in it. It runs the same
# events at each level of optimisation; the lowest is compiled soonest.
build() {
	# What an earlier one has left is not to be taken for this one's.
	rm -rf "$1"
	mkdir -p "$1/core" "$1/objects"
	cp "$SRCDIR"/core/*.[ch] "$1/core"
	echo '#include "tests/mutate_weak.h"' >>"$1/core/kern.h"
	$AWK -v want="$3" -f "$SRCDIR/tests/mutate.awk" "$SRCDIR/$2" >"$1/$2"
	for source in $(sed -n "s|^\([^ ]*\) $2\$|\1|p" "$work/includes"); do
		from=$SRCDIR
		[ "${source#core/}" = "$source" ] || from=$1
		# shellcheck disable=SC2086
		$MUTATE_CC "-I$1" $MUTATE_CFLAGS "-fmacro-prefix-map=$1/=" -w -g0 -O0 -c "$from/$source" \
			-o "$1/objects/$(object_of "$source")" || return 1
	done
	cp "$MUTATE_LIBRARY" "$1/libcore_sim.a"
	$AR r "$1/libcore_sim.a" "$1"/objects/*.o || return 1
	# shellcheck disable=SC2046,SC2086
	$MUTATE_LINK -Wl,-S -o "$1/rmapsim" \
		$(echo "$MUTATE_LIBS" | sed "s|[^ ]*libcore_sim\.a|$1/libcore_sim.a|")
}

# What catches it: "SCENARIO, CHECK, COMMAND.MODEL", from the table of `rmapsim test`.
caught_by() {
	$AWK '/NOT AS EXPECTED$/ {
		seen = $0
		sub(/ *[0-9]+  NOT AS EXPECTED$/, "", seen)
		sub(/.*  /, "", seen)
		if (seen == "incomplete") next
		print $1 ", " seen ", " $2
		exit }' "$1"
}

# try DIR FILE: "caught", "survived", "timeout" or "error", and what by.
try() {
	dir=$1 slow=0 odd=
	for source in $(users "$2"); do
		grep " $source " "$work/costs"
	done | sort -n >"$dir/costs"
	# What has caught the last one is tried first.
	[ ! -f "$dir.last" ] || {
		grep " $(cat "$dir.last")\$" "$dir/costs"
		grep -v " $(cat "$dir.last")\$" "$dir/costs"
	} >"$dir/order"
	[ -f "$dir/order" ] || cp "$dir/costs" "$dir/order"
	while read -r cost source name; do
		try_scenario "$dir/out" "$dir/rmapsim" "$name"
		status=$?
		by=$(caught_by "$dir/out")
		if [ -n "$by" ]; then
			echo "caught$tab$by"
			echo "$name" >"$dir.last"
			[ -n "$ALL" ] || return 0
		elif [ $status -eq 124 ] || [ $status -eq 137 ]; then
			slow=$((slow + 1))
			odd="timeout${tab}$name has no answer in $TIMEOUT s"
			[ $slow -lt 3 ] || break
		elif [ $status -eq 125 ] || [ $status -gt 127 ]; then
			odd="error$tab$name, status $status: $(head -n 1 "$dir/out.err")"
		elif [ $status -ne 0 ]; then
			odd="incomplete$tab$name"
		fi
	done <"$dir/order"
	echo "${odd:-survived$tab}"
}

# told MUTANT: progress, from its result.
told() {
	last=$(tail -n 1)
	echo "$1" | $AWK -F"$tab" -v result="$last" '{
		sub(/\t/, ": ", result)
		printf "%s:%s %s(): %s: %s: %s\n", $1, $3, $4, $7, $6, result }'
}

# worker K: every JOBS-th mutant of the list, as lines "RESULT BY FILE NUMBER LINE ...".
worker() {
	$AWK -v k="$1" -v jobs="$JOBS" 'NR % jobs == k' "$work/mutants" |
		while IFS= read -r line; do
			file=${line%%"$tab"*}
			number=${line#*"$tab"}
			number=${number%%"$tab"*}
			if build "$work/job$1" "$file" "$number" >"$work/log$1" 2>&1; then
				try "$work/job$1" "$file" >"$work/result$1"
			else
				echo "uncompiled$tab$(grep -m 1 error "$work/log$1")" >"$work/result$1"
			fi
			while IFS= read -r result; do
				printf '%s\t%s\n' "$result" "$line"
			done <"$work/result$1"
			told "$line" <"$work/result$1" >&2
		done >"$work/results$1"
}

run_all() {
	k=0 pids=
	while [ $k -lt "$JOBS" ]; do
		worker $k &
		pids="$pids $!"
		k=$((k + 1))
	done
	# shellcheck disable=SC2086
	wait $pids
	sort -t"$tab" -k3,3 -k5,5n -k4,4n "$work"/results[0-9]* >"$work/results"
}

# --- what is argued for

# A line for each argument: "FILE FUNCTION STATEMENT MUTATION", between tabs.
read_arguments() {
	[ ! -f "$ARGUED" ] || $AWK '
		/^#/ { next }
		/^$/ { file = name = statement = ""; next }
		/^file: / { file = substr($0, 7) }
		/^function: / { name = substr($0, 11) }
		/^statement: / { statement = substr($0, 12) }
		/^mutation: / { print file "\t" name "\t" statement "\t" substr($0, 11) }' "$ARGUED"
}

# Results to the table, with a last field that says whether a survivor is argued for.
report() {
	read_arguments >"$work/argued"
	$AWK -F"$tab" -v argued="$work/argued" -v files="$(all_files)" -v only="$ONLY" '
		BEGIN {
			while ((getline line < argued) > 0) known[line] = 1
			n = split(files, part, " ")
			for (i = 1; i <= n; i++) tried[part[i]] = 1
		}
		{ what = sprintf("%s:%s %s(): %s: %s", $3, $5, $6, $9, $8)
		  key = $3 "\t" $6 "\t" $9 "\t" $8
		  alive = $1 !~ /^(caught|error|uncompiled)$/
		  printf "%s\n    %s%s%s\n", what, alive ? toupper($1) : $1, $2 ? ": " : "", $2
		  count[$3, $1]++
		  total[$1]++
		  file[$3] = 1
		  met[key] = 1
		  if (alive && key in known) { count[$3, "argued"]++; total["argued"]++ }
		  if (alive && !(key in known)) bad[++n_bad] = "not caught, and no argument: " what
		  if (!alive && key in known) bad[++n_bad] = "argued for, but " $1 " (" $2 "): " what
		}
		END {
			for (key in known) {
				split(key, part, "\t")
				if (!(key in met) && part[1] in tried && only == "")
					bad[++n_bad] = "argued for, but there is none: " \
						part[1] " " part[2] "(): " part[3] ": " part[4]
			}
			n = split("caught survived incomplete timeout error uncompiled argued", kind, " ")
			printf "\n%-28s", "file"
			for (i = 1; i <= n; i++) printf " %10s", kind[i]
			printf "\n"
			n_files = split(files, part, " ")
			for (f = 1; f <= n_files; f++) {
				if (!(part[f] in file)) continue
				printf "%-28s", part[f]
				for (i = 1; i <= n; i++) printf " %10d", count[part[f], kind[i]]
				printf "\n"
			}
			printf "%-28s", "all"
			for (i = 1; i <= n; i++) printf " %10d", total[kind[i]]
			printf "\n"
			if (n_bad) printf "\n"
			for (i = 1; i <= n_bad; i++) print bad[i]
			exit n_bad > 0
		}' "$work/results"
}

all_files() {
	for file in ${FILES:-$(mutated_files)}; do
		printf '%s ' "$file"
	done
}

# ---

[ -n "$MUTATE_SOURCES" ] || die "start it by 'make mutate'"
if [ "$1" = --list ]; then
	all_mutants
	exit
fi
[ -z "$1" ] || die "unknown argument '$1'; valid: --list"
command -v nm >/dev/null || die 'it needs nm of binutils'

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
all_mutants >"$work/mutants" || exit 2
[ -s "$work/mutants" ] || die 'there is no such mutant'
find_includes >"$work/includes"
find_calls >"$work/calls"
find_scenarios >"$work/scenarios"
[ -s "$work/scenarios" ] || die 'there is no such scenario'
measure
run_all
report

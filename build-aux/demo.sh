#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The demonstration that ./quickstart ends with:
#
#	demo.sh PROGRAM FOLDER [--again]
#
# runs PROGRAM (the built rmapsim) and writes everything to FOLDER. Each step is
# one function below, do_STEP; its standard output is shown and kept in
# FOLDER/STEP.txt. A step that this program has done before is shown from there,
# unless --again is given. To append a step, write its function and add a line
# at the end; "$rmapsim" is the program and "$out" the folder.
#
# Exit status: 0 all steps showed what they should, 1 one did not, 2 usage.
# DEMO_SEEDS: seeds of each campaign, for tests; no fewer than 2000.

seeds=${DEMO_SEEDS:-100000}
sweep_seeds=$((seeds / 50))
good_algorithms='locked-tail locked-stack nulls position'
broken=busted-foreign-nulls

# up_to_date FILE: made since the program, this script and the scenarios were.
up_to_date() {
	[ -n "$(find "$1" -newer "$rmapsim" -newer "$0" 2>/dev/null)" ] &&
		[ -z "$(find "${0%/*}/../scenarios" -newer "$1" -print -quit)" ]
}

# run_step STEP TITLE: do it, or show it, and remember whether it failed.
run_step() {
	kept=$out/$1.txt
	printf '\n== %s\n' "$2"
	if [ -z "$again" ] && up_to_date "$kept"; then
		cat "$kept"
		shown="$shown $1"
		return
	fi
	if "do_$1" >"$kept.new"; then
		cat "$kept.new"
		mv "$kept.new" "$kept"
	else
		cat "$kept.new"
		echo "demo: this step did not show what it should; it is in $kept.new" >&2
		failed=1
	fi
}

# quietly STATUS FILE ARG...: rmapsim with these arguments must end with STATUS. What it
# says goes to FILE, with that of standard error (rates, complaints) at the end.
quietly() {
	want=$1 file=$out/$2
	shift 2
	"$rmapsim" "$@" >"$file" 2>"$file.err" </dev/null
	got=$?
	cat "$file.err" >>"$file"
	rm -f "$file.err"
	[ "$got" -eq "$want" ] && return
	tail -n 20 "$file" >&2
	echo "demo: '$rmapsim $*' ended with status $got instead of $want" >&2
	return 1
}

# openly STATUS FILE ARG...: the same; the command is printed as it can be typed.
openly() {
	(shift 2; echo "\$ $rmapsim $*")
	quietly "$@"
}

failing_seed() {
	sed -n 's/^violated: .* at seed \([0-9]*\),.*/\1/p' "$out/campaign-broken.txt"
}

# --- a broken walker is caught

do_caught() {
	openly 1 campaign-broken.txt run $broken --seeds "$seeds" --out "$out" || return
	grep -A 2 '^violated:' "$out/campaign-broken.txt"
}

# --- its failing seed, event by event

do_replay() {
	seed=$(failing_seed)
	[ -n "$seed" ] || return
	quietly 1 replay-full.txt replay $broken --seed "$seed" || return
	openly 1 replay-end.txt replay $broken --seed "$seed" --around-violation=16 || return
	sed '/^$/,$d' "$out/replay-end.txt"
	cat <<END
The walker stands in desc1 when the writer empties it, frees it and builds rmap1 with
it. It takes rmap1's nulls for the end of rmap0. 'nulls' and 'position' restart there.
END
}

# --- the good algorithms survive the same campaign, and harder ones

# arguments ALGORITHM: what selects it in the broken variant's scenario.
arguments() {
	case $1 in
	locked-*) echo "--algorithm locked --set algorithm.form=${1#locked-}" ;;
	*) echo "--algorithm $1" ;;
	esac
}

# rate WHAT FILE: a figure from the line with the rates.
rate() {
	sed -n "s,.* \([0-9.]*[kMG]*\) $1/s.*,\1,p" "$2"
}

# survives ALGORITHM SCENARIO ARG...: a row of the table.
survives() {
	row_algorithm=$1 scenario=$2
	shift 2
	quietly 0 "campaign-$scenario-$row_algorithm.txt" run "$scenario" "$@" --seeds "$seeds" ||
		return
	runs=$(sed -n 's/^clean: no violation in \([0-9]*\) runs.*/\1/p' "$file")
	[ "$runs" = "$seeds" ] || return
	printf '%-13s %-22s %8s %10s %10s   no violation\n' "$row_algorithm" "$scenario" "$runs" \
		"$(rate runs "$file")" "$(rate points "$file")"
}

do_good() {
	printf '%-13s %-22s %8s %10s %10s\n' algorithm scenario runs runs/s points/s
	for a in $good_algorithms; do
		# shellcheck disable=SC2046 # several words are meant
		survives "$a" $broken $(arguments "$a") || return
	done
	for a in $good_algorithms; do
		survives "$a" "churn-$a-w2" || return
		survives "$a" "churn-$a-w4" || return
	done
	cat <<END
The first four: the right algorithm in the broken one's place, for example
\$ $rmapsim run $broken --algorithm nulls --seeds $seeds
A point is one event under the scheduler's control. No violation under these seeds is no proof.
END
}

# --- the picture of the 2013 mail

restarts() {
	awk '$1 == "restarts" { print $2 }' "$out/$1"
}

# The lowest seed whose walk restarts: that there is one in seeds 1..N says it is not above N.
first_restart() {
	low=1 high=$seeds
	while [ "$low" -lt "$high" ]; do
		middle=$(((low + high) / 2))
		quietly 0 search.tmp run mail-picture --seeds 1..$middle || return
		if [ "$(restarts search.tmp)" -gt 0 ]; then
			high=$middle
		else
			low=$((middle + 1))
		fi
	done
	rm -f "$out/search.tmp"
	echo "$low"
}

do_mail() {
	openly 0 campaign-mail.txt run mail-picture --seeds "$seeds" || return
	sed -n -e '/^clean:/p' -e '/^  *all  *per walk/,/^  restarts/p' "$out/campaign-mail.txt"
	[ "$(restarts campaign-mail.txt)" -gt 0 ] || return
	seed=$(first_restart) || return
	quietly 0 mail-full.txt replay mail-picture --seed "$seed" || return
	echo "The first walk that must restart is that of seed $seed, here without the writer's events:"
	openly 0 mail-walk.txt replay mail-picture --seed "$seed" --task walker || return
	sed '/^(/,$d' "$out/mail-walk.txt"
}

# --- all schedules of it, not only those of some seeds

do_verify() {
	openly 0 verify-mail.txt verify mail-picture || return
	sed -n '/^verified:/,/ states, /p' "$out/verify-mail.txt"
}

# --- what was asked in 2013: every algorithm against one writer that never ends

do_answers() {
	openly 1 verify-table.txt verify table-termination --table || return
	sed -n '/^ *spte/,$p' "$out/verify-table.txt" | sed '/ CPU time/d'
}

# --- the order that the code of 2013 leaves to x86

do_models() {
	openly 0 verify-pop-tso.txt verify busted-unordered-pop --model tso || return
	grep '^verified:' "$out/verify-pop-tso.txt"
	openly 1 verify-pop-pso.txt verify busted-unordered-pop --model pso --out "$out" || return
	grep -A 1 '^violated:' "$out/verify-pop-pso.txt"
	quietly 1 replay-pop.txt replay busted-unordered-pop \
		--schedule "$out/busted-unordered-pop-counterexample.schedule" || return
	sed -n '1p; / drains: /p; /visits/p; /complete\]/p' "$out/replay-pop.txt"
	cat <<END
The emptied descriptor leaves the head before its last entry has arrived at its new place.
END
}

# --- why these models are believed

do_litmus() {
	openly 0 litmus-sb.txt litmus --model tso "${0%/*}/../scenarios/litmus/SB.litmus" || return
	sed -n '/^States/,/^Observation/p' "$out/litmus-sb.txt"
	openly 0 litmus.txt litmus --check "${0%/*}/../scenarios/litmus" || return
	grep ' as expected, ' "$out/litmus.txt"
}

# --- a grid of parameters into the database

do_sweep() {
	rm -f "$study" "$study-journal" "$study-wal" "$study-shm"
	openly 0 sweep.txt sweep sweep-retries --seeds "$sweep_seeds" --db "$study" || return
	grep '^[0-9]* runs of' "$out/sweep.txt"
}

# --- the same scenario on two pinned threads, its rows beside the simulated ones

# Fewer CPUs than threads: they share them, which the rows say.
oversubscribe() {
	[ "$(nproc)" -ge 2 ] || echo --oversubscribe
}

on_hardware() {
	# shellcheck disable=SC2046 # one word or none is meant
	quietly 0 "hw-$1.txt" hw sweep-retries --set algorithm.retries="$1" \
		--set "task writer.count=1" --duration 1 --db "$study" $(oversubscribe)
}

do_hw() {
	[ -f "$study" ] || return
	echo "\$ $rmapsim hw sweep-retries --set algorithm.retries=N --set \"task writer.count=1\" \\"
	echo "      --duration 1 --db $study"
	printf '%-3s %12s %14s %14s\n' N walks restarts 'slow path'
	for n in 0 1 2 4 8; do
		on_hardware "$n" || return
		awk -v n="$n" '$1 == "walks" && $2 ~ /^[0-9]/ { w = $2 } $1 == "restarts" { r = $2 }
			$1 == "slow" { s = $3 }
			END { printf "%-3s %12s %14s %14s\n", n, w, r, s }' "$out/hw-$n.txt"
	done
}

# --- both on one plot

do_plots() {
	for plot in restarts slow-path walk-steps; do
		for format in png svg; do
			quietly 0 "plot-$plot.txt" plot $plot --db "$study" --format $format \
				--out "$out/$plot.$format" || return
		done
		echo "\$ $rmapsim plot $plot --db $study --out $out/$plot.png"
	done
	echo
	echo 'The query that gives one of the plotted numbers, and what it gives:'
	query=$(sed -n 's/^ *sqlite3 [^"]*"\(.*\)"$/\1/p' "$out/plot-slow-path.txt")
	echo "\$ sqlite3 $study \"$query\""
	sqlite3 "$study" "$query"
}

# --- where it all is

tell_next() {
	cat <<END

== Where it is, and what to try next
In $PWD:
  $out/campaign-*.txt     what each campaign printed
  $out/*.schedule         the failing run as its scheduler's answers
  $out/replay-full.txt    all of that run; mail-full.txt: all of the mail's
  $study          the sweep and the samples on hardware (doc/database.md)
  $out/*.png, *.svg       the plots: filled marks are simulated, open ones hardware
END
	[ -z "$shown" ] ||
		echo "These steps were done before and not repeated (--again does):$shown."
	cat <<END
  $rmapsim replay $broken --seed $(failing_seed) | less -S
  $rmapsim run busted-zero-end         another mistake
  $rmapsim list algorithms             the right ones, and all the mistakes
  $rmapsim verify nulls-restarts-forever   then replay it, with --rounds 1000
  $rmapsim hw $broken --checked   the mistake on real threads
  $rmapsim list checks                 what can go wrong, and how it is judged
  $rmapsim test                        all scenarios against what they expect
README, "How to write a scenario", goes on from here; scenarios/README is the format.
END
}

usage() {
	echo "usage: demo.sh PROGRAM FOLDER [--again]" >&2
	exit 2
}

[ $# -eq 2 ] || { [ $# -eq 3 ] && [ "$3" = --again ]; } || usage
rmapsim=$1 out=$2 again=${3-} failed='' shown=''
study=$out/study.db
LC_ALL=C
export LC_ALL
mkdir -p "$out" || exit 1

run_step caught 'A walker that is wrong on purpose: it ends at any nulls, its own or not'
run_step replay 'That seed, event by event: its last points, a column for each task'
run_step good 'The right algorithms under the same campaign, and under churn'
run_step mail 'The picture of the 2013 mail: positions 3, 2, 1; a writer pops and returns desc2'
run_step verify 'All schedules of that picture: a proof for this scenario, and its exact worst case'
run_step answers 'What was asked in 2013: which walk ends, against one writer that goes on for ever'
run_step models 'One order that x86 gives and others do not: a proof, and a schedule'
run_step litmus 'Litmus tests: what the models show, against what is known of them'
run_step sweep 'Retry limit x writers x algorithm: a grid, simulated into a database'
run_step hw 'The same scenario on two pinned threads of this machine, into the same database'
run_step plots 'Both on the same plots'
tell_next
[ -z "$failed" ]

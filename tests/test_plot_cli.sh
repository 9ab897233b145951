#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# rmapsim plot on the command line: exit statuses, where the image goes, what is
# left behind after a failure. Prints TAP; what needs gnuplot is skipped without it.
#
# RMAPSIM: the program (default: ./rmapsim). SRCDIR: the source (default: .).

. "$(dirname "$0")/tap.sh" || exit 99

RMAPSIM=${RMAPSIM:-./rmapsim}

case $RMAPSIM in
/*) ;;
*) RMAPSIM=$PWD/$RMAPSIM ;;
esac

tap_dir
cd "$dir" || exit 99

# gives STATUS TEXT ARG...: the program ends with STATUS and says TEXT on either output.
gives() {
	want=$1 text=$2
	shift 2
	"$RMAPSIM" "$@" >out 2>err </dev/null
	got=$?
	cat out err >both
	[ "$got" -eq "$want" ] && grep -q -e "$text" both
	result "rmapsim $* gives $want: $text" $?
}

# draws TEXT ARG...: as gives 0, where there is a gnuplot.
draws() {
	if command -v gnuplot >/dev/null 2>&1; then
		gives 0 "$@"
	else
		skip "$2 $3" 'gnuplot is not installed'
	fi
}

# says NAME COMMAND...: COMMAND succeeds.
says() {
	name=$1
	shift
	"$@" >/dev/null 2>&1
	result "$name" $?
}

"$RMAPSIM" sweep churn-position-w2 --sweep algorithm.name=position,nulls \
	--sweep algorithm.retries=0,1,2 --seeds 40 --jobs 1 --db study.db >out 2>err
says 'a sweep to plot' [ $? -eq 0 ]

gives 0 '^  restarts ' list plots
gives 0 '"name" : "slow-path"' list plots --json
gives 0 'rmapsim plot' plot --help
gives 0 '^  walk-steps ' plot --list
gives 0 'algorithm.retries  *0, 1, 2$' plot --list --db study.db

gives 2 'the NAME of a plot is needed: restarts' plot --db study.db
gives 2 "'nonsense' is no plot; valid are restarts" plot nonsense --db study.db
gives 2 'is one NAME too many' plot restarts walk-steps --db study.db
gives 2 '--db FILE is needed' plot restarts
gives 2 'no-such.db' plot restarts --db no-such.db
gives 2 'valid are png, svg, gnuplot' plot restarts --db study.db --format pdf
gives 2 'valid is the number of an experiment' plot restarts --db study.db --experiment x
gives 2 'valid are 0, 1, 2' plot restarts --db study.db --where retries=7
gives 2 'is the database itself' plot restarts --db study.db --format gnuplot --out study.db
echo text >text.db
gives 2 'is no database' plot restarts --db text.db

gives 2 'no samples on hardware in timing mode' plot throughput --db study.db
gives 0 '^throughput.gnuplot: ' plot throughput --db study.db --format gnuplot --where source=sim
gives 0 '^restarts.gnuplot: 4 points in 1 series' plot restarts --db study.db --format gnuplot
gives 0 '^\$curve0 << EOD' plot slow-path --db study.db --format gnuplot --out -
gives 0 '^new/deep/slow-path.gnuplot: ' plot slow-path --db study.db --format gnuplot \
	--out new/deep/
gives 0 '^new/slow-path.gnuplot: ' plot slow-path --db study.db --format gnuplot --out new
gives 3 'No such file' plot slow-path --db study.db --format gnuplot --out no/such/file
says 'the script of an image says how it is drawn' grep -q '^set terminal' restarts.gnuplot

"$RMAPSIM" plot slow-path --db study.db --format gnuplot --out first >out 2>err
"$RMAPSIM" plot slow-path --db study.db --format gnuplot --out second >out 2>err
says 'the same database gives the same script' cmp first second

draws '^restarts.png: ' plot restarts --db study.db
draws '^walk-steps.svg: ' plot walk-steps --db study.db --out walk-steps.svg
if [ -f walk-steps.svg ]; then
	says 'the name of a file chooses the format' grep -q '</svg>' walk-steps.svg
	gnuplot -d restarts.gnuplot >own.png 2>err
	says 'gnuplot draws the script by itself as rmapsim does' cmp own.png restarts.png
fi

mkdir bin
ln -s "$(command -v sh)" bin/sh
PATH=$dir/bin "$RMAPSIM" plot restarts --db study.db --out none.png >out 2>err
[ $? -eq 3 ] && grep -q 'package gnuplot-nox' err && [ ! -e none.png ]
result 'without gnuplot it gives 3, names the package and leaves no file' $?

if [ -c /dev/full ]; then
	"$RMAPSIM" plot restarts --db study.db --format gnuplot --out - >/dev/full 2>err
	says 'a full disk gives 3' [ $? -eq 3 ]
fi
cp first kept
(ulimit -f 1 && exec "$RMAPSIM" plot slow-path --db study.db --format gnuplot --out first \
	>/dev/null 2>&1)
says 'an image that cannot be written gives 3' [ $? -eq 3 ]
says 'and leaves the old one' cmp first kept
says 'and no temporary file' sh -c '! ls first?* 2>/dev/null'

tap_end

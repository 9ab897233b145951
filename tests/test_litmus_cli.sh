#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# litmus as a user meets it: folders, exit statuses, what is not understood, the
# table of expectations, limits, JSON, and the documented example. Prints TAP.
#
# RMAPSIM: the program (default: ./rmapsim). SRCDIR: the sources (default: ..).

. "$(dirname "$0")/tap.sh" || exit 99

RMAPSIM=$(realpath "${RMAPSIM:-./rmapsim}") && SRCDIR=$(realpath "${SRCDIR:-..}") || exit 99
tap_dir
cd "$dir" || exit 99

# gives NAME STATUS TEXT ARG...: the program ends with STATUS and says TEXT on either output.
gives() {
	name=$1 want=$2 text=$3
	shift 3
	"$RMAPSIM" litmus "$@" >out 2>err </dev/null
	got=$?
	[ "$got" -eq "$want" ] && cat out err | grep -q -e "$text"
	result "$name" $?
}

# sb NAME EXPECTATIONS: store buffering under that name
sb() {
	cat <<END
C $1

(*
 * rmapsim: $2
 *)

{}

P0(int *x, int *y)
{
	int r0;

	WRITE_ONCE(*x, 1);
	r0 = READ_ONCE(*y);
}

P1(int *x, int *y)
{
	int r0;

	WRITE_ONCE(*y, 1);
	r0 = READ_ONCE(*x);
}

exists (0:r0=0 /\\ 1:r0=0)
END
}

mkdir -p tests/deeper bad
sb SB 'sc=Never tso=Sometimes' >tests/b.litmus
sb SB-again 'sc=Never tso=Sometimes' >tests/deeper/a.litmus
sb SB-wrong 'sc=Sometimes' >wrong.litmus
sb SB-forbidden 'tso=Sometimes lkmm=Never' >forbidden.litmus
echo 'no test' >tests/c.txt
printf 'C one\n{}\nP0(int *x)\n{\n\tfoo(x);\n}\n' >bad/1.litmus
printf 'C two\n{}\nP0(int *x)\n{\n\tWRITE_ONCE(*x 1);\n}\n' >bad/2.litmus
sb three 'sc=Never' >bad/3.litmus
printf 'C endless\n{}\nP0(int *x)\n{\n\tint r0;\n\twhile (1) {\n\t\tr0++;\n\t\tWRITE_ONCE(*x, r0);\n\t}\n}\nexists (x=1)\n' >endless.litmus
printf 'C dead\n{}\nP0(spinlock_t *l)\n{\n\tspin_lock(l);\n\tspin_lock(l);\n}\n' >dead.litmus

gives 'a test is run' 0 'Observation SB Never 0 3' tests/b.litmus
gives 'the model is what was asked for' 0 'Observation SB Sometimes 1 3' --model tso tests/b.litmus
gives 'a folder and its folders' 0 '2 files: 2 tests run' tests
"$RMAPSIM" litmus tests >first 2>err
"$RMAPSIM" litmus tests/b.litmus tests/deeper >second 2>err
cmp -s first second && [ "$(grep -c '^Test' first)" -eq 2 ]
result 'files of a folder come sorted' $?
printf 'C no-text\n{\0}\n' >binary
gives 'a file that is no text' 2 'binary: holds bytes of value 0' binary
gives 'nothing to run' 2 'a FILE or FOLDER is needed'
gives 'a folder without tests' 2 'no \*.litmus in this folder' "$SRCDIR/man"
gives 'a file that is not there' 2 'nowhere.litmus' nowhere.litmus
gives 'a model that is not there' 2 'valid are sc, tso' --model strong tests
gives 'a limit of nothing' 2 'valid is a number from 1' --max-states 0 tests

gives 'what is not understood is named' 2 'bad/1.litmus:5:2: foo() is no primitive' bad
grep -q "bad/2.litmus:5:16: found '1', expected ',' and another argument" err &&
	grep -q '3 files: 1 tests run, 2 not understood' err && grep -q '^Test three' out
result 'and counted, and the others are run' $?

gives 'as expected' 0 '4 as expected, 0 not, 4 not judged' --check tests
grep -q '^weak  *-  *Sometimes  *not judged  *SB$' out && grep -q '2 files: 8 tests run' err
result 'what nothing is said of is run, and not judged' $?
gives 'not as expected' 1 'sc *Sometimes *Never *NOT AS EXPECTED *SB-wrong' --check wrong.litmus
gives 'what the kernel forbids is not expected' 1 'Sometimes, but Never (lkmm)' --check \
	--model tso forbidden.litmus
sed '/^C /a (* Result: DEADLOCK *)' dead.litmus >deadlock.litmus
gives 'a deadlock that is expected' 0 'weak  *DEADLOCK (lkmm)  *DEADLOCK  *ok  *dead' --check \
	deadlock.litmus
sed '/^C /a (* Result: DEADLOCK *)' endless.litmus | sed 's/while (1)/if (1)/' >alive.litmus
gives 'one that does not come' 1 'sc  *DEADLOCK (lkmm)  *Always  *NOT AS EXPECTED' --check \
	alive.litmus
sed '/^C /a (* rmapsim: lkmm=Never *)' dead.litmus >never.litmus
gives 'a deadlock is no outcome' 1 'Never (lkmm)  *DEADLOCK  *NOT AS EXPECTED' --check never.litmus
gives 'not as expected matters only to --check' 0 'Observation SB-wrong Never' wrong.litmus

gives 'a limit' 4 'incomplete under sc: states: more than 1000' --max-states 1000 endless.litmus
[ ! -s out ]
result 'of which nothing is claimed' $?
gives 'a deadlock' 0 'dead.litmus: can deadlock under sc: P0 waits in spin_lock l, held by P0' \
	dead.litmus
grep -q '^Flag deadlock$' out
result 'is in the log' $?

gives 'JSON' 2 '"not_understood" : 2' --json bad
if command -v python3 >/dev/null; then
	python3 -c 'import json, sys
d = json.load(open("out"))
assert d["schema"] == 1 and d["files"] == 3 and d["run"] == 1
t = [t for t in d["tests"] if t["result"] == "complete"]
assert len(t) == 1 and t[0]["observation"] == "Never" and len(t[0]["states"]) == 3
assert sum("expected" in t["reason"] for t in d["tests"] if t["result"] == "not understood")' 2>err
	result 'which is JSON' $?
else
	skip 'which is JSON' 'no python3'
fi

sed -n '/^    \$ rmapsim litmus --model tso/,/^    Observation/p' "$SRCDIR/doc/litmus.md" |
	sed '1d; s/^    //' >documented
(cd "$SRCDIR" && "$RMAPSIM" litmus --model tso scenarios/litmus/SB.litmus 2>/dev/null) |
	sed '/^$/d' >printed
[ -s documented ] && diff documented printed >diff.out
result 'doc/litmus.md shows what is printed' $? diff.out

tap_end

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The mutation of core/ itself: of a sample every kind of mutant is made, and each is C
# of as many lines; one mutant that a scenario catches and one that nothing can notice
# are told apart, with and without an argument; and each argument that ships is about a
# statement that is there. Prints TAP.
#
# SRCDIR: the sources. BUILDDIR: the build. CC: the compiler.

. "$(dirname "$0")/tap.sh" || exit 99

SRCDIR=$(realpath "${SRCDIR:-..}") && BUILDDIR=$(realpath "${BUILDDIR:-.}") || exit 99
CC=${CC:-cc}
tap_dir
tab=$(printf '\t')

# --- what is made of a sample

cat >"$dir/sample.c" <<'END'
/* if (a) in a comment is none; nor is "while (b)" in a string. */
#define UNUSED(x) do { if (x) f(x); } while (0)
struct s { long a, b; };
void f(long);
void WRITE_ONCE_(long *, long);
#define WRITE_ONCE(x, v) WRITE_ONCE_(&(x), v)
#define smp_store_release(p, v) WRITE_ONCE_(p, v)
void smp_wmb(void);

static const char *const words[] = { "if (x)" };

static void sample_audit(struct s *s)
{
	if (s->a)
		f(1);
}

long work(struct s *s, long n)
{
	long i, sum = s->a && n ? 1 : 2;

	WRITE_ONCE(s->a, n);
	smp_wmb();
	smp_store_release(&s->b,
			  n + 1);
	for (i = 0; i < n; i++) {
		if (i == 3 || s->a)
			break;
		f(i);
	}
	while (n--)
		continue;
	sample_audit(s);
	return sum == 2 ? i : words[0][0];
}
END
awk -f "$SRCDIR/tests/mutate.awk" "$dir/sample.c" >"$dir/out" 2>"$dir/err"

# made KIND MUTATION: a line of the list says so.
made() {
	cut -f4,5 "$dir/out" | grep -q -x -e "$1$tab$2"
	result "of the sample: $1, $2" $?
}

made test "'s->a && n' taken as true"
made test "'s->a && n' taken as false"
made test "'s->a' taken as true"
made test "'n' taken as true"
made store removed
made barrier removed
made order 'smp_store_release as WRITE_ONCE'
made test 'its test taken as true'
made test "'i == 3' taken as false"
made test 'it taken as true'
made jump removed
made call removed
made test "'sum == 2' taken as false"
! grep -q 'sample_audit	\|UNUSED\|words\[\]' "$dir/out"
result 'an audit, a macro, a string and a comment are left alone' $?
[ "$(wc -l <"$dir/out")" -eq 22 ]
result 'and there are no others' $?

lines=$(wc -l <"$dir/sample.c") bad=0 n=0
: >"$dir/err"
while read -r number line rest; do
	n=$((n + 1))
	awk -v want="$number" -f "$SRCDIR/tests/mutate.awk" "$dir/sample.c" >"$dir/mutant.c"
	[ "$(wc -l <"$dir/mutant.c")" -eq "$lines" ] && ! cmp -s "$dir/sample.c" "$dir/mutant.c" &&
		[ "$(diff "$dir/sample.c" "$dir/mutant.c" | sed -n '1s/[^0-9].*//p')" -eq "$line" ] &&
		$CC -w -fsyntax-only "$dir/mutant.c" 2>>"$dir/err" || {
		echo "$number $rest" >>"$dir/err"
		bad=1
	}
done <"$dir/out"
[ "$n" -gt 0 ] && [ "$bad" -eq 0 ]
result 'each is C that differs in the line that it names' $? "$dir/err"

# --- a mutant that is caught, one that is not

: >"$dir/none"

# mutate ARGUED FILE ONLY SCENARIO
mutate() {
	ARGUED=$1 SCENARIOS=$4 make -s -C "$BUILDDIR" mutate FILES="$2" ONLY="$3" JOBS=1 \
		>"$dir/out" 2>"$dir/err"
}

if ! command -v nm >/dev/null; then
	skip 'mutants in a build' 'no binutils'
	tap_end
	exit
fi

mutate "$dir/none" core/rmap_lock_bit.c '' lock-bit-alone
[ $? -eq 0 ] && grep -q '^    caught: lock-bit-alone, locking, ' "$dir/out"
result 'a bit that is never unlocked is caught, by the check that says so' $?

# No algorithm calls the small KVM: it is the other way round.
mutate "$dir/none" core/dirty_log.c 'harvest_word.*removed.*protect_page' dirty-log-walk
[ $? -eq 0 ] && grep -q '^    caught: dirty-log-walk, dirty-log, ' "$dir/out"
result 'a statement of the small KVM is tried where it runs' $?

# What the checks see of a guest that is not served: who waits beside it, and what it owes.
mutate "$dir/none" core/mmu_fault.c 'it taken as true.if (spte_allows_write(old, gfn))' fault-ends
[ $? -eq 0 ] && grep -q '^    caught: fault-ends, termination, verify' "$dir/out"
result 'a fault that lets nothing through is caught' $? "$dir/out" "$dir/err"
mutate "$dir/none" core/mmu_fault.c 'it taken as true.if (kvm->dirty_order != ' fault-ends
[ $? -eq 0 ] && grep -q '^    caught: fault-ends, dirty-log, ' "$dir/out"
result 'a fault that ends and has not marked its page is caught' $? "$dir/out" "$dir/err"

mutate "$dir/none" core/dirty_log.c 'harvest_word.*removed.*protect_page' nulls-alone
[ $? -eq 2 ] && grep -q 'no such scenario' "$dir/err"
result 'and that nothing has been tried is no survival' $?

# In every model a load orders what is reached through it, whatever it is called.
plain='node_pass.*rcu_dereference as READ_ONCE.*next)'
mutate "$dir/none" core/rmap_node.c "$plain" hlist-nulls-alone
[ $? -ne 0 ] && grep -q '^    SURVIVED' "$dir/out" &&
	grep -q '^not caught, and no argument: core/rmap_node.c:.* as READ_ONCE' "$dir/out"
result 'one that nothing notices is no success' $?

cat >"$dir/argued" <<'END'
# A comment.
file: core/rmap_node.c
function: node_pass
statement: at.word = rcu_dereference(node_of(at.word)->next)
mutation: rcu_dereference as READ_ONCE
why: the dependency is the value's.
END
mutate "$dir/argued" core/rmap_node.c "$plain" hlist-nulls-alone
[ $? -eq 0 ] && grep -q '^    SURVIVED' "$dir/out"
result 'but with an argument it is' $?

cat >"$dir/argued" <<'END'
file: core/rmap_lock_bit.c
function: lock_bit_walk
statement: rmap_unlock_readonly(rmap, head)
mutation: removed
why: it is not so.

file: core/rmap_lock_bit.c
function: lock_bit_walk
statement: no_such_statement()
mutation: removed
why: there is none.
END
mutate "$dir/argued" core/rmap_lock_bit.c '' lock-bit-alone
[ $? -ne 0 ] && grep -q '^argued for, but caught (.*rmap_unlock_readonly' "$dir/out" &&
	grep -q '^argued for, but there is none: .*no_such_statement' "$dir/out"
result 'an argument that is wrong, and one that has lost its statement, are told' $?

mutate "$dir/none" core/no_such_file.c '' lock-bit-alone
[ $? -ne 0 ] && grep -q 'FILES: core/no_such_file.c is not there' "$dir/err"
result 'a file that is not there is named' $?

# --- the arguments that ship

make -s -C "$BUILDDIR" mutate MUTATE_ARGS=--list 2>"$dir/err" |
	awk -F'\t' '{ print $1 "\t" $4 "\t" $7 "\t" $6 }' | sort -u >"$dir/there"
awk '/^file: /{ f = substr($0, 7) } /^function: /{ n = substr($0, 11) }
	/^statement: /{ s = substr($0, 12) } /^mutation: /{ print f "\t" n "\t" s "\t" substr($0, 11) }' \
	"$SRCDIR/tests/mutants.equivalent" | sort >"$dir/argued"
[ "$(wc -l <"$dir/there")" -gt 300 ] && [ -s "$dir/argued" ]
result 'there are mutants, and arguments' $?
comm -13 "$dir/there" "$dir/argued" >"$dir/lost"
uniq -d "$dir/argued" >>"$dir/lost"
[ ! -s "$dir/lost" ]
result 'each argument is about a statement that is there, once' $? "$dir/lost"
awk '/^file: / && n && !why { print NR ": nothing says why before this" } /^file: /{ n++; why = 0 }
	/^why: ./{ why = 1 } END { if (!why) print "nothing says why at the end" }' \
	"$SRCDIR/tests/mutants.equivalent" >"$dir/lost"
[ ! -s "$dir/lost" ]
result 'each says why' $? "$dir/lost"

tap_end

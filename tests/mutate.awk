# SPDX-License-Identifier: GPL-2.0-or-later
#
# The mutants of one C file in kernel style: what tests/mutate.sh tries. Prints one
# a line, fields apart by tabs:
#
#	NUMBER LINE FUNCTION KIND MUTATION STATEMENT
#
# or, with -v want=NUMBER, the file with that mutation in it, which has the lines
# where they were. KIND is
#
#	store	a store, or a step of a counter, is left out
#	order	an acquire, a release or a full barrier of an access becomes a plain ONCE
#	barrier	a barrier is left out
#	call	a call of which only the effect counts is left out
#	test	a condition, or an operand of && or ||, is taken as true or as false; what
#		it does besides is still done
#	jump	a break or continue is left out
#
# What is no part of an algorithm is left alone: assertions, notes, statistics; the
# functions that audit, describe and declare (-v skip='REGEXP' of their names).

BEGIN {
	if (!skip)
		skip = "(_audit|audit_|_assert_|_describe|_check_extent|_objects_max|_append$)"
	notes = "^(mark_state|depends_on_load|walk_step|walk_restart|walk_slow_path|" \
		"kvm_note|mark_outer|update_outer|fault_goes_on|zap_goes_on|" \
		"WARN_ON_ONCE|lockdep_[a-z_]+|mmu_assert[a-z_]*)\\("
	stores = "(WRITE_ONCE|WRITE_PLAIN|smp_store_release|smp_store_mb|rcu_assign_pointer|" \
		"(^|[^_a-z])set_bit|clear_bit)\\("
	barriers = "^(barrier|smp_mb[a-z_]*|smp_rmb|smp_wmb)\\("
	# A primitive, and the one without its order; "*" where it takes no address.
	n_weak = split("smp_load_acquire READ_ONCE * smp_store_release WRITE_ONCE * " \
		"smp_store_mb WRITE_ONCE - rcu_dereference READ_ONCE - " \
		"rcu_assign_pointer WRITE_ONCE - " \
		"try_cmpxchg try_cmpxchg_relaxed - cmpxchg cmpxchg_relaxed - " \
		"xchg xchg_relaxed - " \
		"try_cmpxchg_acquire try_cmpxchg_relaxed - " \
		"cmpxchg_acquire cmpxchg_relaxed - xchg_acquire xchg_relaxed - " \
		"try_cmpxchg_release try_cmpxchg_relaxed - " \
		"cmpxchg_release cmpxchg_relaxed - xchg_release xchg_relaxed - " \
		"read_seqcount_begin read_seqcount_begin_relaxed - " \
		"read_seqcount_retry read_seqcount_retry_relaxed - " \
		"write_seqcount_begin write_seqcount_begin_relaxed - " \
		"write_seqcount_end write_seqcount_end_relaxed -", weak, " ")
}

# --- the text, and a mask of it without comments, strings and preprocessor lines

{
	text = text $0 "\n"
	mask = mask masked($0) "\n"
}

function blanks(n,	s) {
	s = sprintf("%" n "s", "")
	return n ? s : ""
}

function masked(line,	out, c, at, n) {
	if (in_macro || (!in_comment && line ~ /^[ \t]*#/)) {
		in_macro = line ~ /\\$/
		return blanks(length(line))
	}
	n = length(line)
	for (at = 1; at <= n; at++) {
		c = substr(line, at, 1)
		if (in_comment) {
			if (substr(line, at, 2) == "*/") {
				in_comment = 0
				out = out " "
				at++
			}
			out = out " "
		} else if (substr(line, at, 2) == "/*") {
			in_comment = 1
			out = out "  "
			at++
		} else if (substr(line, at, 2) == "//") {
			return out blanks(n - at + 1)
		} else if (c == "\"" || c == "'") {
			out = out " "
			for (at++; at <= n && substr(line, at, 1) != c; at++) {
				if (substr(line, at, 1) == "\\") {
					out = out " "
					at++
				}
				out = out " "
			}
			out = out " "
		} else {
			out = out c
		}
	}
	return out
}

# --- places in the text

function M(at) { return substr(mask, at, 1) }

# The bracket that closes the one at `at`.
function closing(at,	depth, c) {
	for (; at <= end; at++) {
		c = M(at)
		if (c ~ /[][(){}]/) {
			depth += c ~ /[[({]/ ? 1 : -1
			if (!depth)
				return at
		}
	}
	return end
}

function line_of(at,	head) {
	head = substr(text, 1, at)
	return gsub(/\n/, "", head) + 1
}

function newlines(from, to,	s, n) {
	s = substr(text, from, to - from + 1)
	n = gsub(/\n/, "", s)
	s = ""
	while (n--)
		s = s "\n"
	return s
}

# In one line, for people and for the list of those that are argued for.
function squeezed(from, to,	s) {
	s = substr(text, from, to - from + 1)
	gsub(/[ \t\n]+/, " ", s)
	sub(/^ /, "", s)
	sub(/ $/, "", s)
	return s
}

# --- what is found

function mutant(from, to, kind, mutation, instead,	key, s) {
	if (to < from)
		return
	s = squeezed(statement_from, statement_to)
	key = name SUBSEP mutation SUBSEP s
	if (seen[key]++)
		mutation = mutation " (occurrence " seen[key] ")"
	number++
	if (!want)
		printf "%d\t%d\t%s\t%s\t%s\t%s\n", number, line_of(from), name, kind, mutation, s
	else if (number == want)
		printf "%s%s%s", substr(text, 1, from - 1), instead, substr(text, to + 1)
}

function left_out(from, to, kind) {
	mutant(from, to, kind, "removed", ";" newlines(from, to))
}

function taken_as(from, to, value, what) {
	mutant(from, to, "test", what " taken as " (value ? "true" : "false"),
	       "((void)(" substr(text, from, to - from + 1) "), " value ")")
}

# Blanks at both ends do not count: sets lo and hi.
function trim(from, to) {
	for (lo = from; lo < to && M(lo) ~ /[ \t\n]/; lo++)
		;
	for (hi = to; hi > lo && M(hi) ~ /[ \t\n]/; hi--)
		;
}

# A condition as a whole. An assertion is only tried the way in which it fires.
function condition(from, to, what,	s) {
	trim(from, to)
	s = substr(mask, lo, hi - lo + 1)
	if (s ~ /^1?$/)
		return
	if (s !~ /^!WARN_ON_ONCE/)
		taken_as(lo, hi, 1, what)
	if (s !~ /^WARN_ON_ONCE/)
		taken_as(lo, hi, 0, what)
}

# Does an operand that is looked for from an operator end here?
function ends_operand(at, op,	c, two) {
	c = M(at)
	two = substr(mask, at, 2)
	if (two == "&&" || two == "||" || substr(mask, at - 1, 2) ~ /^(&&|\|\|)$/)
		return op == "?" ? 0 : op == "||" ? two == "||" || substr(mask, at - 1, 2) == "||" : 1
	if (c == "=" && M(at + 1) != "=" && M(at - 1) !~ /[=!<>]/)
		return 1
	return c ~ /[,?:;]/
}

function operand_left(at, from, op,	depth, c) {
	for (at--; at >= from; at--) {
		c = M(at)
		if (c ~ /[])}]/) depth++
		if (c ~ /[[({]/ && --depth < 0) break
		if (!depth && ends_operand(at, op)) break
	}
	return at + 1
}

function operand_right(at, to, op,	depth, c) {
	for (at++; at <= to; at++) {
		c = M(at)
		if (c ~ /[[({]/) depth++
		if (c ~ /[])}]/ && --depth < 0) break
		if (!depth && ends_operand(at, op)) break
	}
	return at - 1
}

function operand(from, to, neutral) {
	trim(from, to)
	taken_as(lo, hi, neutral, "'" squeezed(lo, hi) "'")
}

# Conditions inside an expression: of ?:, and the operands of && and ||.
function inside(from, to,	at, two, begin) {
	for (at = from; at <= to; at++) {
		two = substr(mask, at, 2)
		if (M(at) == "?") {
			begin = operand_left(at, from, "?")
			if (substr(mask, begin, 7) ~ /^return[ (]/)
				begin += 6
			trim(begin, at - 1)
			if (substr(mask, lo, 7) ~ /^return[ (]/)
				trim(lo + 6, at - 1)
			condition(lo, hi, "'" squeezed(lo, hi) "'")
		} else if (two == "&&" || two == "||") {
			begin = operand_left(at, from, two)
			trim(begin, at - 1)
			if (substr(mask, lo, 7) ~ /^return[ (]/)
				trim(lo + 6, at - 1)
			if (substr(mask, begin - 2, 2) != two)
				operand(lo, hi, two == "&&")
			operand(at + 2, operand_right(at + 1, to, two), two == "&&")
			at++
		}
	}
}

# Accesses that order more than themselves.
function orders(from, to,	i, at, s, open, close_, address) {
	for (i = 1; i <= n_weak; i += 3) {
		at = from
		while ((s = index(substr(mask, at, to - at + 1), weak[i] "(")) > 0) {
			at += s - 1
			open = at + length(weak[i])
			if (M(at - 1) !~ /[A-Za-z0-9_]/) {
				address = substr(text, open + 1, argument(open) - open - 1)
				mutant(at, argument(open) - 1, "order", weak[i] " as " weak[i + 1],
				       weak[i + 1] "(" (weak[i + 2] == "*" ? "*(" address ")" : address))
			}
			at = open
		}
	}
}

# Where the first argument behind this bracket ends.
function argument(open,	at, depth, c) {
	for (at = open + 1; at <= end; at++) {
		c = M(at)
		if (c ~ /[[({]/) depth++
		if (c ~ /[])}]/ && --depth < 0) return at
		if (c == "," && !depth) return at
	}
	return at
}

function simple(from, to,	s) {
	statement_from = from
	statement_to = to - 1
	s = substr(mask, from, to - from)
	if (s ~ /^(break|continue)$/)
		left_out(from, to, "jump")
	else if (s ~ notes || s ~ /^\(void\)[a-z_]+$/)
		;
	else if (s ~ /^return/ || s ~ /^goto/ || s ~ /^[A-Za-z_][A-Za-z_0-9]*[ ]+\**[A-Za-z_]/)
		;
	else if (s ~ barriers)
		left_out(from, to, "barrier")
	else if (s ~ stores || s ~ /(\+\+|--)$/ || s ~ /^[*a-z_]+(->|\[)[^()]*[^=!<>]=[^=]/ ||
		 s ~ /^\*[a-z_]+ = /)
		left_out(from, to, "store")
	else if (s ~ /^[a-zA-Z_]+(->[a-z_]+)?\(/ && closing(index(s, "(") + from - 1) == to - 1)
		left_out(from, to, "call")
	if (s !~ notes) {
		orders(from, to)
		inside(from, to - 1)
	}
}

# A head of a loop or test: from its keyword to its closing bracket.
function head(from, word,	open, last, at, second) {
	open = from + index(substr(mask, from), "(") - 1
	last = closing(open)
	statement_from = from
	statement_to = last
	if (word == "for") {
		at = next_semicolon(open + 1)
		second = next_semicolon(at + 1)
		if (second > at + 1 && substr(mask, at + 1, second - at - 1) ~ /[^ \t\n]/)
			condition(at + 1, second - 1, "its test")
	} else if (word != "switch") {
		condition(open + 1, last - 1, "it")
	}
	orders(open, last)
	inside(open + 1, last - 1)
	return last + 1
}

function next_semicolon(at,	c, depth) {
	for (; at <= end; at++) {
		c = M(at)
		if (c ~ /[[({]/) depth++
		if (c ~ /[])}]/) depth--
		if (c == ";" && depth <= 0) return at
	}
	return end
}

function body(from, to,	at, rest, c) {
	for (at = from; at <= to; at++) {
		c = M(at)
		if (c ~ /[ \t\n{};]/)
			continue
		rest = substr(mask, at, 120)
		if (match(rest, /^(if|while|for|switch)[ ]*\(/)) {
			c = substr(rest, 1, match(rest, /[ (]/) - 1)
			at = head(at, c) - 1
		} else if (match(rest, /^(else|do)[ \t\n{]/)) {
			at += rest ~ /^else/ ? 3 : 1
		} else if (match(rest, /^(case [A-Za-z_0-9' ]*|[a-z_]+):/)) {
			at += RLENGTH - 1
		} else {
			rest = next_semicolon(at)
			simple(at, rest)
			at = rest
		}
	}
}

# The name of the function whose body begins at `at`.
function function_name(at,	s, i) {
	s = substr(mask, 1, at - 1)
	for (i = length(s) - 1; i > 0; i--)
		if (substr(s, i, 1) ~ /[;}]/ || substr(s, i, 2) == "\n\n")
			break
	s = substr(s, i + 1)
	gsub(/__attribute__\(\([a-z_]*\)\)/, "", s)
	if (!match(s, /[A-Za-z_0-9]+\(/))
		return ""
	return substr(s, RSTART, RLENGTH - 1)
}

END {
	end = length(mask)
	at = 1
	while ((i = index(substr(mask, at), "\n{\n")) > 0) {
		at += i
		i = index(substr(mask, at), "\n}")
		name = function_name(at)
		if (name && name !~ skip)
			body(at + 1, at + i - 1)
		at += i
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Litmus tests by a fixed generator. What a search leaves out must change no
 * final state and no deadlock; each model must show what the one before it
 * shows; and no text, however broken, may do the parsers any harm.
 *
 * RMAPSIM_LONG: ten times as many.
 */
#include <stdlib.h>
#include <string.h>
#include "sim/engine/rng.h"
#include "sim/litmus/explore.h"
#include "sim/litmus/print.h"

#define PROGRAMS	300
#define MUTANTS		10000
#define STATES_MAX	300000
#define ALL_STATES_MAX	20000	/* of a search that leaves nothing out */

static unsigned int how_many(unsigned int n)
{
	return getenv("RMAPSIM_LONG") ? 10 * n : n;
}

/* --- programs */

static void add_access(GString *s, struct rng *rng, unsigned int *reg)
{
	static const char *const reads[] = {
		"\tr%u = READ_ONCE(*%c);\n", "\tr%u = smp_load_acquire(%c);\n",
		"\tr%u = xchg(%c, 3);\n", "\tr%u = xchg_relaxed(%c, 3);\n",
		"\tr%u = atomic_fetch_add_acquire(2, %c);\n", "\tr%u = cmpxchg(%c, 1, 4);\n",
	};
	static const char *const writes[] = {
		"\tWRITE_ONCE(*%c, %u);\n", "\tsmp_store_release(%c, %u);\n",
		"\tsmp_store_mb(*%c, %u);\n",
	};
	char place = "xyz"[rng_below(rng, 3)];

	if (rng_below(rng, 2))
		g_string_append_printf(s, reads[rng_below(rng, G_N_ELEMENTS(reads))], (*reg)++,
				       place);
	else
		g_string_append_printf(s, writes[rng_below(rng, G_N_ELEMENTS(writes))], place,
				       1 + rng_below(rng, 2));
}

static void add_statement(GString *s, struct rng *rng, unsigned int *reg)
{
	static const char *const fences[] = {
		"\tsmp_mb();\n", "\tsmp_rmb();\n", "\tsmp_wmb();\n", "\tsynchronize_rcu();\n",
		"\tatomic_inc(x);\n\tsmp_mb__after_atomic();\n",
	};

	switch (rng_below(rng, 10)) {
	case 0:
		g_string_append(s, "\trcu_read_lock();\n");
		add_access(s, rng, reg);
		add_access(s, rng, reg);
		g_string_append(s, "\trcu_read_unlock();\n");
		break;
	case 1:
		g_string_append(s, "\tspin_lock(l);\n");
		add_access(s, rng, reg);
		g_string_append(s, "\tspin_unlock(l);\n");
		break;
	case 2:
		if (*reg)
			g_string_append_printf(s, "\tif (r%u == 1)\n", *reg - 1);
		g_string_append(s, "\tWRITE_ONCE(*z, 1);\n");
		break;
	case 3:
	case 4:
		g_string_append(s, fences[rng_below(rng, G_N_ELEMENTS(fences))]);
		break;
	default:
		add_access(s, rng, reg);
	}
}

/* Two processes with up to five statements, or three with up to three. */
static char *random_program(struct rng *rng)
{
	unsigned int n = 2 + rng_below(rng, 2), i, k, reg, statements;
	GString *s = g_string_new("C random\n{}\n"), *cond = g_string_new("true");

	for (i = 0; i < n; i++) {
		g_string_append_printf(s, "P%u(int *x, int *y, int *z, spinlock_t *l)\n{\n", i);
		statements = 1 + rng_below(rng, n == 2 ? 5 : 3);
		for (k = reg = 0; k < statements; k++)
			add_statement(s, rng, &reg);
		g_string_append(s, "}\n");
		for (k = 0; k < reg; k++) {
			if (rng_below(rng, 4))
				g_string_append_printf(cond, " /\\ %u:r%u=1", i, k);
		}
	}
	if (rng_below(rng, 2))
		g_string_append(s, "locations [x; z]\n");
	g_string_append_printf(s, "exists (%s)\n", cond->str);
	g_string_free(cond, TRUE);
	return g_string_free(s, FALSE);
}

/* --- final states */

static GPtrArray *states_of(const struct litmus_program *program, const char *model, bool all)
{
	const struct litmus_limits limits = {
		.states_max = all ? ALL_STATES_MAX : STATES_MAX, .every_order = all,
	};
	GPtrArray *states = g_ptr_array_new_with_free_func(g_free);
	struct litmus_result result;
	GError *error = NULL;
	unsigned int i;

	litmus_explore(program, model, &limits, &result, &error);
	g_assert_no_error(error);
	if (result.end != LITMUS_COMPLETE) {	/* no use */
		litmus_result_clear(&result);
		g_ptr_array_unref(states);
		return NULL;
	}
	for (i = 0; i < result.n_states; i++)
		g_ptr_array_add(states, litmus_state_text(program, &result, i));
	if (result.deadlock)
		g_ptr_array_add(states, g_strdup("deadlock"));
	litmus_result_clear(&result);
	return states;
}

static bool holds(const GPtrArray *states, const char *state)
{
	guint i;

	for (i = 0; i < states->len; i++) {
		if (!strcmp(states->pdata[i], state))
			return true;
	}
	return false;
}

static void assert_part_of(const GPtrArray *a, const GPtrArray *b, const char *text,
			   const char *model)
{
	guint i;

	for (i = 0; i < a->len; i++) {
		if (!holds(b, a->pdata[i]))
			g_error("%s lacks %s:\n%s", model, (char *)a->pdata[i], text);
	}
}

static void look_at_program(const char *text)
{
	static const char *const models[] = { "sc", "tso", "pso", "weak" };
	struct litmus_program *program;
	GPtrArray *before = NULL, *states, *all;
	GError *error = NULL;
	unsigned int m;

	program = litmus_parse("random", text, strlen(text), &error);
	g_assert_no_error(error);
	for (m = 0; m < G_N_ELEMENTS(models); m++) {
		states = states_of(program, models[m], false);
		if (!states)	/* too large to be of use */
			break;
		all = states_of(program, models[m], true);
		if (all) {
			assert_part_of(all, states, text, models[m]);
			assert_part_of(states, all, text, "everything");
			g_ptr_array_unref(all);
		}
		if (before) {
			assert_part_of(before, states, text, models[m]);
			g_ptr_array_unref(before);
		}
		before = states;
	}
	if (before)
		g_ptr_array_unref(before);
	litmus_program_free(program);
}

static void test_reductions(void)
{
	unsigned int i, n = how_many(PROGRAMS);
	struct rng rng;

	for (i = 0; i < n; i++) {
		char *text;

		rng_init(&rng, 1, i);
		text = random_program(&rng);
		look_at_program(text);
		g_free(text);
	}
}

/* --- broken texts */

static const char seed_c[] =
	"C SB\n\"a\"\nHash=1\n(* Result: Never *)\n"
	"{ int x = 1; int *p = &x; a[2] = {1, 2}; 0:r3=4; }\n"
	"P0(int *x, int **p, spinlock_t *l)\n{\n\tint r0;\n\tspin_lock(l);\n\tWRITE_ONCE(*x, 1);\n"
	"\tif (READ_ONCE(*x) && xchg(x, 2) || r0) { r0 = **p; } else for (r0 = 0; r0 < 2; r0++)\n"
	"\t\tsmp_mb();\n\tspin_unlock(l);\n\tr0 = atomic_add_unless(x, 1, 3) ? 1 : 2;\n}\n"
	"P1(int *x)\n{\n\tint r1 = (char)smp_load_acquire(x);\n\tdo { r1 = cmpxchg(x, r1, -1); }\n"
	"\twhile (r1 == 7);\n}\nlocations [x; 0:r0;]\nfilter (x=1)\n"
	"exists (0:r0=1 /\\ ~(x=0 \\/ 1:r1=0:r0 => true))\n";

static const char seed_x86[] =
	"X86 SB\n\"Fre\"\n{ x=0; 0:EAX=x; int64_t y=3; }\n P0          | P1          ;\n"
	" MOV [x],$1  | MOV [z],$1  ;\n L0: MFENCE | LOCK XADD [x],EBX ;\n"
	" CMP EAX,$1 | XCHG [x],EAX ;\n"
	" JNE L0 | LOCK CMPXCHG [x],ECX ;\n MOV EAX,[z] | INC EAX ;\n"
	"exists (0:EAX=0 /\\ 1:EAX=0)\n";

static const char seed_x86_64[] =
	"X86_64 A\n{ int64_t t[2]={1,-1}; 0:rax=t; }\nP0 ;\n movq 8(%rax,%rbx,8),%rcx ;\n"
	" addl $3,%ecx ;\n movb %cl,(z) ;\n testq %rax,%rax ;\n je L1 ;\n L1: nop ;\n"
	"forall 0:rcx = -1\n";

static const char *const seeds[] = { seed_c, seed_x86, seed_x86_64 };

static const char *const pieces[] = {
	"{", "}", "(", ")", "[", "]", "(*", "*)", "/*", "*/", "//", "\"", ";", "|", ",", "=", ":",
	"*", "&", "&&", "||", "/\\", "\\/", "=>", "~", "P0", "P1", "P99", "x", "r0", "0:r0", "EAX",
	"$1", "%rax", "LOCK", "int", "spinlock_t", "if", "else", "while", "do",
	"struct srcu_struct", "for", "break", "return", "READ_ONCE", "xchg", "exists", "forall",
	"locations", "filter",
	"99999999999999999999", "-1", "0x7fffffffffffffff", "\n", "\xff", "C", "X86", "",
};

static void mutate(GString *s, struct rng *rng)
{
	unsigned int n = 1 + rng_below(rng, 4);

	while (n-- && s->len) {
		gsize at = rng_below(rng, s->len), len = rng_below(rng, 12);
		const char *piece = pieces[rng_below(rng, G_N_ELEMENTS(pieces))];

		switch (rng_below(rng, 4)) {
		case 0:
			g_string_insert(s, at, piece);
			break;
		case 1:
			g_string_erase(s, at, MIN(len, s->len - at));
			break;
		case 2:
			s->str[at] = rng_below(rng, 256);
			break;
		default:
			g_string_truncate(s, rng_below(rng, 8) ? s->len : at);
			g_string_insert_len(s, rng_below(rng, s->len + 1), s->str,
					    MIN(len, s->len));
		}
	}
}

/* What is still a test is run, too: a broken one may do anything but harm. */
static void look_at_mutant(const GString *s, unsigned int number)
{
	static const char *const models[] = { "sc", "tso", "pso", "weak" };
	const struct litmus_limits limits = { .states_max = 500 };
	struct litmus_program *program;
	struct litmus_result result;
	GError *error = NULL;
	char *printed;

	program = litmus_parse("mutant", s->str, s->len, &error);
	if (!program) {
		g_assert_true(error->domain == LITMUS_ERROR);
		g_assert_true(g_str_has_prefix(error->message, "mutant:"));
		g_clear_error(&error);
		return;
	}
	if (litmus_explore(program, models[number % 4], &limits, &result, &error)) {
		printed = litmus_print(program, &result);
		g_free(printed);
		litmus_result_clear(&result);
	} else {
		g_assert_error(error, LITMUS_ERROR, LITMUS_ERROR_REFUSED);
		g_clear_error(&error);
	}
	litmus_program_free(program);
}

static void test_mutants(void)
{
	unsigned int i, n = how_many(MUTANTS);
	struct rng rng;

	for (i = 0; i < n; i++) {
		GString *s;

		rng_init(&rng, 2, i);
		s = g_string_new(seeds[i % G_N_ELEMENTS(seeds)]);
		mutate(s, &rng);
		look_at_mutant(s, i);
		g_string_free(s, TRUE);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/litmus-random/reductions", test_reductions);
	g_test_add_func("/litmus-random/mutants", test_mutants);
	return g_test_run();
}

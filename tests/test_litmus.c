/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Litmus tests: what the parsers make of a text, what they refuse and where,
 * what a body computes, which final states there are, and the form in which
 * they are printed. What is expected was worked out by hand, from C's rules and
 * the models' definitions.
 */
#include <string.h>
#include "sim/litmus/explore.h"
#include "sim/litmus/print.h"

static struct litmus_program *parsed(const char *text)
{
	GError *error = NULL;
	struct litmus_program *program = litmus_parse("t.litmus", text, strlen(text), &error);

	g_assert_no_error(error);
	g_assert_nonnull(program);
	return program;
}

/* Final states as lines, or the message of a refusal; to be freed. */
static char *states_of(const char *text, const char *model)
{
	const struct litmus_limits limits = { .states_max = 1000000 };
	struct litmus_program *program = parsed(text);
	GString *lines = g_string_new(NULL);
	struct litmus_result result;
	GError *error = NULL;
	unsigned int i;

	if (!litmus_explore(program, model, &limits, &result, &error)) {
		g_string_assign(lines, error->message);
		g_error_free(error);
		litmus_program_free(program);
		return g_string_free(lines, FALSE);
	}
	g_assert_cmpint(result.end, ==, LITMUS_COMPLETE);
	for (i = 0; i < result.n_states; i++) {
		char *state = litmus_state_text(program, &result, i);

		g_string_append_printf(lines, "%s%s", i ? "\n" : "", state);
		g_free(state);
	}
	litmus_result_clear(&result);
	litmus_program_free(program);
	return g_string_free(lines, FALSE);
}

static void assert_states(const char *text, const char *model, const char *expected)
{
	char *states = states_of(text, model);

	g_assert_cmpstr(states, ==, expected);
	g_free(states);
}

/* One process computes; nobody else is there, so every model gives one state. */
static void assert_computes(const char *body, const char *shown, const char *expected)
{
	static const char *const under[] = { "sc", "tso", "pso", "weak" };
	char *text = g_strdup_printf("C t\n{}\nP0(int *x, int *y)\n{\n%s\n}\nlocations [%s]\n",
				     body, shown);
	unsigned int i;

	for (i = 0; i < G_N_ELEMENTS(under); i++)
		assert_states(text, under[i], expected);
	g_free(text);
}

/* --- parsing */

static const char mp[] =
	"C MP+x\n\"a text\"\nHash=0123456789abcdef\n\n(*\n * Result: Never\n"
	" * rmapsim: sc=Never tso=Sometimes weak=Always\n *)\n\n{\n"
	"\tint z = 3; p = &z; 1:r9 = 5;\n}\n\n"
	"P0(int *x, int **p) // Producer\n{\n\tWRITE_ONCE(*x, 1);\n\tsmp_store_release(p, x);\n}\n"
	"\n"
	"P1(int *x, int **p)\n{\n\tint *r0;\n\tint r10;\n\tint r2;\n\n\tr0 = READ_ONCE(*p);\n"
	"\tr2 = READ_ONCE(*r0);\n\tr10 = r9;\n}\n\n"
	"locations [z; 1:r10;]\nexists (1:r0=x /\\ ~(1:r2=1 \\/ x=0)) (* Bad. *)\n";

static void test_parts(void)
{
	struct litmus_program *p = parsed(mp);
	char *names[8];
	unsigned int i;

	g_assert_cmpstr(p->arch, ==, "C");
	g_assert_cmpstr(p->name, ==, "MP+x");
	g_assert_cmpstr(p->hash, ==, "0123456789abcdef");
	g_assert_cmpuint(p->n_procs, ==, 2);
	g_assert_cmpuint(p->n_locs, ==, 3);
	g_assert_cmpint(p->loc[0].init.number, ==, 3);
	g_assert_true(p->loc[1].init.is_address);
	g_assert_cmpint(p->loc[1].kind, ==, LITMUS_LOC_POINTER);
	g_assert_cmpstr(p->condition_text, ==, "exists (1:r0=x /\\ not (1:r2=1 \\/ x=0))");
	/* Registers before locations, each as text. */
	g_assert_cmpuint(p->n_items, ==, 5);
	for (i = 0; i < p->n_items; i++)
		names[i] = litmus_item_name(p, p->item[i]);
	g_assert_cmpstr(names[0], ==, "1:r0");
	g_assert_cmpstr(names[1], ==, "1:r10");
	g_assert_cmpstr(names[2], ==, "1:r2");
	g_assert_cmpstr(names[3], ==, "x");
	g_assert_cmpstr(names[4], ==, "z");
	for (i = 0; i < p->n_items; i++)
		g_free(names[i]);
	litmus_program_free(p);
}

static void test_expectations(void)
{
	struct litmus_program *p = parsed(mp);

	g_assert_cmpstr(litmus_expected(p, "sc"), ==, "Never");
	g_assert_cmpstr(litmus_expected(p, "tso"), ==, "Sometimes");
	g_assert_cmpstr(litmus_expected(p, "weak"), ==, "Always");
	g_assert_null(litmus_expected(p, "pso"));
	g_assert_null(litmus_expected(p, "s"));
	g_assert_cmpstr(litmus_expected(p, "lkmm"), ==, "Never");
	litmus_program_free(p);
}

/* A register's contents count no more behind its last use; its place is then free. */
static void test_dead_registers(void)
{
	struct litmus_program *p = parsed("C t\n{}\nP0(int *x, int *y)\n{\n"
					  "\tint r0 = READ_ONCE(*x);\n"
					  "\tint r1 = r0 + 1;\n\tWRITE_ONCE(*y, r1);\n"
					  "\tWRITE_ONCE(*x, 2);\n}\nexists (0:r1=1)\n");
	const struct litmus_proc *proc = &p->proc[0];

	g_assert_cmpuint(proc->n_insns, ==, 5);
	g_assert_cmpint(proc->insn[0].kind, ==, LITMUS_LOAD);
	g_assert_cmpuint(proc->insn[2].dead, ==, 1u << proc->insn[0].to);
	g_assert_cmpuint(proc->insn[4].dead, ==, 0);
	g_assert_cmpuint(proc->insn[2].deps.data, ==, 1u << proc->insn[1].to);
	/* y is never loaded and not looked at: its store is in vain, that to x is not. */
	g_assert_true(proc->insn[2].in_vain);
	g_assert_false(proc->insn[3].in_vain);
	litmus_program_free(p);
}

/* --- complaints */

#define C_BODY(text) "C t\n{}\nP0(int *x)\n{\n" text "\n}\nexists (x=1)\n"
#define C_FINAL(text) "C t\n{}\nP0(int *x)\n{\n}\n" text

static const struct {
	const char *text, *message;
	enum litmus_error code;
} bad[] = {
	{ "", "t.litmus:1:1: found nothing, expected an architecture and a name", 0 },
	{ "C\n{}", "t.litmus:1:1: found no name", 0 },
	{ "AArch64 MP\n{}\n", "t.litmus:1:1: a test for AArch64; C, X86 and X86_64 are",
	  LITMUS_ERROR_REFUSED },
	{ "C t\n(* no end\n{}", "t.litmus:2:1: found a comment that is never closed", 0 },
	{ "C t\n\"no end\n{}", "t.litmus:2:1: found a string that is never closed", 0 },
	{ "C t\n{ x=1 y=2; }", "t.litmus:2:7: found 'y', expected ';' or '}'", 0 },
	{ "C t\n{ int a[2] = {1,2,3}; }", "t.litmus:2:19: found '3', expected no more", 0 },
	{ "C t\n{ char x = &y; }", "t.litmus:2:8: found an address for x, which has 1 bytes", 0 },
	{ "C t\n{ 99:r0=1; }", "t.litmus:2:3: process 99; they are numbered from 0 to 15",
	  LITMUS_ERROR_REFUSED },
	{ "C t\n{}\nexists (x=1)", "t.litmus:3:1: found 'exists', expected the process P0", 0 },
	{ "C t\n{}\nP0(int *x) {}\nP2(int *x) {}", "t.litmus:4:1: found 'P2', expected P1", 0 },
	{ "C t\n{}\nP0(int x)\n{\n}\n", "t.litmus:3:4: found a parameter that is no pointer", 0 },
	{ "C t\n{}\nP0(struct srcu_struct *s)\n{\n}\n", "SRCU is not simulated",
	  LITMUS_ERROR_REFUSED },
	{ C_BODY("\tr0 = READ_ONCE(*x)"), "t.litmus:6:1: found '}', expected ';'", 0 },
	{ C_BODY("\tWRITE_ONCE(x, 1);"), "t.litmus:5:13: found 'x', expected a location", 0 },
	{ C_BODY("\tx = 1;"), "t.litmus:5:2: found an assignment to 'x', expected one to a", 0 },
	{ C_BODY("\tspin_lock(x);"), "t.litmus:5:12: found 'x', expected a pointer to a spin", 0 },
	{ C_BODY("\tfoo(x);"), "t.litmus:5:2: foo() is no primitive", LITMUS_ERROR_REFUSED },
	{ C_BODY("\tint r0 = smp_mb();"), "t.litmus:5:11: found a primitive that returns", 0 },
	{ C_BODY("\tbreak;"), "t.litmus:5:2: found 'break', expected it in a loop only", 0 },
	{ C_BODY("\tint r0 = $;"), "t.litmus:5:11: found '$', expected an expression", 0 },
	{ C_BODY("\t/* no end"), "t.litmus:5:2: found a comment that is never closed", 0 },
	{ C_BODY("\tWRITE_ONCE(*x, 18446744073709551616);"), "that does not fit 64 bits", 0 },
	{ C_BODY("\tWRITE_ONCE(*x, 12ab);"), "t.litmus:5:17: found '12ab', no number", 0 },
	{ C_FINAL("exists x=1 y"), "t.litmus:6:12: found 'y', expected the end of the file", 0 },
	{ C_FINAL("exists (x=1"), "t.litmus:6:12: found the end of the file, expected ')'", 0 },
	{ C_FINAL("exists (1:r0=1)"), "expected a register of a process that the test has", 0 },
	{ C_FINAL("sometimes (x=1)"), "t.litmus:6:1: found 'sometimes', expected 'locations'", 0 },
	{ "X86 t\n{}\nP0 | P1 ;\nMOV [x],$1 ;\n", "t.litmus:4:12: found ';', expected '|'", 0 },
	{ "X86 t\n{}\nP0 ;\nMOV $1,[x] ;\n", "t.litmus:4:5: found a number, expected a reg", 0 },
	{ "X86 t\n{}\nP0 ;\nFOO EAX ;\n", "t.litmus:4:1: the instruction FOO is not understood",
	  LITMUS_ERROR_REFUSED },
	{ "X86 t\n{}\nP0 ;\nJNE L0 ;\n", "t.litmus:4:5: found a jump to 'L0', expected", 0 },
	{ "X86 t\n{}\nP0 ;\nLOCK MOV [x],EAX ;\n", "t.litmus:4:1: found a lock prefix", 0 },
	{ "X86_64 t\n{ int64_t x; }\nP0 ;\nmovl $1,(x) ;\n", "accesses of mixed sizes",
	  LITMUS_ERROR_REFUSED },
};

static void test_complaints(void)
{
	struct litmus_program *program;
	GError *error = NULL;
	unsigned int i;

	for (i = 0; i < G_N_ELEMENTS(bad); i++) {
		program = litmus_parse("t.litmus", bad[i].text, strlen(bad[i].text), &error);
		if (program)
			g_error("understood: %s", bad[i].text);
		if (!strstr(error->message, bad[i].message))
			g_error("%s: said \"%s\"", bad[i].text, error->message);
		g_assert_error(error, LITMUS_ERROR, (int)bad[i].code);
		g_clear_error(&error);
	}
}

static void repeat(GString *s, const char *text, unsigned int n)
{
	while (n--)
		g_string_append(s, text);
}

static void assert_refused(const char *before, const char *repeated, unsigned int n,
			   const char *behind, const char *message)
{
	GString *text = g_string_new(before);
	GError *error = NULL;

	repeat(text, repeated, n);
	g_string_append(text, behind);
	g_assert_null(litmus_parse("t.litmus", text->str, text->len, &error));
	g_assert_nonnull(strstr(error->message, message));
	g_error_free(error);
	g_string_free(text, TRUE);
}

/* What would make us deep, large or slow is refused where it begins to. */
static void test_hostile(void)
{
	static const char begin[] = "C t\n{}\nP0(int *x)\n{\n";
	GString *many = g_string_new("C t\n{}\n");
	GError *error = NULL;
	unsigned int i;

	assert_refused("C t\n{}\nP0(int *x)\n{\nint r0 = ", "(", 100000, "1;\n}\n", "64 deep");
	assert_refused(begin, "{", 100000, "", "64 deep");
	assert_refused(begin, "if (1) ", 100000, ";\n}\n", "64 deep");
	assert_refused("C t\n{}\nP0(int *x)\n{\nint r0 = ", "! ", 100000, "1;\n}\n", "64 deep");
	assert_refused("C t\n{}\nP0(int *x)\n{\nint r0 = ", "1 + ", 1000, "1;\n}\n", "128 terms");
	assert_refused(begin, "WRITE_ONCE(*x, 1);\n", 5000, "}\n", "1024 instructions");
	assert_refused("C t\n{}\nP0(int *x)\n{\n}\nexists ", "~", 100000, "x=1", "64 deep");
	assert_refused("C t\n{}\nP0(int *x)\n{\n}\nexists ", "(", 100000, "x=1", "64 deep");
	assert_refused("C t\n{}\nP0(int *x)\n{\n}\nexists x=1", " /\\ x=1", 5000, "", "4096 terms");
	assert_refused("C t\n", "(*", 100000, "{}", "never closed");
	assert_refused("C t\n{}\nP0(int *x)\n{\nWRITE_ONCE(*x, ", "9", 100000, ");\n}\n",
		       "64 bits");
	for (i = 0; i < 100; i++)
		g_string_append_printf(many, "P%u(int *x)\n{\n}\n", i);
	g_assert_null(litmus_parse("t.litmus", many->str, many->len, &error));
	g_assert_cmpstr(error->message, ==, "t.litmus:51:1: more than 16 processes");
	g_clear_error(&error);
	g_string_free(many, TRUE);
}

/* --- bodies */

static void test_arithmetic(void)
{
	assert_computes("int r0 = 7 / 2 + 7 % 4 * 2 - 1; int r1 = 1 << 3 | 5 & 6 ^ 1;\n"
			"int r2 = -(3 - 5) == 2 && !(1 > 2); int r3 = 1 ? 2 : 3; int r4 = ~5;\n"
			"int r5 = 1 / 0;", "0:r0; 0:r1; 0:r2; 0:r3; 0:r4; 0:r5",
			"0:r0=8; 0:r1=13; 0:r2=1; 0:r3=2; 0:r4=-6; 0:r5=0;");
	assert_computes("int r0 = (char)300; int r1 = (unsigned char)300; int r2 = (int8_t)200;",
			"0:r0; 0:r1; 0:r2", "0:r0=44; 0:r1=44; 0:r2=-56;");
}

static void test_flow(void)
{
	assert_computes("int i; int r0 = 0;\nfor (i = 0; i < 9; i++) {\nif (i == 2) continue;\n"
			"if (i == 4) break;\nr0 += i;\n}\ndo { r0 *= 2; } while (r0 < 10);",
			"0:i; 0:r0", "0:i=4; 0:r0=16;");
	assert_computes("int r0 = 0;\n"
			"while (1) { r0++; if (r0 > 3) { WRITE_ONCE(*x, r0); return; }\n"
			"else ; }\nWRITE_ONCE(*x, 99);", "x; 0:r0", "0:r0=4; x=4;");
}

/* The right side of && is done only if the left is true: who looks at y sees it. */
static void test_short_circuit(void)
{
	assert_computes("int r0 = 0;\nif (READ_ONCE(*x) && xchg(y, 5)) r0 = 1;\n"
			"if (READ_ONCE(*x) == 0 || xchg(y, 6)) r0 += 2;", "0:r0; y",
			"0:r0=2; y=0;");
	assert_computes("int r0 = 0;\nWRITE_ONCE(*x, 1);\nif (READ_ONCE(*x) && xchg(y, 5) == 0)\n"
			"r0 = 1;", "0:r0; y", "0:r0=1; y=5;");
}

static void test_atomics(void)
{
	assert_computes("atomic_set(x, 5); int r0 = atomic_add_return(3, x);\n"
			"int r1 = atomic_fetch_sub_relaxed(1, x); \n"
			"int r2 = atomic_dec_and_test(x);\n"
			"int r3 = atomic_add_unless(x, 1, 6); int r4 = atomic_inc_not_zero(x);",
			"x; 0:r0; 0:r1; 0:r2; 0:r3; 0:r4",
			"0:r0=8; 0:r1=8; 0:r2=0; 0:r3=0; 0:r4=1; x=7;");
	assert_computes("int r0 = cmpxchg(x, 0, 3); int r1 = cmpxchg_acquire(x, 0, 4);\n"
			"int r2 = 1;\n"
			"int r3 = try_cmpxchg(x, &r2, 9); int r4 = xchg_release(x, 6);\n"
			"atomic_or(9, x); atomic_xor(1, x); atomic_andnot(2, x);",
			"x; 0:r0; 0:r1; 0:r2; 0:r3; 0:r4",
			"0:r0=0; 0:r1=3; 0:r2=3; 0:r3=0; 0:r4=3; x=12;");
}

static void test_pointers(void)
{
	assert_states("C t\n{ int a[3] = {7, 8, 9}; int *p = &a[1]; }\nP0(int *a, int **p)\n{\n"
		      "\tint *r0 = READ_ONCE(*p);\n\tint r1 = READ_ONCE(*r0);\n"
		      "\tint r2 = *(r0 + 1);\n"
		      "\tint r3 = a[0];\n\ta[2] = r0 - a;\n}\n"
		      "locations [a; 0:r1; 0:r2; 0:r3;]\nexists (0:r0=a[1])\n", "sc",
		      "0:r0=a[1]; 0:r1=8; 0:r2=9; 0:r3=7; a[0]=7; a[1]=8; a[2]=1;");
}

static void test_sizes(void)
{
	assert_states("C t\n{}\nP0(char *x, uint16_t *y)\n{\n\tWRITE_ONCE(*x, 511);\n"
		      "\tWRITE_ONCE(*y, -1);\n\tint r0 = READ_ONCE(*x);\n"
		      "\tint r1 = READ_ONCE(*y);\n}\n"
		      "exists (0:r0=-1 /\\ 0:r1=65535 /\\ x=0 /\\ y=0)\n", "sc",
		      "0:r0=-1; 0:r1=65535; x=-1; y=65535;");
}

/* --- x86 */

static const char sb_x86[] =
	"X86 SB\n{ x=0; y=0; }\n P0          | P1          ;\n MOV [x],$1  | MOV [y],$1  ;\n"
	" %s | %s ;\n MOV EAX,[y] | MOV EAX,[x] ;\nexists (0:EAX=0 /\\ 1:EAX=0)\n";

static void test_x86_buffers(void)
{
	char *plain = g_strdup_printf(sb_x86, "", "");
	char *fenced = g_strdup_printf(sb_x86, "MFENCE", "LOCK ADD [z],$0");
	char *half = g_strdup_printf(sb_x86, "MFENCE", "");

	assert_states(plain, "sc", "0:EAX=0; 1:EAX=1;\n0:EAX=1; 1:EAX=0;\n0:EAX=1; 1:EAX=1;");
	assert_states(plain, "tso", "0:EAX=0; 1:EAX=0;\n0:EAX=0; 1:EAX=1;\n0:EAX=1; 1:EAX=0;\n"
				    "0:EAX=1; 1:EAX=1;");
	assert_states(fenced, "tso", "0:EAX=0; 1:EAX=1;\n0:EAX=1; 1:EAX=0;\n0:EAX=1; 1:EAX=1;");
	assert_states(half, "tso", "0:EAX=0; 1:EAX=0;\n0:EAX=0; 1:EAX=1;\n0:EAX=1; 1:EAX=0;\n"
				   "0:EAX=1; 1:EAX=1;");
	g_free(plain);
	g_free(fenced);
	g_free(half);
}

static void test_x86_instructions(void)
{
	assert_states("X86_64 t\n{ int64_t t[2]={1,-1}; 0:rax=t; 0:rbx=1; }\nP0 ;\n"
		      " movq 0(%rax,%rbx,8),%rcx ;\n movq $-1,%rdx ;\n movl %ecx,%edx ;\n"
		      " movb $5,%bl ;\n addq $3,8(%rax) ;\n"
		      "forall (0:rcx=-1 /\\ 0:rdx=4294967295 /\\ "
		      "0:rbx=5 /\\ t[1]=2)\n", "tso",
		      "0:rbx=5; 0:rcx=-1; 0:rdx=4294967295; t[1]=2;");
	assert_states("X86 t\n{ x=5; }\nP0 ;\n MOV EAX,$5 ;\n MOV EBX,$7 ;\n"
		      " LOCK CMPXCHG [x],EBX ;\n JNE L0 ;\n MOV ECX,$1 ;\n"
		      " L0: LOCK CMPXCHG [x],ECX ;\n"
		      " MOV EDX,$2 ;\n LOCK XADD [x],EDX ;\n XCHG [x],EBX ;\n DEC EBX ;\n"
		      " CMP EBX,$8 ;\n JE L1 ;\n MOV ECX,$9 ;\n L1: ;\n"
		      "exists (0:EAX=7 /\\ 0:EBX=8 /\\ 0:ECX=1 /\\ 0:EDX=7 /\\ x=7)\n", "sc",
		      "0:EAX=7; 0:EBX=8; 0:ECX=1; 0:EDX=7; x=7;");
}

/* Two increments that are not locked lose one; locked ones do not. */
static void test_x86_lock_prefix(void)
{
	assert_states("X86 t\n{}\nP0 | P1 ;\nINC [x] | INC [x] ;\nexists (x=1)\n", "sc",
		      "x=1;\nx=2;");
	assert_states("X86 t\n{}\nP0 | P1 ;\nLOCK INC [x] | LOCK INC [x] ;\nexists (x=1)\n", "weak",
		      "x=2;");
}

/* --- final states */

static void test_print(void)
{
	static const char text[] =
		"C SB\nHash=abc\n{}\nP0(int *x, int *y)\n{\n\tint r0;\n\n\tWRITE_ONCE(*x, 1);\n"
		"\tr0 = READ_ONCE(*y);\n}\nP1(int *x, int *y)\n{\n\tint r0;\n\n"
		"\tWRITE_ONCE(*y, 1);\n"
		"\tr0 = READ_ONCE(*x);\n}\n%sexists (0:r0=0 /\\ 1:r0=0)\n";
	static const char *const kinds[] = { "", "~" };
	static const char *const expected[] = {
		"Test SB Allowed\nStates 4\n0:r0=0; 1:r0=0;\n0:r0=0; 1:r0=1;\n0:r0=1; 1:r0=0;\n"
		"0:r0=1; 1:r0=1;\nOk\nWitnesses\nPositive: 1 Negative: 3\n"
		"Condition exists (0:r0=0 /\\ 1:r0=0)\nObservation SB Sometimes 1 3\nHash=abc\n\n",
		"Test SB Forbidden\nStates 4\n0:r0=0; 1:r0=0;\n0:r0=0; 1:r0=1;\n0:r0=1; 1:r0=0;\n"
		"0:r0=1; 1:r0=1;\nNo\nWitnesses\nPositive: 3 Negative: 1\n"
		"Condition ~exists (0:r0=0 /\\ 1:r0=0)\nObservation SB Sometimes 1 3\nHash=abc\n\n",
	};
	const struct litmus_limits limits = { .states_max = 1000 };
	struct litmus_program *program;
	struct litmus_result result;
	GError *error = NULL;
	char *source, *printed;
	unsigned int i;

	for (i = 0; i < G_N_ELEMENTS(kinds); i++) {
		source = g_strdup_printf(text, kinds[i]);
		program = parsed(source);
		g_assert_true(litmus_explore(program, "tso", &limits, &result, &error));
		printed = litmus_print(program, &result);
		g_assert_cmpstr(printed, ==, expected[i]);
		g_free(printed);
		g_free(source);
		litmus_result_clear(&result);
		litmus_program_free(program);
	}
}

static void test_filter(void)
{
	static const char text[] = "C t\n{}\nP0(int *x)\n{\n\tWRITE_ONCE(*x, 1);\n}\nP1(int *x)\n"
				   "{\n"
				   "\tint r0 = READ_ONCE(*x);\n}\n%sexists (x=1 /\\ 1:r0=1)\n";
	char *all = g_strdup_printf(text, ""), *some = g_strdup_printf(text, "filter (1:r0=1) ");

	assert_states(all, "sc", "1:r0=0; x=1;\n1:r0=1; x=1;");
	assert_states(some, "sc", "1:r0=1; x=1;");
	g_free(all);
	g_free(some);
}

static void test_locks(void)
{
	assert_states("C t\n{}\nP0(spinlock_t *l, int *x)\n{\n\tspin_lock(l);\n"
		      "\tint r0 = READ_ONCE(*x);\n\tWRITE_ONCE(*x, r0 + 1);\n\tspin_unlock(l);\n}\n"
		      "P1(spinlock_t *l, int *x)\n{\n\tint r1 = spin_trylock(l);\n\tif (r1) {\n"
		      "\t\tint r0 = READ_ONCE(*x);\n\t\tWRITE_ONCE(*x, r0 + 1);\n"
		      "\t\tspin_unlock(l);\n"
		      "\t}\n}\nexists (1:r1=1 /\\ x=1)\n", "weak", "1:r1=0; x=1;\n1:r1=1; x=2;");
}

static char *deadlock_of(const char *text)
{
	const struct litmus_limits limits = { .states_max = 100000 };
	struct litmus_program *program = parsed(text);
	struct litmus_result result;
	GError *error = NULL;
	char *deadlock;

	g_assert_true(litmus_explore(program, "sc", &limits, &result, &error));
	g_assert_cmpint(result.end, ==, LITMUS_COMPLETE);
	deadlock = g_strdup(result.deadlock);
	litmus_result_clear(&result);
	litmus_program_free(program);
	return deadlock;
}

/* Locks in opposite orders can deadlock, and the other executions count; in one order not. */
static void test_deadlock(void)
{
	static const char text[] =
		"C t\n{}\nP0(spinlock_t *a, spinlock_t *b)\n{\n\tspin_lock(a);\n\tspin_lock(b);\n"
		"\tspin_unlock(b);\n\tspin_unlock(a);\n}\n"
		"P1(spinlock_t *a, spinlock_t *b, int *x)\n{\n"
		"\tspin_lock(%s);\n\tspin_lock(%s);\n\tspin_unlock(a);\n\tspin_unlock(b);\n"
		"\tWRITE_ONCE(*x, 1);\n}\nexists (x=1)\n";
	char *crossed = g_strdup_printf(text, "b", "a"), *same = g_strdup_printf(text, "a", "b");
	char *said = deadlock_of(crossed);

	g_assert_nonnull(said);
	g_assert_nonnull(strstr(said, "P0 waits in spin_lock b, held by P1"));
	g_free(said);
	g_assert_null(deadlock_of(same));
	assert_states(crossed, "sc", "x=1;");
	g_free(crossed);
	g_free(same);
}

static void assert_cannot_run(const char *body, const char *message)
{
	static const char *const under[] = { "sc", "weak" };
	char *text = g_strdup_printf("C t\n{}\nP0(int *x, spinlock_t *l)\n{\n%s\n}\n", body);
	unsigned int i;
	char *said;

	for (i = 0; i < G_N_ELEMENTS(under); i++) {
		said = states_of(text, under[i]);
		g_assert_cmpstr(said, ==, message);
		g_free(said);
	}
	g_free(text);
}

static void test_cannot_run(void)
{
	assert_cannot_run("\tint *r0 = x + 1;\n\tWRITE_ONCE(*r0, 1);",
			  "t.litmus:6:2: WRITE_ONCE of P0 goes to where no location of 8 bytes is");
	assert_cannot_run("\tint *r0;\n\tint r1 = READ_ONCE(*r0);",
			  "t.litmus:6:11: READ_ONCE of P0 goes to where no location of 8 bytes is");
	assert_cannot_run("\twhile (1)\n\t\t;",
			  "t.litmus:5:8: P0 goes round for ever in a loop without an access to "
			  "memory");
	assert_cannot_run("\twhile (1)\n\t\tbarrier();",
			  "t.litmus:6:3: P0 goes round for ever in a loop without an access to "
			  "memory");
	assert_cannot_run("\tspin_unlock(l);",
			  "t.litmus:5:2: P0 unlocks l, which it does not hold");
	assert_cannot_run("\trcu_read_unlock();",
			  "t.litmus:5:2: P0 ends a read-side section that it is not in");
}

/* A body that counts for ever has no end; a spinning one comes back to where it was. */
static void test_loops(void)
{
	const struct litmus_limits limits = { .states_max = 5000 };
	struct litmus_program *program;
	struct litmus_result result;
	GError *error = NULL;

	program = parsed("C t\n{}\nP0(int *x)\n{\n\tint r0 = 0;\n\twhile (1) {\n\t\tr0 = r0 + 1;\n"
			 "\t\tWRITE_ONCE(*x, r0);\n\t}\n}\nexists (x=1)\n");
	g_assert_true(litmus_explore(program, "sc", &limits, &result, &error));
	g_assert_cmpint(result.end, ==, LITMUS_LIMIT);
	g_assert_nonnull(strstr(result.limit, "more than 5000"));
	litmus_result_clear(&result);
	litmus_program_free(program);
	assert_states("C t\n{}\nP0(int *x)\n{\n\twhile (READ_ONCE(*x) == 0)\n\t\tcpu_relax();\n}\n"
		      "P1(int *x, int *y)\n{\n\tWRITE_ONCE(*y, 1);\n\tsmp_store_release(x, 1);\n}\n"
		      "exists (x=1)\n", "weak", "x=1;");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/litmus/parts", test_parts);
	g_test_add_func("/litmus/expectations", test_expectations);
	g_test_add_func("/litmus/dead-registers", test_dead_registers);
	g_test_add_func("/litmus/complaints", test_complaints);
	g_test_add_func("/litmus/hostile", test_hostile);
	g_test_add_func("/litmus/arithmetic", test_arithmetic);
	g_test_add_func("/litmus/flow", test_flow);
	g_test_add_func("/litmus/short-circuit", test_short_circuit);
	g_test_add_func("/litmus/atomics", test_atomics);
	g_test_add_func("/litmus/pointers", test_pointers);
	g_test_add_func("/litmus/sizes", test_sizes);
	g_test_add_func("/litmus/x86-buffers", test_x86_buffers);
	g_test_add_func("/litmus/x86-instructions", test_x86_instructions);
	g_test_add_func("/litmus/x86-lock-prefix", test_x86_lock_prefix);
	g_test_add_func("/litmus/print", test_print);
	g_test_add_func("/litmus/filter", test_filter);
	g_test_add_func("/litmus/locks", test_locks);
	g_test_add_func("/litmus/deadlock", test_deadlock);
	g_test_add_func("/litmus/cannot-run", test_cannot_run);
	g_test_add_func("/litmus/loops", test_loops);
	return g_test_run();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the reader of scenarios refuses, with which line and in which words:
 * each message says what would be valid.
 */
#include <string.h>
#include "tests/scenario_fake.h"

struct bad {
	guint line;		/* of the fake, replaced by text; the message names it */
	const char *text;
	int code;
	const char *words;
	guint said;		/* the line that the message names, if another */
};

#define SYNTAX	SCENARIO_ERROR_SYNTAX
#define KEY	SCENARIO_ERROR_KEY
#define VALUE	SCENARIO_ERROR_VALUE
#define PLAN	SCENARIO_ERROR_PLAN

static const struct bad bad_text[] = {
	{ 2, "nonsense", SYNTAX, "\"nonsense\"|KEY = VALUE", 0 },
	{ 2, "= value", SYNTAX, "KEY = VALUE", 0 },
	{ 2, "title = \x01", SYNTAX, "column 9|0x01|valid", 0 },
	{ 2, "title = \xff\xfe", SYNTAX, "not UTF-8|valid", 0 },
	{ 7, "[memory", SYNTAX, "no group|[NAME]", 0 },
	{ 7, "[]", SYNTAX, "no group|[NAME]", 0 },
	{ 7, "[a]b]", SYNTAX, "no group|[NAME]", 0 },
	{ 9, "pte-list-ext = 3", SYNTAX, "[memory] pte-list-ext|duplicate|line 8|once", 0 },
	{ 15, "[task writer]", SYNTAX, "[task writer]|duplicate|line 13|once", 0 },
	{ 15, "[task  writer]", SYNTAX, "[task writer]|duplicate|line 13", 0 },
	{ 1, "title = early", SYNTAX, "title|before the first group|[GROUP]", 0 },
};

static const struct bad bad_keys[] = {
	{ 23, "[sweeps]", KEY, "[sweeps]|unknown group|[limits]", 0 },
	{ 23, "[task]", KEY, "[task]|unknown group|[task NAME]", 0 },
	{ 15, "[task 2nd]", KEY, "[task 2nd]|no name of a task|letter", 0 },
	{ 12, "colour = red", KEY, "[memory] colour = red|unknown key|alloc-zero|setup", 0 },
	{ 6, "form = tail", KEY, "[algorithm] form = tail|position|retries", 0 },
	{ 22, "speed = yes", KEY, "[check] speed = yes|coverage|pass-steps", 0 },
	{ 20, "threads = 2", KEY, "[task mixer] threads = 2|count|pool", 0 },
	{ 5, "", KEY, "algorithm.name is missing|position", 4 },
	{ 16, "pool = spte10", KEY, "neither program nor mix|one of both", 15 },
	{ 16, "program = walk rmap0\npool = spte10", KEY, "pool|belongs to a mix|count", 17 },
	{ 20, "program = walk rmap0", KEY, "mix = add 3; remove 2|program or mix", 18 },
	{ 19, "", KEY, "no pool|pool = ", 17 },
	{ 26, "stroll.sc = clean", VALUE, "[expect] stroll.sc|run, verify", 0 },
	{ 26, "run.arm = clean", VALUE, "[expect] run.arm|weak", 0 },
	{ 26, "run = clean", VALUE, "[expect] run = clean|COMMAND.MODEL", 0 },
};

static const struct bad bad_values[] = {
	{ 2, "walkers = no", VALUE, "[scenario] walkers = no|yes, none", 0 },
	{ 2, "strategy = luck", VALUE, "strategy = luck|random, round-robin", 0 },
	{ 5, "name = magic", VALUE, "name = magic|unknown algorithm|locked, nulls", 0 },
	{ 6, "retries = -1", VALUE, "retries = -1|0..1000000, unlimited", 0 },
	{ 6, "retries = 1000001", VALUE, "retries = 1000001|unlimited", 0 },
	{ 6, "compare = lt", VALUE, "compare = lt|ge, gt", 0 },
	{ 8, "pte-list-ext = 0", VALUE, "pte-list-ext = 0|1..64", 0 },
	{ 8, "pte-list-ext = 65", VALUE, "1..64", 0 },
	{ 8, "pte-list-ext =", VALUE, "1..64", 0 },
	{ 8, "pte-list-ext = 3 # three", VALUE, "1..64", 0 },
	{ 8, "pte-list-ext = 99999999999999999999", VALUE, "1..64", 0 },
	{ 8, "address-bits = 52", VALUE, "48, 57", 0 },
	{ 8, "model = tso", VALUE, "model = tso|valid: sc", 0 },
	{ 8, "reuse = random", VALUE, "lifo, fifo, seeded", 0 },
	{ 9, "rmaps = 65", VALUE, "1..64", 0 },
	{ 10, "sptes = 1025", VALUE, "1..1024", 0 },
	{ 12, "cache = 9", VALUE, "cache = 9|0..8", 0 },
	{ 12, "alloc-zero = maybe", VALUE, "no, yes", 0 },
	{ 20, "count = 0", VALUE, "count = 0|1..512", 0 },
	{ 20, "loop = twice", VALUE, "once, forever", 0 },
	{ 20, "operations = x", VALUE, "operations = x|1..1000000", 0 },
	{ 22, "coverage = on", VALUE, "coverage = on|yes, no", 0 },
	{ 22, "access = no", VALUE, "access = no|cannot be switched off|valid: yes", 0 },
	{ 22, "pass-steps = many", VALUE, "pass-steps = many|a number", 0 },
	{ 24, "hang = 0", VALUE, "hang = 0|1..3600", 0 },
	{ 26, "run.sc = good", VALUE, "\"good\"|clean, incomplete|coverage", 0 },
	{ 26, "run.sc = clean, coverage", VALUE, "\"clean\"|beside others", 0 },
	{ 26, "run.sc = coverage, coverage", VALUE, "twice", 0 },
	{ 26, "run.sc =", VALUE, "no verdict|clean", 0 },
	{ 26, "run.sc = clean; seeds = 0", VALUE, "seeds = 0|N from 1", 0 },
	{ 26, "run.sc = clean; seeds = 1; seeds = 2", VALUE, "each once", 0 },
	{ 26, "run.sc = clean; speed = 1", VALUE, "seeds = N and states = N", 0 },
};

static const struct bad bad_programs[] = {
	{ 14, "program = remove spte12 rmap0", VALUE,
	  "\"spte12\"|spte0..spte11|memory.sptes = 12", 0 },
	{ 14, "program = remove spte1 rmap2", VALUE, "\"rmap2\"|rmap0..rmap1|memory.rmaps = 2", 0 },
	{ 14, "program = remove spte1..12 rmap0", VALUE, "\"spte1..12\"", 0 },
	{ 14, "program = add spte3..1 rmap1", VALUE, "\"spte3..1\"", 0 },
	{ 14, "program = add spte99999999999 rmap1", VALUE, "\"spte99999999999\"", 0 },
	{ 14, "program = add spte10 rmap0..1", VALUE, "several rmaps|valid: one", 0 },
	{ 14, "program = add rmap0 spte1", VALUE, "\"rmap0\"|valid: spte0", 0 },
	{ 14, "program = push spte1 rmap0", VALUE, "\"push spte1 rmap0\"|add SPTE RMAP", 0 },
	{ 14, "program = add spte1", VALUE, "\"add spte1\"|add SPTE RMAP", 0 },
	{ 14, "program = walk spte1 rmap0", VALUE, "walk RMAP", 0 },
	{ 14, "program = guest-write rmap0", VALUE, "guest-write SPTE RMAP", 0 },
	{ 14, "program = get-dirty-log rmap0", VALUE, "\"get-dirty-log rmap0\"|unmap RMAP", 0 },
	{ 14, "program = walk rmap0;; walk rmap0", VALUE, "\"\"|walk RMAP", 0 },
	{ 14, "program =", VALUE, "no operation|at least one", 0 },
	{ 18, "mix = add 3; remove 0", VALUE, "\"remove 0\"|1..1000", 0 },
	{ 18, "mix = add 3; add 2", VALUE, "\"add 2\"|each once", 0 },
	{ 18, "mix = add", VALUE, "\"add\"", 0 },
	{ 18, "mix =", VALUE, "add N", 0 },
	{ 18, "mix = add 3; walk 1", PLAN, "only one of add and remove|both or none", 0 },
	{ 18, "mix = walk 1", PLAN, "pool = spte4..9|only walks|no pool", 19 },
	{ 19, "pool = spte4..9, spte5", VALUE, "\"spte5\"|each once", 0 },
	{ 19, "pool = spte4..12", VALUE, "\"spte4..12\"|spte0..spte11", 0 },
	{ 19, "pool = spte4", PLAN, "1 sptes for 2 copies|one for each", 0 },
	{ 19, "pool =", VALUE, "empty list", 0 },
	{ 20, "loop = forever\noperations = 5", PLAN,
	  "operations = 5|loops for ever|loop = once", 21 },
	{ 20, "operations = 0", PLAN, "operations = 0|1..1000000", 0 },
	{ 11, "setup = add spte1..3 rmap0; walk rmap0", PLAN, "setup|walks before|add, remove", 0 },
};

static const struct bad bad_plans[] = {
	{ 11, "setup = add spte1 rmap0; add spte1 rmap1", PLAN,
	  "operation 2, add spte1 rmap1|in rmap0 by then|in no list", 0 },
	{ 11, "setup = add spte1 rmap0; remove spte1 rmap1", PLAN,
	  "operation 2, remove spte1 rmap1|in rmap0 by then|valid", 0 },
	{ 14, "program = add spte1 rmap1", PLAN, "add spte1 rmap1|in rmap0 by then", 0 },
	{ 14, "program = remove spte1 rmap1", PLAN, "in rmap0 by then|to remove", 0 },
	{ 14, "program = remove spte11 rmap0", PLAN, "spte11|in no list by then", 0 },
	{ 14, "program = remove spte1 rmap0; remove spte1 rmap0", PLAN,
	  "operation 2|in no list", 0 },
	{ 14, "program = remove spte1 rmap0\nloop = forever", PLAN,
	  "loops for ever|spte1|in rmap0 before and in no list after|as it found them", 0 },
	{ 14, "program = add spte4 rmap1", PLAN,
	  "pool|spte4|task writer already|one task", 19 },
	{ 14, "program = add spte11 rmap1\ncount = 3", PLAN, "spte11|3 copies|count = 1", 0 },
	{ 11, "setup = add spte1..4 rmap0\n[task y]\nmix = add 1; remove 1\nrmaps = rmap1\n"
	  "pool = spte2\n[memory2]", KEY, "[memory2]", 16 },
	{ 20, "rmaps = rmap1\noperations = 3\n[task z]\nmix = add 1; remove 1\nrmaps = rmap1\n"
	  "pool = spte2", PLAN, "pool = spte2|spte2 is in rmap0|task's rmaps", 25 },
	{ 16, "program = add spte10 rmap0", PLAN, "[scenario]|no task walks|walkers = none", 1 },
	{ 2, "walkers = none", PLAN, "walkers = none|task walker walks|valid", 0 },
	{ 12, "alloc-zero = yes", PLAN, "alloc-zero = yes|memory.cache is 0|1..8", 0 },
	{ 12, "descs = 2", VALUE, "descs = 2|can be needed at once|..65536", 0 },
	{ 12, "descs = 65537", VALUE, "descs = 65537|..65536", 0 },
	{ 12, "short = rmaps", VALUE, "short = rmaps|nothing, descs, pages", 0 },
	{ 12, "short = descs", PLAN, "short = descs|faults of guests|valid: nothing, or", 0 },
	{ 12, "address-bits = 57", PLAN, "name = position|inside the address|rmap0 can have", 5 },
	{ 6, "position-shift = 63", PLAN,
	  "name = position|numbers 1 descriptors|rmap0 can have 9", 5 },
	{ 12, "[kvm]\nfast-fault = yes", PLAN, "[kvm]|no task has any|get-dirty-log", 0 },
	{ 12, "[kvm]\nfast-fault = perhaps", VALUE, "fast-fault = perhaps|no, yes", 13 },
	{ 16, "program = get-dirty-log; zap-page table0", VALUE, "table0|there are none|"
	  "shadow-pages", 0 },
	{ 16, "program = walk rmap0\n[machine]\npreempt-every = 1", VALUE,
	  "preempt-every = 1|2..1000000000", 18 },
	{ 16, "program = map-large", VALUE, "map-large TABLE", 0 },
	{ 16, "program = get-dirty-log", PLAN, "remove works on lists alone|walk", 14 },
	{ 20, "count = 511", PLAN, "6 sptes for 511 copies", 19 },
};

/* What is said of shadow pages. */
#define OF_PAGES	"[algorithm]\nname=nulls\n[memory]\nsptes=4\nrmaps=%s\n[kvm]\n%s\n"	\
			"[task guest]\nprogram=guest-write spte1 rmap0; age rmap0%s\n"

static const struct {
	const char *rmaps, *keys, *more, *words;
} bad_pages[] = {
	{ "4", "free=rcu", "", "free = rcu|there are none|shadow-pages above 0" },
	{ "4", "bookkeeping=reuse-gfn", "", "bookkeeping|there are none" },
	{ "4", "shadow-pages=3", "", "shadow-pages = 3|evenly|a divisor of memory.sptes" },
	{ "4\nshort=pages", "", "", "short = pages|no shadow pages|descs, or kvm.shadow-pages" },
	{ "4\ndescs=0", "", "", "descs = 0|can be needed at once" },
	{ "4", "shadow-pages=2\npage-role=direct", "", "spte1 map page 1|page 0|rmap1" },
	{ "3", "shadow-pages=2\npage-role=direct", "", "rmaps 3|as many rmaps" },
	{ "4", "shadow-pages=2\nmmio=4", "", "mmio = 4|no page to a memslot" },
	{ "4", "shadow-pages=2", "; set-large table1 rmap3",
	  "set-large table1 rmap3|at most rmap2" },
	{ "3", "shadow-pages=1", "; set-large table0 rmap0", "4 pages|memory.rmaps is 3" },
	{ "4", "shadow-pages=2", "; zap-page table2",
	  "table2|table0..table1 (kvm.shadow-pages" },
	{ "4", "shadow-pages=2", "; map-large table1", "maps large|memory.setup" },
	{ "4", "shadow-pages=2\n[task m]\nmix=set-table 1\npool=spte2", "",
	  "set-table 1|zap-page N" },
};

static void test_bad_pages(void)
{
	gsize i;

	for (i = 0; i < G_N_ELEMENTS(bad_pages); i++) {
		char *text = g_strdup_printf(OF_PAGES, bad_pages[i].rmaps, bad_pages[i].keys,
					     bad_pages[i].more);
		GError *error = NULL;

		g_assert_null(fake_parse(text, NULL, &error));
		g_assert_nonnull(error);
		g_assert_nonnull(strstr(error->message, "valid"));
		assert_words(error, bad_pages[i].words);
		g_clear_error(&error);
		g_free(text);
	}
}

static void check_bad(const struct bad *bad, gsize n)
{
	gsize i;

	for (i = 0; i < n; i++) {
		char *text = fake_with_line(bad[i].line, bad[i].text), *at;
		GError *error = NULL;

		g_assert_null(fake_parse(text, NULL, &error));
		g_assert_error(error, SCENARIO_ERROR, bad[i].code);
		at = g_strdup_printf("some/x.scenario:%u: ",
				     bad[i].said ? bad[i].said : bad[i].line);
		if (!g_str_has_prefix(error->message, at))
			g_error("\"%s\" does not begin with \"%s\"", error->message, at);
		assert_words(error, bad[i].words);
		g_assert_nonnull(strstr(error->message, "valid"));
		g_test_message("%s", error->message);
		g_clear_error(&error);
		g_free(at);
		g_free(text);
	}
}

static void test_bad_text(void)
{
	check_bad(bad_text, G_N_ELEMENTS(bad_text));
}

static void test_bad_keys(void)
{
	check_bad(bad_keys, G_N_ELEMENTS(bad_keys));
}

static void test_bad_values(void)
{
	check_bad(bad_values, G_N_ELEMENTS(bad_values));
}

static void test_bad_programs(void)
{
	check_bad(bad_programs, G_N_ELEMENTS(bad_programs));
}

static void test_bad_plans(void)
{
	check_bad(bad_plans, G_N_ELEMENTS(bad_plans));
}

static void refuse(const char *text, gssize len, int code, const char *words)
{
	GError *error = NULL;

	if (len < 0)
		len = strlen(text);
	g_assert_null(scenario_parse(text, len, "x", NULL, &fake_vocabulary, &error));
	g_assert_error(error, SCENARIO_ERROR, code);
	assert_words(error, words);
	g_clear_error(&error);
}

/* Sizes at which something could take for ever or too much. */
static void test_limits(void)
{
	GString *s = g_string_new("[scenario]\ntitle = ");
	guint i;

	for (i = 0; i < 70000; i++)
		g_string_append_c(s, 'x');
	refuse(s->str, s->len, SYNTAX, "x:2: |at most 65536");
	for (i = 0; i < 1024 * 1024; i++)
		g_string_append_c(s, '\n');
	refuse(s->str, s->len, SYNTAX, "more than 1048576 bytes");
	refuse("[scenario]\0", 11, SYNTAX, "x:1: |0x00");
	refuse("", 0, KEY, "algorithm.name is missing");

	g_string_assign(s, "[scenario]\n");
	for (i = 0; i < 1000; i++)
		g_string_append_printf(s, "b%u=\n", i);
	refuse(s->str, s->len, SYNTAX, "x:130: |at most 128");
	g_string_truncate(s, 0);
	for (i = 0; i < 2000; i++)
		g_string_append_printf(s, "[b%u]\n", i);
	refuse(s->str, s->len, SYNTAX, "x:1025: |at most 1024");

	g_string_free(s, TRUE);
}

static void test_long_programs(void)
{
	GString *s = g_string_new("[algorithm]\nname = locked\n[memory]\nsptes = 1024\nsetup = ");
	guint i;

	for (i = 0; i < 60; i++)
		g_string_append(s, "add spte0..1023 rmap0; remove spte0..1023 rmap0; ");
	refuse(s->str, s->len, VALUE, "x:5: |too long|100000");
	g_string_assign(s, "[algorithm]\nname = locked\n[task a]\nprogram = ");
	for (i = 0; i < 2001; i++)
		g_string_append(s, "walk rmap0;");
	refuse(s->str, s->len, VALUE, "x:4: |one operation too many|2000");
	g_string_truncate(s, s->len - strlen("walk rmap0;"));
	g_string_append(s, "\ncount = 512\n");
	refuse(s->str, s->len, PLAN, "x:4: |at most 1000000 operations");
	g_string_assign(s, "[algorithm]\nname = locked\n[task a]\nprogram = walk rmap0\n"
			"count = 512\n[task b]\nprogram = walk rmap0\n");
	refuse(s->str, s->len, PLAN, "x:6: [task b]|at most 512");
	refuse("[algorithm]\nname = locked\n[task a]\nprogram = walk rmap0\nloop = forever\n"
	       "[limits]\nhang = 5\n", -1, PLAN,
	       "x:6: [limits]|limits.events or limits.operations");
	refuse("[algorithm]\nname = locked\n", -1, PLAN, "no task|[task NAME]");
	g_string_free(s, TRUE);
}

static void refuse_set(const char *set, int code, const char *words)
{
	const char *sets[] = { "memory.pte-list-ext=4", set, NULL };
	GError *error = NULL;

	g_assert_null(fake_parse(fake_scenario, sets, &error));
	g_assert_error(error, SCENARIO_ERROR, code);
	assert_words(error, words);
	g_assert_null(strstr(error->message, "scenario:0"));
	g_clear_error(&error);
}

static void test_bad_set(void)
{
	refuse_set("nonsense", SYNTAX, "--set nonsense|GROUP.KEY=VALUE");
	refuse_set("memory=3", SYNTAX, "--set memory=3|GROUP.KEY=VALUE");
	refuse_set("task.x=3", SYNTAX, "--set task.x=3|task NAME.KEY=VALUE");
	refuse_set(".=", SYNTAX, "--set .=");
	refuse_set("memory.sptes=\n1", SYNTAX, "--set");
	refuse_set("memory.sptes=\xff", SYNTAX, "--set");
	refuse_set("memory.rmaps=99", VALUE, "some/x.scenario: --set memory.rmaps=99: |1..64");
	refuse_set("memory.colour=red", KEY, "--set memory.colour=red: unknown key|cache");
	refuse_set("maschine.lock=fifo", KEY, "--set maschine.lock|unknown group|[machine]");
	refuse_set("algorithm.form=tail", KEY, "--set algorithm.form=tail|position");
	refuse_set("task.mixer.count=7", PLAN, ":19: |6 sptes for 7 copies");
	refuse_set("task.a.b.count=7", KEY, "no name of a task");
	refuse_set("task.writer.program=add spte1 rmap0", PLAN,
		   "--set task writer.program=add spte1 rmap0: |in rmap0 by then");
}

static void refuse_load(const char *name, const char *words)
{
	const char *dirs[] = { "/nowhere", NULL };
	GError *error = NULL;

	g_assert_null(scenario_load(name, dirs, NULL, &fake_vocabulary, &error));
	g_assert_error(error, SCENARIO_ERROR, SCENARIO_ERROR_FILE);
	assert_words(error, words);
	g_clear_error(&error);
}

static void test_bad_files(void)
{
	GError *error = NULL;

	refuse_load("none", "none: no scenario of that name in /nowhere|valid");
	refuse_load("", "no scenario of that name");
	refuse_load("./none", "./none: ");
	refuse_load("none.scenario", "none.scenario: ");
	refuse_load("/dev/zero", "/dev/zero: is not a file");
	refuse_load("/", "/: is not a file");
	g_assert_null(scenario_list("/nowhere", &error));
	g_assert_error(error, SCENARIO_ERROR, SCENARIO_ERROR_FILE);
	g_clear_error(&error);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/scenario/bad-text", test_bad_text);
	g_test_add_func("/scenario/bad-keys", test_bad_keys);
	g_test_add_func("/scenario/bad-values", test_bad_values);
	g_test_add_func("/scenario/bad-programs", test_bad_programs);
	g_test_add_func("/scenario/bad-plans", test_bad_plans);
	g_test_add_func("/scenario/limits", test_limits);
	g_test_add_func("/scenario/long-programs", test_long_programs);
	g_test_add_func("/scenario/bad-set", test_bad_set);
	g_test_add_func("/scenario/bad-files", test_bad_files);
	g_test_add_func("/scenario/bad/pages", test_bad_pages);
	return g_test_run();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reader of scenarios: what a plan holds, defaults, --set, the canonical
 * text and its digest, the shipped scenarios, and that nothing in a file can
 * crash it.
 *
 * The folder of the shipped scenarios is SCENARIO_SOURCE_DIR, or scenarios/
 * below G_TEST_SRCDIR or the working directory.
 */
#include <string.h>
#include "scenarios/keys.h"
#include "sim/cmd/common.h"
#include "tests/scenario_fake.h"

static void test_plan(void)
{
	struct plan *plan = fake_must_parse(fake_scenario, NULL);

	g_assert_cmpstr(plan->name, ==, "x");
	g_assert_cmpstr(plan->path, ==, "some/x.scenario");
	g_assert_cmpstr(plan->title, ==, "a title");
	g_assert_cmpstr(plan->question, ==, "does it?");
	g_assert_cmpstr(plan->strategy, ==, "random");
	g_assert_cmpstr(plan->model, ==, "sc");
	g_assert_cmpstr(plan->algorithm, ==, "position");
	g_assert_cmpint(plan->param[1], ==, 50);
	g_assert_cmpint(plan->param[3], ==, 2);
	g_assert_cmpuint(plan->pte_list_ext, ==, 2);
	g_assert_cmpuint(plan->address_bits, ==, 48);
	g_assert_true(plan->lock_fifo);
	g_assert_false(plan->lock_rw);
	g_assert_false(plan->spin_real);
	g_assert_cmpuint(plan->hang_seconds, ==, 10);
	g_assert_cmpuint(plan->n_setup, ==, 3);
	g_assert_cmpuint(plan->setup[2].spte, ==, 3);
	g_assert_cmpuint(plan->n_tasks, ==, 4);
	g_assert_cmpstr(plan->tasks[0].name, ==, "writer");
	g_assert_true(plan->tasks[0].writes && !plan->tasks[0].walks);
	g_assert_true(plan->tasks[1].walks && !plan->tasks[1].writes);
	g_assert_cmpstr(plan->tasks[3].name, ==, "mixer.1");
	g_assert_cmpuint(plan->tasks[3].cpu, ==, 3);
	g_assert_cmpuint(plan->tasks[3].n_pool, ==, 3);
	g_assert_cmpuint(plan->tasks[3].pool[0], ==, 7);
	g_assert_cmpuint(plan->tasks[3].n_rmaps, ==, 2);
	g_assert_cmpuint(plan->tasks[3].operations, ==, 10);
	/* 9 entries in two rmaps, 2 a descriptor: 5 at the most; setup and three writers. */
	g_assert_cmpuint(plan->nr_descs, ==, 5 + 4);
	g_assert_cmpstr(plan->checks[0], ==, "access");
	g_assert_cmpstr(plan->checks[1], ==, "coverage");
	g_assert_cmpstr(plan->checks[2], ==, "integrity");
	g_assert_null(plan->checks[3]);
	g_assert_cmpuint(plan->n_expect, ==, 1);
	g_assert_cmpuint(plan->expect[0].line, ==, 26);
	plan_free(plan);
	plan_free(NULL);
}

/* The least that is a scenario, and one without walkers. */
static void test_defaults(void)
{
	static const char least[] = "[algorithm]\nname=null\n[task w]\nprogram=walk rmap0\n";
	static const char odd[] = "[scenario]\r\n  walkers\t=  none  \r\n\r\n# x\r\n[algorithm]\n"
				  "name=null\n[task w]\nprogram=add spte0 rmap0 ;";
	struct plan *plan = fake_must_parse(least, NULL);

	g_assert_cmpuint(plan->pte_list_ext, ==, 3);
	g_assert_cmpuint(plan->nr_descs, ==, 0);
	g_assert_cmpuint(plan->reuse, ==, PLAN_REUSE_LIFO);
	plan_free(plan);
	plan = fake_must_parse(odd, NULL);
	g_assert_true(plan->walkers_none);
	plan_free(plan);
}

static void test_expect(void)
{
	static const char text[] =
		"[algorithm]\nname=null\n[task w]\nprogram=walk rmap0\n[expect]\n"
		"run.sc = coverage ,integrity; states=7 ;seeds = 2000\nverify.weak=incomplete\n";
	struct plan *plan = fake_must_parse(text, NULL);

	g_assert_cmpuint(plan->n_expect, ==, 2);
	g_assert_cmpstr(plan->expect[0].command, ==, "run");
	g_assert_cmpstr(plan->expect[0].model, ==, "sc");
	g_assert_cmpstr(plan->expect[0].verdicts[1], ==, "integrity");
	g_assert_cmpuint(plan->expect[0].seeds, ==, 2000);
	g_assert_cmpuint(plan->expect[0].states, ==, 7);
	g_assert_cmpstr(plan->expect[1].model, ==, "weak");
	g_assert_nonnull(strstr(plan->text,
				"run.sc = coverage, integrity; seeds = 2000; states = 7\n"));
	plan_free(plan);
}

static void set_one(const char *set, struct plan **plan)
{
	const char *sets[] = { set, NULL };

	plan_free(*plan);
	*plan = fake_must_parse(fake_scenario, sets);
}

static void test_set(void)
{
	struct plan *plan = NULL;

	set_one("memory.pte-list-ext=14", &plan);
	g_assert_cmpuint(plan->pte_list_ext, ==, 14);
	set_one("limits.hang = 7", &plan);
	g_assert_cmpuint(plan->hang_seconds, ==, 7);
	set_one("machine.lock=unfair", &plan);
	g_assert_false(plan->lock_fifo);
	set_one("task.mixer.count=3", &plan);
	g_assert_cmpuint(plan->n_tasks, ==, 5);
	set_one("task mixer.count=1", &plan);
	g_assert_cmpuint(plan->n_tasks, ==, 3);
	set_one("task.extra.program=walk rmap1", &plan);
	g_assert_cmpstr(plan->tasks[4].name, ==, "extra");
	set_one("expect.verify.tso=clean; states = 5", &plan);
	g_assert_cmpuint(plan->expect[1].states, ==, 5);
	set_one("algorithm.retries=unlimited", &plan);
	g_assert_cmpint(plan->param[3], ==, 1000000);
	/* An empty value takes the file's key out. */
	set_one("memory.pte-list-ext=", &plan);
	g_assert_cmpuint(plan->pte_list_ext, ==, 3);
	/* The file's parameters are for the file's algorithm. */
	set_one("algorithm.name=locked", &plan);
	g_assert_cmpstr(plan->algorithm, ==, "locked");
	plan_free(plan);
}

static void assert_round_trip(const struct plan *plan, const struct scenario_vocabulary *voc)
{
	GError *error = NULL;
	struct plan *again = scenario_parse(plan->text, strlen(plan->text), "some/x.scenario", NULL,
					    voc, &error);

	g_assert_no_error(error);
	g_assert_cmpstr(again->text, ==, plan->text);
	g_assert_cmphex(again->digest, ==, plan->digest);
	g_assert_cmpstr(again->title, ==, plan->title);
	g_assert_cmpuint(again->n_expect, ==, plan->n_expect);
	plan_free(again);
}

static guint64 digest_of(const char *text, const char *set)
{
	const char *sets[] = { set, NULL };
	struct plan *plan = fake_must_parse(text, set ? sets : NULL);
	guint64 digest = plan->digest;

	assert_round_trip(plan, &fake_vocabulary);
	plan_free(plan);
	return digest;
}

static void test_canonical(void)
{
	struct plan *plan = fake_must_parse(fake_scenario, NULL);
	const struct key *key;

	for (key = scenario_keys; key->group; key++) {
		/* Only where there are pages; see test_canonical_kvm(). */
		if (key->name && strcmp(key->group, "kvm") && !strstr(plan->text, key->name))
			g_error("%s.%s is not printed", key->group, key->name);
	}
	g_assert_null(strstr(plan->text, "[kvm]"));
	g_assert_nonnull(strstr(plan->text, "\nsetup = add spte1..3 rmap0\n"));
	g_assert_nonnull(strstr(plan->text, "\npool = spte4..9\n"));
	g_assert_nonnull(strstr(plan->text, "\nrmaps = rmap0..1\n"));
	assert_round_trip(plan, &fake_vocabulary);
	plan_free(plan);
}

static void test_canonical_kvm(void)
{
	static const char text[] = "[algorithm]\nname=nulls\n[memory]\nsptes=4\nrmaps=2\n[kvm]\n"
		"flush=always\n[task guest]\nprogram=guest-write spte0..1 rmap1; "
		"zap-spte spte0..1; unmap rmap0; age rmap1\n[task log]\nmix=get-dirty-log 2\n";
	struct plan *plan = fake_must_parse(text, NULL);
	const struct key *key;

	for (key = scenario_keys; key->group; key++) {
		if (key->name && !strcmp(key->group, "kvm") && !strstr(plan->text, key->name))
			g_error("%s.%s is not printed", key->group, key->name);
	}
	g_assert_nonnull(strstr(plan->text, "\nprogram = guest-write spte0..1 rmap1; "
				"zap-spte spte0..1; unmap rmap0; age rmap1\n"));
	g_assert_nonnull(strstr(plan->text, "\nmix = get-dirty-log 2\n"));
	g_assert_true(plan->kvm);
	g_assert_true(plan->tasks[0].has_guest && !plan->tasks[1].has_guest);
	g_assert_cmphex(digest_of(text, "kvm.flush=always"), ==, plan->digest);
	g_assert_cmphex(digest_of(text, "kvm.flush=needed"), !=, plan->digest);
	assert_round_trip(plan, &fake_vocabulary);
	plan_free(plan);
}

/* What there may be too little of, and how little: none but what is said. */
static void test_short(void)
{
	static const char text[] = "[algorithm]\nname=nulls\n[memory]\nsptes=4\n[kvm]\n"
		"shadow-pages=2\n[task guest]\nprogram=guest-write spte0..3 rmap0; age rmap0\n";
	const char *descs[] = { "memory.short=descs", "memory.descs=1", NULL };
	const char *pages[] = { "memory.short=pages", NULL };
	struct plan *enough = fake_must_parse(text, NULL), *plan;

	g_assert_cmpuint(enough->nr_pages, ==, 2 + 1);
	g_assert_cmpuint(enough->nr_descs, >, 1);
	g_assert_cmphex(digest_of(text, "memory.short=nothing"), ==, enough->digest);
	plan = fake_must_parse(text, descs);
	g_assert_cmpuint(plan->nr_descs, ==, 1);
	g_assert_cmpuint(plan->nr_pages, ==, enough->nr_pages);
	assert_round_trip(plan, &fake_vocabulary);
	plan_free(plan);
	plan = fake_must_parse(text, pages);
	g_assert_cmpuint(plan->nr_pages, ==, 2);
	g_assert_cmpuint(plan->nr_descs, ==, enough->nr_descs);
	g_assert_cmphex(plan->digest, !=, enough->digest);
	assert_round_trip(plan, &fake_vocabulary);
	plan_free(plan);
	plan_free(enough);
}

static void test_digest(void)
{
	static const char *const same[] = {
		"scenario.title=another", "scenario.question=why", "expect.run.sc=coverage",
		"memory.setup=add spte1 rmap0; add spte2..3 rmap0;", "machine.lock=fifo",
		"task.mixer.rmaps=rmap0,rmap1", "check.coverage=yes", NULL
	};
	static const char *const other[] = {
		"scenario.strategy=round-robin", "algorithm.name=nulls", "algorithm.retries=3",
		"algorithm.compare=ge", "memory.pte-list-ext=3", "memory.rmaps=3",
		"memory.sptes=13", "memory.descs=99", "memory.reuse=fifo", "memory.cache=1",
		"memory.setup=add spte1..2 rmap0; add spte3 rmap1", "machine.lock=unfair",
		"machine.lock-type=rwlock", "machine.spin=real", "task.walker.count=2",
		"task.walker.loop=forever",
		"task.writer.program=remove spte1 rmap0", "task.mixer.mix=add 3; remove 1",
		"task.mixer.operations=4", "task.mixer.rmaps=rmap0", "task.mixer.pool=spte4..8",
		"check.coverage=no", "check.pass-steps=9", "check.restarts=9", "limits.events=9",
		"limits.operations=9", "limits.hang=9", "memory.address-bits=57", NULL
	};
	guint64 d = digest_of(fake_scenario, NULL);
	guint i;

	/* Files and reports hold it: it must not change by itself. */
	g_assert_cmphex(d, ==, 0xb4e0ce636d3f587a);
	for (i = 0; same[i]; i++)
		g_assert_cmphex(digest_of(fake_scenario, same[i]), ==, d);
	for (i = 0; other[i]; i++) {
		char *text = g_strdup(fake_scenario);

		if (strstr(other[i], "57"))
			text = (g_free(text), fake_with_line(6, "position-shift = 57"));
		g_assert_cmphex(digest_of(text, other[i]), !=, d);
		g_free(text);
	}
}

static char *scenario_dir(void)
{
	const char *src = g_getenv("G_TEST_SRCDIR");

#ifdef SCENARIO_SOURCE_DIR
	if (g_file_test(SCENARIO_SOURCE_DIR, G_FILE_TEST_IS_DIR))
		return g_strdup(SCENARIO_SOURCE_DIR);
#endif
	return g_build_filename(src ? src : ".", "scenarios", NULL);
}

static void test_shipped(void)
{
	char *dir = scenario_dir();
	const char *dirs[] = { "/nowhere", dir, NULL };
	GError *error = NULL;
	GPtrArray *paths = scenario_list(dir, &error);
	guint i;

	g_assert_no_error(error);
	g_assert_cmpuint(paths->len, >=, 9 + 5 + 8 + 1);
	for (i = 0; i < paths->len; i++) {
		struct plan *plan, *bare;

		plan = scenario_load(paths->pdata[i], NULL, NULL, cmd_vocabulary(), &error);
		g_assert_no_error(error);
		g_assert_true(*plan->title && *plan->question && plan->n_expect);
		assert_round_trip(plan, cmd_vocabulary());
		bare = scenario_load(plan->name, dirs, NULL, cmd_vocabulary(), &error);
		g_assert_no_error(error);
		g_assert_cmpstr(bare->path, ==, paths->pdata[i]);
		g_assert_cmphex(bare->digest, ==, plan->digest);
		plan_free(bare);
		plan_free(plan);
	}
	g_ptr_array_unref(paths);
	g_free(dir);
}

/* Whatever it is, it is a plan or an error, and a plan is printed so that it can be read. */
static void feed(const char *text, gsize len)
{
	GError *error = NULL;
	struct plan *plan = scenario_parse(text, len, "x", NULL, &fake_vocabulary, &error);

	g_assert_true(!plan == !!error);
	g_assert_true(!error || g_utf8_validate(error->message, -1, NULL));
	if (plan)
		assert_round_trip(plan, &fake_vocabulary);
	plan_free(plan);
	g_clear_error(&error);
}

static guint32 draw(guint64 *state, guint32 below)
{
	*state = *state * 6364136223846793005 + 1442695040888963407;
	return (*state >> 33) % below;
}

static void mutate(char *text, gsize len, guint64 *state)
{
	static const char spice[] = "=[];,.#\n\t 09-srak\x80\xff";
	guint n = 1 + draw(state, 4), i;

	for (i = 0; i < n; i++) {
		gsize at = draw(state, len);

		if (draw(state, 2))
			text[at] ^= 1 << draw(state, 8);
		else
			text[at] = spice[draw(state, sizeof(spice))];
	}
}

/* The same for what the command line says. */
static void test_set_mutations(void)
{
	static const char set[] = "task.mixer.pool=spte4..9";
	guint64 state = 2;
	guint i;

	for (i = 0; i < 20000; i++) {
		char *copy = g_strdup(set);
		const char *sets[] = { copy, NULL };
		GError *error = NULL;
		struct plan *plan;

		mutate(copy, strlen(set), &state);
		plan = fake_parse(fake_scenario, sets, &error);
		g_assert_true(!plan == !!error);
		g_assert_true(!error || g_utf8_validate(error->message, -1, NULL));
		if (plan)
			assert_round_trip(plan, &fake_vocabulary);
		plan_free(plan);
		g_clear_error(&error);
		g_free(copy);
	}
}

static void test_mutations(void)
{
	gsize len = strlen(fake_scenario), i;
	guint64 state = 1;

	for (i = 0; i <= len; i++) {
		char *cut = g_memdup2(fake_scenario, len + 1);

		feed(cut, i);
		g_free(cut);
	}
	for (i = 0; i < 20000; i++) {
		char *text = g_memdup2(fake_scenario, len);

		mutate(text, len, &state);
		feed(text, len);
		g_free(text);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/scenario/plan", test_plan);
	g_test_add_func("/scenario/defaults", test_defaults);
	g_test_add_func("/scenario/expect", test_expect);
	g_test_add_func("/scenario/set", test_set);
	g_test_add_func("/scenario/canonical", test_canonical);
	g_test_add_func("/scenario/canonical/kvm", test_canonical_kvm);
	g_test_add_func("/scenario/short", test_short);
	g_test_add_func("/scenario/digest", test_digest);
	g_test_add_func("/scenario/shipped", test_shipped);
	g_test_add_func("/scenario/mutations", test_mutations);
	g_test_add_func("/scenario/set-mutations", test_set_mutations);
	return g_test_run();
}

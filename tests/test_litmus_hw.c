/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Litmus tests on this machine: every final state that it shows is one that the
 * model of x86 allows, store buffering is seen, operations compute what they
 * should, and what cannot be run is refused. One CPU is enough but for the
 * buffering. Nothing depends on how fast the machine is.
 */
#include <string.h>
#include "sim/hw/litmus.h"
#include "sim/hw/topology.h"
#include "sim/litmus/explore.h"
#include "sim/litmus/print.h"

#define ROUNDS_EACH	100
#define ROUNDS_MP	100000
#define TRIES_SB	100
#define FOLDER		SCENARIO_SOURCE_DIR "/litmus"

static struct hw_topology *topology;

static struct hw_litmus_result *run_here(const struct litmus_program *p, guint64 rounds,
					 gboolean provoke)
{
	struct hw_litmus_options opt = {
		.rounds = rounds, .provoke = provoke, .seed = 1, .hang_seconds = 300,
	};
	struct hw_litmus_result *r;
	GError *error = NULL;
	guint *cpus = hw_topology_place(topology, NULL, p->n_procs, TRUE, &error);

	g_assert_no_error(error);
	opt.cpus = cpus;
	r = hw_litmus_run(p, &opt, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(r->reason, ==, "");
	g_assert_cmpuint(r->rounds, ==, rounds);
	g_free(cpus);
	return r;
}

static char *state_here(const struct litmus_program *p, const struct hw_litmus_result *r, guint i)
{
	struct litmus_result like = {
		.value = r->value + (gsize)i * r->n_items, .n_items = p->n_items, .n_states = 1,
	};

	return litmus_state_text(p, &like, 0);
}

static struct litmus_program *program_of(const char *text)
{
	GError *error = NULL;
	struct litmus_program *p = litmus_parse("text", text, strlen(text), &error);

	g_assert_no_error(error);
	return p;
}

static struct litmus_program *program_named(const char *name)
{
	char *path = g_build_filename(FOLDER, name, NULL);
	GError *error = NULL;
	struct litmus_program *p = litmus_read(path, &error);

	g_assert_no_error(error);
	g_free(path);
	return p;
}

static GHashTable *states_under_tso(const struct litmus_program *p)
{
	static const struct litmus_limits none;
	GHashTable *set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	struct litmus_result r;
	GError *error = NULL;
	guint i;

	g_assert_true(litmus_explore(p, "tso", &none, &r, &error));
	for (i = 0; i < r.n_states; i++)
		g_hash_table_add(set, litmus_state_text(p, &r, i));
	litmus_result_clear(&r);
	return set;
}

static void check_within_tso(const struct litmus_program *p)
{
	struct hw_litmus_result *r = run_here(p, ROUNDS_EACH, TRUE);
	GHashTable *set = states_under_tso(p);
	guint64 sum = r->filtered;
	guint i;

	for (i = 0; i < r->n_states; i++) {
		char *text = state_here(p, r, i);

		if (!g_hash_table_contains(set, text))
			g_error("%s: this machine has the final state %s, tso does not", p->path,
				text);
		sum += r->count[i];
		g_free(text);
	}
	g_assert_cmpuint(sum, ==, ROUNDS_EACH);
	g_hash_table_unref(set);
	hw_litmus_result_free(r);
}

static void test_within_tso(void)
{
	GDir *dir = g_dir_open(FOLDER, 0, NULL);
	guint taken = 0, refused = 0;
	const char *name;

	g_assert_nonnull(dir);
	while ((name = g_dir_read_name(dir))) {
		struct litmus_program *p;

		/* That one can deadlock, and in time does. */
		if (!g_str_has_suffix(name, ".litmus") || g_str_has_prefix(name, "LOCK+opposite"))
			continue;
		p = program_named(name);
		if (hw_litmus_takes(p, NULL)) {
			check_within_tso(p);
			taken++;
		} else {
			refused++;
		}
		litmus_program_free(p);
	}
	g_dir_close(dir);
	g_assert_cmpuint(taken, >, 100);
	g_assert_cmpuint(refused, >, 10);	/* grace periods */
}

static guint64 positive(const struct litmus_program *p, const struct hw_litmus_result *r)
{
	guint64 n = 0;
	guint i;

	for (i = 0; i < r->n_states; i++)
		n += hw_litmus_state_holds(p, r, i) ? r->count[i] : 0;
	return n;
}

static void test_buffering(void)
{
	struct litmus_program *p = program_named("SB.litmus");
	guint64 seen = 0;
	guint i;

	if (topology->n_allowed < 2) {
		g_test_skip("it takes two CPUs");
		litmus_program_free(p);
		return;
	}
	for (i = 0; i < TRIES_SB && !seen; i++) {
		struct hw_litmus_result *r = run_here(p, 10000, TRUE);

		seen = positive(p, r);
		hw_litmus_result_free(r);
	}
	g_assert_cmpuint(seen, >, 0);
	litmus_program_free(p);
}

static void test_forbidden(void)
{
	static const char *const names[] = { "MP.litmus", "SB+mbs.litmus", "2+2W.litmus" };
	guint i, provoke;

	for (i = 0; i < G_N_ELEMENTS(names); i++) {
		struct litmus_program *p = program_named(names[i]);

		for (provoke = 0; provoke < 2; provoke++) {
			struct hw_litmus_result *r = run_here(p, ROUNDS_MP, provoke);

			g_assert_cmpuint(positive(p, r), ==, 0);
			hw_litmus_result_free(r);
		}
		litmus_program_free(p);
	}
}

/* A process alone: there is one final state, and it is known. */
static void test_computes(void)
{
	struct litmus_program *p = program_of(
		"C computes\n\n{ x=5; p=y; y=-3; }\n\n"
		"P0(int *x, int *y, int **p, spinlock_t *l)\n{\n"
		"\tint r0 = READ_ONCE(*x) * 7 - 1;\n"
		"\tint *q0 = READ_ONCE(*p);\n"
		"\tint r1 = READ_ONCE(*q0);\n"
		"\tint r2 = xchg(x, 9);\n"
		"\tint r3 = cmpxchg(x, 8, 1);\n"
		"\tint r4 = cmpxchg(x, 9, 2);\n"
		"\tint r5 = atomic_add_return(40, x);\n"
		"\tint r6;\n\tint r7;\n\tint r8 = 0;\n"
		"\tspin_lock(l);\n"
		"\tr6 = spin_trylock(l);\n"
		"\tspin_unlock(l);\n"
		"\tr7 = spin_trylock(l);\n"
		"\tif (r1 < 0)\n\t\tr8 = 1;\n\telse\n\t\tr8 = 2;\n"
		"\tWRITE_ONCE(*p, x);\n"
		"}\n\nforall (0:r0=34 /\\ 0:q0=y /\\ 0:r1=-3 /\\ 0:r2=5 /\\ 0:r3=9 /\\ 0:r4=9 /\\ "
		"0:r5=42 /\\ 0:r6=0 /\\ 0:r7=1 /\\ 0:r8=1 /\\ x=42 /\\ p=x)\n");
	struct hw_litmus_result *r = run_here(p, 1000, FALSE);

	g_assert_cmpuint(r->n_states, ==, 1);
	g_assert_cmpuint(positive(p, r), ==, 1000);
	hw_litmus_result_free(r);
	litmus_program_free(p);
}

static void test_filter(void)
{
	struct litmus_program *p = program_of("C filter\n\n{}\n\nP0(int *x)\n{\n\tint r0;\n\n"
					      "\tr0 = READ_ONCE(*x);\n}\n\n"
					      "filter (0:r0=1)\nexists (x=0)\n");
	struct hw_litmus_result *r = run_here(p, 1000, FALSE);

	g_assert_cmpuint(r->n_states, ==, 0);
	g_assert_cmpuint(r->filtered, ==, 1000);
	hw_litmus_result_free(r);
	litmus_program_free(p);
}

/* It fails, with words, instead of touching what is not its own. */
static void test_wild(void)
{
	struct litmus_program *p = program_of("C wild\n\n{ p=x; }\n\nP0(int **p)\n{\n\tint *q0;\n"
					      "\tint r0;\n\n\tq0 = READ_ONCE(*p);\n"
					      "\tr0 = READ_ONCE(*(q0 + 1000));\n}\n\n"
					      "exists (0:r0=0)\n");
	guint cpu = topology->allowed[0].number;
	const struct hw_litmus_options opt = { .rounds = 10, .hang_seconds = 300, .cpus = &cpu };
	GError *error = NULL;

	g_assert_null(hw_litmus_run(p, &opt, &error));
	g_assert_error(error, HW_ERROR, HW_ERROR_PLAN);
	g_assert_nonnull(strstr(error->message, "P0 reaches for an address"));
	g_error_free(error);
	litmus_program_free(p);
}

static void test_hangs(void)
{
	struct litmus_program *p = program_of("C hangs\n\n{}\n\nP0(int *x, spinlock_t *l)\n{\n"
					      "\tspin_lock(l);\n\tspin_lock(l);\n"
					      "\tWRITE_ONCE(*x, 1);\n}\n\nexists (x=1)\n");
	guint cpu = topology->allowed[0].number;
	const struct hw_litmus_options opt = { .rounds = 10, .hang_seconds = 0.5, .cpus = &cpu };
	struct hw_litmus_result *r;
	GError *error = NULL;

	r = hw_litmus_run(p, &opt, &error);
	g_assert_no_error(error);
	g_assert_nonnull(strstr(r->reason, "does not come to its end"));
	g_assert_cmpuint(r->rounds, ==, 0);
	hw_litmus_result_free(r);
	litmus_program_free(p);
}

int main(int argc, char **argv)
{
	GError *error = NULL;
	int status;

	g_test_init(&argc, &argv, NULL);
	topology = hw_topology_new(&error);
	g_assert_no_error(error);
	g_test_add_func("/litmus/hw/computes", test_computes);
	g_test_add_func("/litmus/hw/filter", test_filter);
	g_test_add_func("/litmus/hw/wild", test_wild);
	g_test_add_func("/litmus/hw/hangs", test_hangs);
	g_test_add_func("/litmus/hw/buffering", test_buffering);
	g_test_add_func("/litmus/hw/forbidden", test_forbidden);
	g_test_add_func("/litmus/hw/within-tso", test_within_tso);
	status = g_test_run();
	hw_topology_free(topology);
	return status;
}

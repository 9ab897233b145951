/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory models against what is independent of them: abstract machines on
 * generated programs, the expected observations of the collection, the kernel's
 * model as axioms. Models are looked up by name; one that is not there is said
 * and left out. RMAPSIM_LONG: ten times as many programs.
 */
#include <string.h>
#include "sim/litmus/explore.h"
#include "sim/litmus/print.h"
#include "sim/model/model.h"
#include "tests/lkmm.h"
#include "tests/rich_program.h"
#include "tests/small_machine.h"

#define PROGRAMS	2000u
#define RICH_PROGRAMS	1000u

/* Each allows what the one before does. */
static const char *const order[] = { "sc", "tso", "pso", "weak" };

#define N_MODELS	G_N_ELEMENTS(order)

static gboolean there_is(guint model)
{
	if (model_find(order[model]))
		return TRUE;
	g_test_message("there is no model %s", order[model]);
	return FALSE;
}

/* Final states under a model, as texts; *said: its observation. */
static GHashTable *states_of(const struct litmus_program *p, const char *model, char **said)
{
	static const struct litmus_limits none;
	GHashTable *set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	struct litmus_result r;
	GError *error = NULL;
	guint i;

	if (!litmus_explore(p, model, &none, &r, &error))
		g_error("%s: %s: %s", p->path, model, error->message);
	g_assert_cmpint(r.end, ==, LITMUS_COMPLETE);
	for (i = 0; i < r.n_states; i++)
		g_hash_table_add(set, litmus_state_text(p, &r, i));
	if (said)
		*said = g_strdup(litmus_observation(&r));
	litmus_result_clear(&r);
	return set;
}

/* "" if all of a is in b, else a state that is not. */
static const char *not_among(GHashTable *a, GHashTable *b)
{
	GHashTableIter it;
	gpointer key;

	g_hash_table_iter_init(&it, a);
	while (g_hash_table_iter_next(&it, &key, NULL)) {
		if (!g_hash_table_contains(b, key))
			return key;
	}
	return "";
}

static void assert_within(const struct litmus_program *p, GHashTable *a, const char *a_name,
			  GHashTable *b, const char *b_name)
{
	const char *state = not_among(a, b);

	if (*state)
		g_error("%s: %s has the final state %s, %s does not", p->path, a_name, state,
			b_name);
}

/* The models that there are, each within the next one; state sets are the caller's. */
static void explore_models(const struct litmus_program *p, GHashTable **set, char **said)
{
	guint i, before = N_MODELS;

	for (i = 0; i < N_MODELS; i++) {
		set[i] = NULL;
		if (!model_find(order[i]))
			continue;
		set[i] = states_of(p, order[i], said ? &said[i] : NULL);
		if (before < N_MODELS)
			assert_within(p, set[before], order[before], set[i], order[i]);
		before = i;
	}
}

static void forget(GHashTable **set)
{
	guint i;

	for (i = 0; i < N_MODELS; i++)
		g_clear_pointer(&set[i], g_hash_table_unref);
}

static void compare_with_machines(const struct small_program *small,
				  const struct litmus_program *p, GHashTable **set)
{
	guint i;

	for (i = 0; i <= SMALL_PSO; i++) {
		GHashTable *want;

		if (!set[i])
			continue;
		want = small_states(small, i);
		assert_within(p, set[i], order[i], want, "the machine");
		assert_within(p, want, "the machine", set[i], order[i]);
		g_hash_table_unref(want);
	}
}

static void test_machines(void)
{
	guint i, n = PROGRAMS * (g_getenv("RMAPSIM_LONG") ? 10 : 1);

	for (i = 0; i < n; i++) {
		char *name = g_strdup_printf("generated-%u", i), *text;
		GHashTable *set[N_MODELS];
		struct small_program small;
		struct litmus_program *p;
		GError *error = NULL;

		small_make(&small, i);
		text = small_text(&small, name);
		p = litmus_parse(name, text, strlen(text), &error);
		g_assert_no_error(error);
		explore_models(p, set, NULL);
		compare_with_machines(&small, p, set);
		forget(set);
		litmus_program_free(p);
		g_free(text);
		g_free(name);
	}
}

/* No model shows what the kernel's forbids; NULL: that one cannot tell. */
static void compare_with_lkmm(const struct litmus_program *p, GHashTable **set)
{
	bool some, all;
	GHashTable *lkmm = lkmm_states(p, &some, &all);
	guint i;

	if (!lkmm)
		g_test_message("%s is too large for the axioms", p->path);
	for (i = 0; lkmm && i < N_MODELS; i++) {
		if (set[i])
			assert_within(p, set[i], order[i], lkmm, "lkmm");
	}
	g_clear_pointer(&lkmm, g_hash_table_unref);
}

/* Programs with all kinds of ordering; --verbose prints the one that is under way. */
static void test_axioms(void)
{
	guint i, n = RICH_PROGRAMS * (g_getenv("RMAPSIM_LONG") ? 10 : 1);

	for (i = 0; i < n; i++) {
		char *name = g_strdup_printf("rich-%u", i), *text = rich_text(i, name);
		GHashTable *set[N_MODELS];
		struct litmus_program *p;
		GError *error = NULL;

		g_test_message("%s", text);
		p = litmus_parse(name, text, strlen(text), &error);
		g_assert_no_error(error);
		explore_models(p, set, NULL);
		compare_with_lkmm(p, set);
		forget(set);
		litmus_program_free(p);
		g_free(text);
		g_free(name);
	}
}

/* A test file: what each model shows is what it expects, and the kernel's allows it all. */
static void compare_file(const char *path)
{
	GHashTable *set[N_MODELS];
	char *said[N_MODELS] = { NULL };
	GError *error = NULL;
	struct litmus_program *p = litmus_read(path, &error);
	guint i;

	g_assert_no_error(error);
	explore_models(p, set, said);
	for (i = 0; i < N_MODELS; i++) {
		if (set[i] && g_strcmp0(said[i], litmus_expected(p, order[i])))
			g_error("%s: %s shows %s, expected was %s", path, order[i], said[i],
				litmus_expected(p, order[i]));
		g_free(said[i]);
	}
	if (!strcmp(p->arch, "C"))
		compare_with_lkmm(p, set);
	forget(set);
	litmus_program_free(p);
}

static void test_collection(void)
{
	const char *folder = SCENARIO_SOURCE_DIR "/litmus", *name;
	GDir *dir = g_dir_open(folder, 0, NULL);
	guint n = 0;

	g_assert_nonnull(dir);
	while ((name = g_dir_read_name(dir))) {
		char *path = g_build_filename(folder, name, NULL);

		if (g_str_has_suffix(name, ".litmus")) {
			compare_file(path);
			n++;
		}
		g_free(path);
	}
	g_dir_close(dir);
	g_assert_cmpuint(n, >=, 80);
}

/* Were one model taken for the next one, the tests above would tell. */
static void test_models_differ(void)
{
	guint i, m, differ[2] = { 0 };

	for (i = 0; i < PROGRAMS; i++) {
		struct small_program small;

		small_make(&small, i);
		for (m = 0; m < SMALL_PSO; m++) {
			GHashTable *one = small_states(&small, m);
			GHashTable *next = small_states(&small, m + 1);

			g_assert_cmpstr(not_among(one, next), ==, "");
			differ[m] += *not_among(next, one) != 0;
			g_hash_table_unref(one);
			g_hash_table_unref(next);
		}
	}
	g_assert_cmpuint(differ[SMALL_SC], >, PROGRAMS / 20);
	g_assert_cmpuint(differ[SMALL_TSO], >, PROGRAMS / 20);
}

int main(int argc, char **argv)
{
	guint i;

	g_test_init(&argc, &argv, NULL);
	for (i = 0; i < N_MODELS; i++)
		there_is(i);
	g_test_add_func("/litmus/machines-differ", test_models_differ);
	g_test_add_func("/litmus/machines", test_machines);
	g_test_add_func("/litmus/axioms", test_axioms);
	g_test_add_func("/litmus/collection", test_collection);
	return g_test_run();
}

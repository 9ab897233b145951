/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A search that keeps itself in a file is killed at random moments, while it writes
 * that file included, and goes on from it: the answer and all counts are those of
 * a search that nobody disturbed.
 *
 * RMAPSIM_LONG: more kills, and larger searches.
 */
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include "sim/engine/rng.h"
#include "tests/search_support.h"

#define SAVE_EVERY_S	0.002
#define KILL_US_MAX	60000

static struct search_options saving(const char *file)
{
	return (struct search_options){
		.save = file, .save_every = SAVE_EVERY_S, .version = "test",
	};
}

/* In a process of its own: search, and be killed, or come to the end. */
static void search_and_kill(const struct plan *plan, const char *file, unsigned int us)
{
	struct search_options opt = saving(file);
	struct search_result res;
	pid_t child = fork();

	g_assert_cmpint(child, >=, 0);
	if (!child) {
		search_result_of(plan, &opt, &res);
		_exit(0);
	}
	g_usleep(us);
	kill(child, SIGKILL);
	g_assert_cmpint(waitpid(child, NULL, 0), ==, child);
}

static void check_same(const struct search_result *a, const struct search_result *b)
{
	search_assert_same_answer(a, b);
	g_assert_cmpuint(a->states, ==, b->states);
	g_assert_cmpuint(a->transitions, ==, b->transitions);
	g_assert_cmpuint(a->finals, ==, b->finals);
	g_assert_cmpuint(a->depth_max, ==, b->depth_max);
}

/* However fast or slow the machine is, there is a file to go on from at first. */
static void begin(const struct plan *plan, const char *file)
{
	struct search_options opt = saving(file);
	struct search_result res;

	opt.states_max = 500;
	search_result_of(plan, &opt, &res);
	g_assert_cmpint(res.verdict, ==, SEARCH_INCOMPLETE);
	g_assert_true(g_file_test(file, G_FILE_TEST_EXISTS));
}

static void check_kills(const char *name, const char *file, struct rng *rng, unsigned int kills)
{
	struct plan *plan = support_plan(name, NULL);
	struct search_options opt = saving(file);
	struct search_result straight, res;
	unsigned int i;

	search_result_of(plan, NULL, &straight);
	begin(plan, file);
	for (i = 0; i < kills; i++)
		search_and_kill(plan, file, rng_below(rng, KILL_US_MAX));
	search_result_of(plan, &opt, &res);
	check_same(&straight, &res);
	g_assert_false(g_file_test(file, G_FILE_TEST_EXISTS));
	plan_free(plan);
}

/* What a kill in the middle of writing leaves. */
static void remove_rest(const char *dir)
{
	GDir *d = g_dir_open(dir, 0, NULL);
	const char *name;

	while ((name = g_dir_read_name(d))) {
		char *path = g_build_filename(dir, name, NULL);

		g_unlink(path);
		g_free(path);
	}
	g_dir_close(d);
}

static void test_kills(void)
{
	static const char *const names[] = {
		"bench-c5", "bench-c6", "position-ge-pass", "position-ge-pass-lifo", "bench-c7",
		"bench-c8",
	};
	unsigned int n = search_long() ? G_N_ELEMENTS(names) : 4, i;
	char *dir = g_dir_make_tmp("rmapsim-save-XXXXXX", NULL);
	char *file = g_build_filename(dir, "search", NULL);
	struct rng rng;

	rng_init(&rng, 1, 0);
	for (i = 0; i < n; i++)
		check_kills(names[i], file, &rng, search_long() ? 100 : 6);
	remove_rest(dir);
	g_assert_cmpint(g_rmdir(dir), ==, 0);
	g_free(file);
	g_free(dir);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/search/save/kills", test_kills);
	return g_test_run();
}

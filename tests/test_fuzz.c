/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nothing in any file can crash or hang the program: scenarios and schedules,
 * mutated by a fixed generator, are given to the whole program, which must end
 * by itself with a status that means something, and leave nothing behind.
 *
 * RMAPSIM: the program.
 */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "sim/engine/rng.h"

#define FILES		300
#define CPU_SECONDS	60
#define WALL_SECONDS	300

static char *folder;		/* the program runs here */
static const char *program;

/* --- the generator */

static const char *const words[] = {
	"0", "1", "-1", "65535", "65536", "18446744073709551615", "99999999999999999999", "rmap0",
	"rmap63", "spte0", "spte1023", "spte0..1023", "add", "remove", "walk", ";", "=", "[", "]",
	"[task x]", "forever", "seeded", "\n", "\t", "\"", "\\", "#", "after", "TASK", "OP", "end",
	"4294967295", "0xffffffffffffffff", "pick", "who", "cpu", "null", "template", "\xff", "",
};

static gsize line_start(const GString *s, gsize at)
{
	while (at && s->str[at - 1] != '\n')
		at--;
	return at;
}

static gsize line_end(const GString *s, gsize at)
{
	while (at < s->len && s->str[at++] != '\n')
		;
	return at;
}

/* Another line, or the same one, is put here. */
static void copy_line(GString *s, struct rng *rng, gsize to)
{
	gsize from = rng_below(rng, s->len), start = line_start(s, from);
	char *line = g_strndup(s->str + start, line_end(s, from) - start);

	g_string_insert(s, line_start(s, to), line);
	g_free(line);
}

/* A number becomes another one: what is well formed is worth more than noise. */
static void change_number(GString *s, struct rng *rng, gsize at)
{
	static const char digits[] = "0123456789";
	gsize n;

	while (at < s->len && !g_ascii_isdigit(s->str[at]))
		at++;
	n = strspn(s->str + at, digits);
	g_string_erase(s, at, n);
	if (rng_below(rng, 2))
		g_string_insert_c(s, at, digits[rng_below(rng, 10)]);
	else
		g_string_insert(s, at, words[rng_below(rng, 7)]);
}

static void mutate(GString *s, struct rng *rng)
{
	gsize at = rng_below(rng, s->len), end = line_end(s, at);

	switch (rng_below(rng, 8)) {
	case 0:
		s->str[at] ^= 1 << rng_below(rng, 8);
		break;
	case 1:
		g_string_erase(s, at, 1 + rng_below(rng, 8) % (s->len - at));
		break;
	case 2:
		g_string_erase(s, line_start(s, at), end - line_start(s, at));
		break;
	case 3:
		copy_line(s, rng, at);
		break;
	case 4:
		g_string_insert(s, at, words[rng_below(rng, G_N_ELEMENTS(words))]);
		break;
	case 5:
		if (!rng_below(rng, 4))
			g_string_truncate(s, at);
		break;
	default:
		change_number(s, rng, at);
	}
	if (!s->len)
		g_string_assign(s, "\n");
}

/* --- running it */

static void limit_child(gpointer data)
{
	const struct rlimit cpu = { CPU_SECONDS, CPU_SECONDS + 1 }, core = { 0, 0 };

	(void)data;
	setrlimit(RLIMIT_CPU, &cpu);
	setrlimit(RLIMIT_CORE, &core);
	alarm(WALL_SECONDS);	/* survives the exec */
}

struct outcome {
	int status;		/* as waitpid() has it */
	char *out, *err;
};

static void run(const char *const *argv, struct outcome *o)
{
	GError *error = NULL;

	g_spawn_sync(folder, (char **)argv, NULL, G_SPAWN_DEFAULT, limit_child, NULL, &o->out,
		     &o->err, &o->status, &error);
	g_assert_no_error(error);
}

static void outcome_clear(struct outcome *o)
{
	g_free(o->out);
	g_free(o->err);
}

/* The only file in the folder is the one that was put there. */
static void assert_alone(const char *name)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	const char *found;

	while ((found = g_dir_read_name(dir)))
		g_assert_cmpstr(found, ==, name);
	g_dir_close(dir);
}

/* Statuses of which nobody may complain; 3 would be our own fault here. */
static void judge(const struct outcome *o, const GString *input, unsigned int *statuses)
{
	gboolean fine = WIFEXITED(o->status) && WEXITSTATUS(o->status) <= 4 &&
		    WEXITSTATUS(o->status) != 3;

	if (!fine)
		g_error("wait status 0x%x; it said: %s; the input was:\n%s", o->status, o->err,
			input->str);
	statuses[WEXITSTATUS(o->status)]++;
	if (WEXITSTATUS(o->status) == 2)
		g_assert_cmpuint(strlen(o->err), >, 0);
}

static void try_file(const char *name, const char *const *argv, const GString *input,
		     unsigned int *statuses)
{
	char *path = g_build_filename(folder, name, NULL);
	GError *error = NULL;
	struct outcome o;

	g_file_set_contents(path, input->str, input->len, &error);
	g_assert_no_error(error);
	run(argv, &o);
	judge(&o, input, statuses);
	outcome_clear(&o);
	assert_alone(name);
	g_unlink(path);
	g_free(path);
}

static GString *mutated(const char *text, struct rng *rng)
{
	GString *s = g_string_new(text);
	unsigned int n = 1 + rng_below(rng, 3);

	while (n--)
		mutate(s, rng);
	return s;
}

static void report(const unsigned int *n)
{
	g_test_message("status 0: %u, 1: %u, 2: %u, 4: %u", n[0], n[1], n[2], n[4]);
}

/* --- scenarios */

static void test_scenarios(void)
{
	static const char *const names[] = {
		"bench-c1", "churn-position-w2", "endless", "mail-picture", "busted-scan-up",
		"busted-wild-read", "churn-locked-tail-w2", "busted-await-head", "harness-cost",
	};
	const char *argv[] = {
		program, "run", "./x.scenario", "--seeds", "40", "--jobs", "1", "--set",
		"limits.events=20000", "--set", "limits.hang=1", NULL
	};
	unsigned int i, statuses[5] = { 0 };
	struct rng rng;

	rng_init(&rng, 1, 0);
	for (i = 0; i < FILES; i++) {
		char *name = g_strdup_printf("%s.scenario", names[i % G_N_ELEMENTS(names)]);
		char *path = g_build_filename(SCENARIO_SOURCE_DIR, name, NULL), *text;
		GString *s;

		g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
		s = mutated(text, &rng);
		try_file("x.scenario", argv, s, statuses);
		g_string_free(s, TRUE);
		g_free(text);
		g_free(path);
		g_free(name);
	}
	report(statuses);
	/* Both what is refused and what is run must be among them. */
	g_assert_cmpuint(statuses[2], >, FILES / 10);
	g_assert_cmpuint(statuses[0] + statuses[1] + statuses[4], >, FILES / 5);
}

/* --- schedules */

/* A schedule of a run with picks, task choices and a violation. */
static char *a_schedule(const char *scenario, const char *seed)
{
	char *path = g_build_filename(folder, "saved", NULL), *text;
	const char *argv[] = {
		program, "replay", scenario, "--seed", seed, "--save", "saved", "--set",
		"memory.reuse=seeded", NULL
	};
	GError *error = NULL;
	struct outcome o;

	run(argv, &o);
	g_assert_true(WIFEXITED(o.status) && WEXITSTATUS(o.status) < 2);
	g_file_get_contents(path, &text, NULL, &error);
	g_assert_no_error(error);
	g_unlink(path);
	g_free(path);
	outcome_clear(&o);
	return text;
}

static void test_schedules(void)
{
	const char *strict[] = { program, "replay", "--schedule", "x.schedule", NULL };
	const char *relaxed[] = {
		program, "replay", "--schedule", "x.schedule", "--relaxed", NULL
	};
	char *text[] = {
		a_schedule("bench-c1", "3"), a_schedule("churn-position-w2", "7"),
		a_schedule("busted-scan-up", "2"), a_schedule("busted-early-publish", "5"),
	};
	unsigned int i, strictly[5] = { 0 }, relaxedly[5] = { 0 };
	struct rng rng;

	rng_init(&rng, 2, 0);
	for (i = 0; i < FILES; i++) {
		GString *s = mutated(text[i % G_N_ELEMENTS(text)], &rng);

		try_file("x.schedule", strict, s, strictly);
		try_file("x.schedule", relaxed, s, relaxedly);
		g_string_free(s, TRUE);
	}
	report(strictly);
	report(relaxedly);
	g_assert_cmpuint(strictly[2], >, FILES / 2);
	g_assert_cmpuint(relaxedly[0] + relaxedly[1], >, FILES / 10);
	for (i = 0; i < G_N_ELEMENTS(text); i++)
		g_free(text[i]);
}

/* Files that are no files of ours. */
static void test_strange_files(void)
{
	static const char *const paths[] = { "/dev/null", "/dev/zero", "/", "/proc/self/mem", "" };
	unsigned int i, statuses[5] = { 0 };
	GString *none = g_string_new("(none)");

	for (i = 0; i < G_N_ELEMENTS(paths); i++) {
		const char *run_argv[] = { program, "run", paths[i], NULL };
		const char *replay_argv[] = { program, "replay", "--schedule", paths[i], NULL };
		struct outcome o;

		run(run_argv, &o);
		judge(&o, none, statuses);
		outcome_clear(&o);
		run(replay_argv, &o);
		judge(&o, none, statuses);
		outcome_clear(&o);
		assert_alone("");
	}
	g_assert_cmpuint(statuses[2], ==, 2 * G_N_ELEMENTS(paths));
	g_string_free(none, TRUE);
}

int main(int argc, char **argv)
{
	int ret;

	g_test_init(&argc, &argv, NULL);
	program = g_getenv("RMAPSIM") ? g_getenv("RMAPSIM") : "./rmapsim";
	program = g_canonicalize_filename(program, NULL);
	folder = g_dir_make_tmp("rmapsim-fuzz-XXXXXX", NULL);
	g_assert_nonnull(folder);
	g_test_add_func("/fuzz/scenarios", test_scenarios);
	g_test_add_func("/fuzz/schedules", test_schedules);
	g_test_add_func("/fuzz/strange-files", test_strange_files);
	ret = g_test_run();
	g_rmdir(folder);
	return ret;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rmapsim sweep as a user runs it: the same database for any number of jobs,
 * killed and resumed, on a full disk; what is refused before anything runs.
 *
 * RMAPSIM is the program. KILLS says how often a sweep is killed (default 8).
 */
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>
#include "output/store.h"

#define KILLS_DEFAULT	8
#define KILL_MS_MAX	400	/* after the start */

static const char *rmapsim;
static char *folder;

struct answer {
	int status;		/* of exit */
	char *out, *err;
};

static void answer_clear(struct answer *a)
{
	g_free(a->out);
	g_free(a->err);
}

/* sh -c "exec rmapsim ARGS", behind what is to come before it. */
static struct answer ask_after(const char *before, const char *args)
{
	char *quoted = g_shell_quote(rmapsim);
	char *line = g_strdup_printf("cd %s && %s exec %s %s", folder, before, quoted, args);
	char *argv[] = { "/bin/sh", "-c", line, NULL };
	struct answer a = { 0 };
	int status = 0;

	g_assert_true(g_spawn_sync(NULL, argv, NULL, 0, NULL, NULL, &a.out, &a.err, &status,
				   NULL));
	a.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	g_free(line);
	g_free(quoted);
	return a;
}

static void expect_after(const char *before, const char *args, int status, const char *words)
{
	struct answer a = ask_after(before, args);

	if (a.status != status || (words && !strstr(a.err, words) && !strstr(a.out, words)))
		g_error("%s %s: status %d, not %d, or \"%s\" is not in:\n%s%s", before, args,
			a.status, status, words, a.err, a.out);
	answer_clear(&a);
}

static void expect(const char *args, int status, const char *words)
{
	expect_after("", args, status, words);
}

static gboolean on_row(const struct store_row *row, gpointer data)
{
	GString *out = data;
	guint i;

	for (i = 0; i < row->n; i++)
		g_string_append_printf(out, "%s|", row->values[i] ? row->values[i] : "NULL");
	g_string_append_c(out, '\n');
	return TRUE;
}

static struct store *must_open(const char *db)
{
	char *path = g_build_filename(folder, db, NULL);
	GError *error = NULL;
	struct store *s = store_open(path, STORE_READ, &error);

	g_assert_no_error(error);
	g_free(path);
	return s;
}

static char *answer_of(struct store *s, const char *sql)
{
	GString *out = g_string_new(NULL);
	GError *error = NULL;

	store_query(s, sql, on_row, out, &error, NULL);
	g_assert_no_error(error);
	return g_string_free(out, FALSE);
}

static void assert_answer(const char *db, const char *sql, const char *want)
{
	struct store *s = must_open(db);
	char *got = answer_of(s, sql);

	g_assert_cmpstr(got, ==, want);
	g_free(got);
	store_close(s, NULL);
}

/* Every row of every table, times and the machine apart. */
static char *dump(const char *db)
{
	static const char *const queries[] = {
		"SELECT id, identity, command, program_version, scenario, scenario_text, swept, "
		"strategy, seed_first, seeds_per_point, batch_seeds, machine_id, finished "
		"FROM experiment ORDER BY id",
		"SELECT * FROM point ORDER BY id",
		"SELECT * FROM point_param ORDER BY point_id, key",
		"SELECT * FROM batch ORDER BY id",
		"SELECT * FROM batch_histogram ORDER BY batch_id, what, low",
		"SELECT * FROM failure ORDER BY id",
		"SELECT name, sql FROM sqlite_master ORDER BY name",
	};
	struct store *s = must_open(db);
	GString *all = g_string_new(NULL);
	gsize i;

	for (i = 0; i < G_N_ELEMENTS(queries); i++) {
		char *rows = answer_of(s, queries[i]);

		g_assert_true(*rows || i == 5);
		g_string_append_printf(all, "--\n%s", rows);
		g_free(rows);
	}
	store_close(s, NULL);
	return g_string_free(all, FALSE);
}

static void assert_same(const char *db, const char *other)
{
	char *a = dump(db), *b = dump(other);

	g_assert_cmpstr(a, ==, b);
	g_free(a);
	g_free(b);
}

/* Some points fail, some do not; the last batch of each has fewer seeds. */
#define GRID	"churn-position-w2 --sweep algorithm.name=position,busted-scan-up,null " \
		"--sweep algorithm.retries=0..3 --sweep task.writer.count=1,2 --seeds 7..15000 "

static void test_jobs(void)
{
	char *one = NULL, *two = NULL;
	struct answer a;

	a = ask_after("", "sweep " GRID "--jobs 1 --db one.db");
	g_assert_cmpint(a.status, ==, 1);
	one = g_strdup(a.out);
	answer_clear(&a);
	a = ask_after("", "sweep " GRID "--jobs 2 --db two.db");
	g_assert_cmpint(a.status, ==, 1);
	two = g_strdup(a.out);
	answer_clear(&a);
	expect("sweep " GRID "--jobs 3 --db three.db", 1, "12 points");
	assert_same("one.db", "two.db");
	assert_same("one.db", "three.db");
	*strstr(one, "one.db") = '\0';
	*strstr(two, "two.db") = '\0';
	g_assert_cmpstr(one, ==, two);
	g_free(one);
	g_free(two);
}

/* The figures once more from raw rows; what is stored agrees with itself. */
static void test_figures(void)
{
	static const char *const none[] = {
		/* histograms count every walk once, and every step and restart */
		"SELECT b.id FROM batch b JOIN batch_histogram h ON h.batch_id = b.id "
		"GROUP BY b.id, h.what, b.walks HAVING SUM(h.count) <> b.walks",
		"SELECT b.id FROM batch b JOIN batch_histogram h ON h.batch_id = b.id "
		"WHERE h.what = 'walk_restarts' GROUP BY b.id, b.restarts "
		"HAVING SUM(h.low * h.count) <> b.restarts",
		"SELECT b.id FROM batch b JOIN batch_histogram h ON h.batch_id = b.id "
		"WHERE h.what = 'walk_steps' GROUP BY b.id, b.steps, b.walk_steps_max "
		"HAVING SUM(h.low * h.count) <> b.steps OR MAX(h.high) <> b.walk_steps_max",
		/* seeds without gap or overlap */
		"SELECT point_id FROM batch GROUP BY point_id HAVING SUM(runs) <> 14994 "
		"OR MIN(seed_first) <> 7 OR MAX(seed_first + seeds) <> 15001",
		"SELECT a.id FROM batch a JOIN batch b ON a.point_id = b.point_id AND a.id < b.id "
		"WHERE a.seed_first + a.seeds > b.seed_first",
		/* the views */
		"SELECT v.point_id FROM plot_restarts_per_walk v WHERE v.value <> "
		"(SELECT CAST(SUM(restarts) AS REAL) / SUM(walks) FROM batch WHERE "
		"point_id = v.point_id)",
		"SELECT v.point_id FROM plot_slow_path_share v WHERE v.value <> "
		"(SELECT CAST(SUM(slow_path) AS REAL) / SUM(walks) FROM batch WHERE "
		"point_id = v.point_id) OR v.n <> 14994",
		"SELECT v.point_id FROM plot_walk_steps v WHERE v.count <> (SELECT SUM(h.count) "
		"FROM batch_histogram h JOIN batch b ON b.id = h.batch_id WHERE b.point_id = "
		"v.point_id AND h.what = 'walk_steps' AND h.low = v.low)",
		/* runs without a failure end all that they begin, and each does as much */
		"SELECT id FROM batch WHERE failures = 0 AND "
		"(operations <> adds + removes + walks OR adds = 0 OR removes = 0 OR "
		"writes_writes * runs <> (adds + removes) * (adds + removes) OR "
		"writes_points * runs <> (adds + removes) * points OR "
		"walks_points * runs <> walks * points OR points_points * runs < points * points)",
		"SELECT v.point_id FROM plot_writes_throughput v WHERE v.n <> 14994 OR "
		"abs(v.value - (SELECT 1000.0 * SUM(adds + removes) / SUM(points) FROM batch "
		"WHERE point_id = v.point_id)) > 1e-9 * v.value",
		/* at most four failures of a batch, of seeds of the batch */
		"SELECT b.id FROM batch b WHERE MIN(b.failures, 4) <> (SELECT COUNT(*) FROM "
		"failure f WHERE f.point_id = b.point_id AND f.seed >= b.seed_first AND "
		"f.seed < b.seed_first + b.seeds)",
	};
	gsize i;

	for (i = 0; i < G_N_ELEMENTS(none); i++)
		assert_answer("one.db", none[i], "");
	assert_answer("one.db", "SELECT COUNT(*) > 0, SUM(restarts) > 0, SUM(slow_path) > 0 "
		      "FROM batch", "1|1|1|\n");
	assert_answer("one.db", "SELECT SUM(points_points * runs > points * points) > 0 FROM batch "
		      "WHERE failures = 0", "1|\n");
	assert_answer("one.db", "SELECT COUNT(*) FROM point p WHERE (SELECT COUNT(*) FROM "
		      "plot_restarts_per_walk v WHERE v.point_id = p.id) = 1", "12|\n");
}

/* A stored failure is replayed, and is the run that its seed makes. */
static void test_failure(void)
{
	struct answer a, b;

	a = ask_after("", "replay --db one.db --failure 1 --last 30");
	g_assert_cmpint(a.status, ==, 1);
	g_assert_nonnull(strstr(a.out, "violated: coverage"));
	answer_clear(&a);
	a = ask_after("", "replay --db one.db --failure 1 --save stored.schedule --last 1");
	b = ask_after("", "replay churn-position-w2 --schedule stored.schedule --last 1");
	g_assert_cmpint(a.status, ==, 1);
	g_assert_cmpint(b.status, ==, 1);
	answer_clear(&a);
	answer_clear(&b);
	expect("replay --db one.db --failure 9999", 2, "there is no failure 9999");
	expect("replay --db one.db", 2, "belong together");
	expect("replay x --db one.db --failure 1", 2, "excludes");
	expect("replay --db none.db --failure 1", 2, "none.db: No such file");
}

static void start_and_kill(const char *args, guint after_ms)
{
	char *line = g_strdup_printf("%s %s", rmapsim, args), **argv = NULL;
	GPid pid;

	g_assert_true(g_shell_parse_argv(line, NULL, &argv, NULL));
	g_assert_true(g_spawn_async(folder, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD |
				    G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL,
				    NULL, &pid, NULL));
	g_usleep(after_ms * 1000ul);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	g_strfreev(argv);
	g_free(line);
}

/* Killed again and again until it is done; begun anew until it was killed often enough. */
static void test_kills(void)
{
	const char *kills = g_getenv("KILLS");
	guint n = kills ? atoi(kills) : KILLS_DEFAULT, i, whole = 0;
	char *db = g_build_filename(folder, "killed.db", NULL);

	for (i = 0; i < n; i++) {
		start_and_kill("sweep " GRID "--jobs 2 --db killed.db",
			       g_test_rand_int_range(0, KILL_MS_MAX));
		if ((i + 1) % 4)
			continue;
		expect("sweep " GRID "--jobs 2 --db killed.db", 1, "12 points");
		assert_same("one.db", "killed.db");
		g_remove(db);
		whole++;
	}
	expect("sweep " GRID "--jobs 2 --db killed.db", 1, "12 points");
	assert_same("one.db", "killed.db");
	g_test_message("%u kills, %u whole sweeps", n, whole + 1);
	expect("sweep " GRID "--db killed.db", 1, "all of it was there already");
	assert_same("one.db", "killed.db");
	g_free(db);
}

static void test_interrupt(void)
{
	char *line = g_strdup_printf("sh -c 'timeout -s INT 0.15 \"%s\" sweep %s --seeds 200000 "
				     "--db int.db; exit $?'", rmapsim, "churn-position-w2 "
				     "--sweep algorithm.retries=0..3");
	char *err = NULL;
	int status = 0;
	char **argv = NULL;

	g_assert_true(g_shell_parse_argv(line, NULL, &argv, NULL));
	g_assert_true(g_spawn_sync(folder, argv, NULL, G_SPAWN_SEARCH_PATH |
				   G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, &err, &status,
				   NULL));
	/* timeout says 124; what it ended says 130 when it is asked. */
	g_assert_true(WEXITSTATUS(status) == 124 || WEXITSTATUS(status) == 130);
	if (strstr(err, "interrupted"))
		g_assert_nonnull(strstr(err, "the same command goes on from there"));
	g_strfreev(argv);
	g_free(line);
	g_free(err);
}

static void test_file_limit(void)
{
	guint blocks;

	for (blocks = 8; blocks <= 128; blocks *= 4) {
		char *before = g_strdup_printf("ulimit -f %u;", blocks);

		expect_after(before, "sweep " GRID "--db limited.db", 3, "the disk is full");
		g_free(before);
	}
	expect("sweep " GRID "--db limited.db", 1, "12 points");
	assert_same("one.db", "limited.db");
}

/* A real full disk, where one can be mounted; then the same disk, but larger. */
static void test_full_disk(void)
{
	char *disk = g_build_filename(folder, "disk", NULL);

	g_assert_cmpint(g_mkdir(disk, 0700), ==, 0);
	if (mount("tmpfs", disk, "tmpfs", 0, "size=128k")) {
		g_test_skip("a tmpfs cannot be mounted here");
	} else {
		expect("sweep " GRID "--db disk/full.db", 3, "the disk is full");
		g_assert_cmpint(mount("tmpfs", disk, "tmpfs", MS_REMOUNT, "size=16m"), ==, 0);
		expect("sweep " GRID "--db disk/full.db", 1, "12 points");
		assert_same("one.db", "disk/full.db");
		g_assert_cmpint(mount("tmpfs", disk, "tmpfs", MS_REMOUNT | MS_RDONLY, NULL), ==, 0);
		expect("sweep " GRID "--db disk/full.db", 3, "read-only");
		expect("replay --db disk/full.db --failure 1 --last 1", 1, "violated");
		umount(disk);
	}
	g_rmdir(disk);
	g_free(disk);
}

/* A point that cannot be, too many, none: said before a database is made. */
static void test_refused(void)
{
	char *db = g_build_filename(folder, "refused.db", NULL);

	expect("sweep churn-position-w2 --sweep algorithm.retries=1,many --db refused.db", 2,
	       "point 1 (algorithm.retries=many): ");
	expect("sweep churn-position-w2 --sweep memory.sptes=7,3 --db refused.db", 2,
	       "point 1 (memory.sptes=3): ");
	expect("sweep churn-position-w2 --db refused.db", 2, "nothing is swept");
	expect("sweep churn-position-w2 --sweep memory.sptes=1..1024 --sweep memory.descs=1..1000 "
	       "--db refused.db", 2, "1024000 points; valid: at most 100000");
	expect("sweep churn-position-w2 --sweep algorithm.retries=1..3 --db refused.db "
	       "--seeds 9223372036854775807..9223372036854775809", 2, "below 2^63");
	expect("sweep churn-position-w2 --sweep algorithm.retries=1..4 --db refused.db "
	       "--seeds 0..9223372036854775807", 2, "too many runs");
	expect("sweep churn-position-w2 --sweep colour=1 --db refused.db", 2, "GROUP.KEY=VALUE");
	expect("sweep churn-position-w2 --sweep algorithm.retries=1..3", 2, "--db FILE");
	expect("sweep churn-position-w2 --sweep algorithm.retries=1..3 --db /nowhere/x.db", 3,
	       "/nowhere/x.db: ");
	g_assert_false(g_file_test(db, G_FILE_TEST_EXISTS));
	expect("sweep churn-position-w2 --sweep algorithm.retries=1..3 --db /dev/null", 2,
	       "no file that could hold a database");
	g_free(db);
}

static guint lines_with_digest(const char *text)
{
	guint n = 0;

	for (; (text = strstr(text, "  0x")); text++)
		n++;
	return n;
}

static void test_dry_run(void)
{
	struct answer a = ask_after("", "sweep " GRID "--dry-run");

	g_assert_cmpint(a.status, ==, 0);
	g_assert_cmpint(lines_with_digest(a.out), ==, 12);
	answer_clear(&a);
	assert_answer("one.db", "SELECT COUNT(*) FROM point", "12|\n");
	expect("sweep " GRID "--dry-run --json", 0, "\"algorithm.retries\" : null");
}

/* run --db stores what a sweep of that one point does, once. */
static void test_run(void)
{
	static const char sums[] = "SELECT e.command, SUM(b.runs), SUM(b.failures), "
		"SUM(b.operations), SUM(b.walks), SUM(b.steps), SUM(b.restarts), "
		"MAX(b.walk_steps_max), SUM(b.restarts_walks), SUM(b.steps_steps) "
		"FROM batch b JOIN point p ON p.id = b.point_id "
		"JOIN experiment e ON e.id = p.experiment_id GROUP BY e.id ORDER BY e.id";
	char *rows, *swept;
	struct store *s;

	expect("sweep busted-scan-up --sweep memory.pte-list-ext=3 --seeds 5..2000 --db run.db", 1,
	       NULL);
	expect("run busted-scan-up --keep-going --seeds 5..2000 --jobs 1 --db run.db", 1,
	       "experiment 2 in run.db");
	expect("run busted-scan-up --keep-going --seeds 5..2000 --db run.db", 1, "there already");
	expect("replay --db run.db --failure 17 --last 1", 1, "violated: coverage");
	expect("run busted-scan-up --seeds 9223372036854775808..9223372036854775809 --db run.db", 2,
	       "below 2^63");
	expect("run busted-scan-up --db /nowhere/x.db", 3, "/nowhere/x.db: ");
	s = must_open("run.db");
	rows = answer_of(s, sums);
	store_close(s, NULL);
	swept = strchr(rows, '\n') + 1;
	g_assert_true(g_str_has_prefix(rows, "sweep|1996|"));
	g_assert_true(g_str_has_prefix(swept, "run|1996|"));
	*strchr(rows, '\n') = *strchr(swept, '\n') = '\0';
	g_assert_cmpstr(strchr(rows, '|'), ==, strchr(swept, '|'));
	g_free(rows);
}

/* What differs in anything that results depend on is another experiment. */
static void test_experiments(void)
{
	static const char base[] = "sweep mail-picture --sweep algorithm.retries=0..1 --db ex.db ";
	static const char *const more[] = {
		"", "--seeds 20..100", "--seeds 99", "--set memory.sptes=20", "--digest",
		"--sweep algorithm.retries=0..2", "--strategy round-robin",
	};
	char *n;
	gsize i;

	for (i = 0; i < G_N_ELEMENTS(more); i++) {
		char *args = g_strconcat(base, more[i], NULL);

		expect(args, 0, NULL);
		expect(args, 0, "all of it was there already");
		g_free(args);
	}
	n = g_strdup_printf("%u|1|\n", (guint)i);
	assert_answer("ex.db", "SELECT COUNT(*), MIN(finished) FROM experiment", n);
	assert_answer("ex.db", "SELECT experiment_id, COUNT(DISTINCT digest) > 0 FROM batch JOIN "
		      "point p ON p.id = point_id WHERE digest IS NOT NULL GROUP BY 1", "5|1|\n");
	g_free(n);
}

int main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	rmapsim = g_getenv("RMAPSIM") ? g_getenv("RMAPSIM") : "./rmapsim";
	rmapsim = realpath(rmapsim, NULL);
	folder = g_dir_make_tmp("rmapsim-sweep-XXXXXX", NULL);
	g_test_add_func("/sweep/jobs", test_jobs);
	g_test_add_func("/sweep/figures", test_figures);
	g_test_add_func("/sweep/failure", test_failure);
	g_test_add_func("/sweep/dry-run", test_dry_run);
	g_test_add_func("/sweep/kills", test_kills);
	g_test_add_func("/sweep/interrupt", test_interrupt);
	g_test_add_func("/sweep/file-limit", test_file_limit);
	g_test_add_func("/sweep/full-disk", test_full_disk);
	g_test_add_func("/sweep/refused", test_refused);
	g_test_add_func("/sweep/run", test_run);
	g_test_add_func("/sweep/experiments", test_experiments);
	status = g_test_run();
	if (!status) {
		char *rm[] = { "rm", "-rf", folder, NULL };

		g_spawn_sync(NULL, rm, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
			     NULL);
	}
	g_free(folder);
	free((char *)rmapsim);
	return status;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store: rows come back as they went in, transactions are whole, the views'
 * numbers are those of the raw tables, and files that are not a database of ours
 * are told apart and left alone.
 */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#include "output/store.h"

#define OFFSET_SCHEMA		60	/* of user_version in the file, big endian */
#define OFFSET_APPLICATION	68

static char *folder;

static char *path_of(const char *name)
{
	return g_build_filename(folder, name, NULL);
}

static struct store *must_open(const char *path, enum store_mode mode)
{
	GError *error = NULL;
	struct store *s = store_open(path, mode, &error);

	g_assert_no_error(error);
	return s;
}

static void must_close(struct store *s)
{
	GError *error = NULL;

	store_close(s, &error);
	g_assert_no_error(error);
}

static gint64 number(struct store *s, const char *sql)
{
	GError *error = NULL;
	gint64 n;

	store_query_number(s, sql, &n, &error, NULL);
	g_assert_no_error(error);
	return n;
}

static gboolean on_text(const struct store_row *row, gpointer data)
{
	GString *out = data;
	guint i;

	for (i = 0; i < row->n; i++)
		g_string_append_printf(out, "%s%s", i ? "|" : "",
				       row->values[i] ? row->values[i] : "NULL");
	g_string_append_c(out, '\n');
	return TRUE;
}

static void assert_answer(struct store *s, const char *sql, const char *want)
{
	GString *got = g_string_new(NULL);
	GError *error = NULL;

	store_query(s, sql, on_text, got, &error, NULL);
	g_assert_no_error(error);
	g_assert_cmpstr(got->str, ==, want);
	g_string_free(got, TRUE);
}

/* One file with a rollback journal, as its header says; nothing beside it. */
static void assert_plain(const char *path)
{
	char *wal = g_strconcat(path, "-wal", NULL), *text = NULL;

	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	g_assert_cmpint(text[18], ==, 1);
	g_assert_cmpint(text[19], ==, 1);
	g_assert_false(g_file_test(wal, G_FILE_TEST_EXISTS));
	g_free(text);
	g_free(wal);
}

static gint64 add_experiment(struct store *s, const char *identity, const char *hostname)
{
	const struct row_machine machine = {
		.hostname = hostname, .cpus_online = 2, .memory_bytes = ROW_UNKNOWN,
		.tsc_hz = ROW_UNKNOWN, .threads_per_core = ROW_UNKNOWN,
	};
	const struct row_experiment row = {
		.identity = identity, .command = "sweep", .program_version = "0",
		.scenario = "x", .scenario_text = "", .swept = "", .strategy = "random",
		.seed_first = 1, .seeds_per_point = 8, .batch_seeds = 4,
	};
	GError *error = NULL;
	gint64 id = 0;

	store_add_experiment(s, &row, &machine, &id, &error);
	g_assert_no_error(error);
	return id;
}

static gint64 add_point(struct store *s, gint64 experiment, guint64 ordinal)
{
	const struct row_param params[] = { { "algorithm.retries", "2" }, { "task a.count", "4" } };
	const struct row_point row = {
		.ordinal = ordinal, .plan_digest = 0xabc, .plan_text = "text", .algorithm = "nulls",
		.model = "sc", .strategy = "random", .tasks = 3, .writers = 2, .walkers = 1,
		.params = params, .n_params = 2,
	};
	GError *error = NULL;
	gint64 id = 0;

	store_add_point(s, experiment, &row, &id, &error);
	g_assert_no_error(error);
	return id;
}

/* Runs with these restarts; each has walks of its own. */
static const guint64 restarts[] = { 0, 3, 1, 0, 7, 2, 2, 1 };
static const guint64 walks[] = { 4, 4, 2, 4, 5, 4, 3, 4 };
static const guint64 points[] = { 100, 250, 90, 110, 400, 130, 120, 100 };

static struct row_batch batch_of(guint first, guint n, struct row_bin *bins)
{
	struct row_batch row = { .seed_first = first + 1, .seeds = n, .runs = n };
	guint i;

	for (i = first; i < first + n; i++) {
		double w = walks[i], r = restarts[i];

		row.walks += walks[i];
		row.restarts += restarts[i];
		row.slow_path += restarts[i] > 2;
		row.steps += 10 * walks[i];
		row.points += points[i];
		row.adds += restarts[i] + 1;
		row.removes += restarts[i];
		row.writes_writes += (2 * r + 1) * (2 * r + 1);
		row.writes_points += (2 * r + 1) * points[i];
		row.walks_points += w * points[i];
		row.points_points += (double)points[i] * points[i];
		row.walks_walks += w * w;
		row.restarts_restarts += r * r;
		row.restarts_walks += r * w;
	}
	bins[0] = (struct row_bin){ "walk_steps", 10, 10, row.walks };
	bins[1] = (struct row_bin){ "walk_restarts", 0, 0, row.walks - 1 };
	bins[2] = (struct row_bin){ "walk_restarts", 1, 1, 1 };
	row.bins = bins;
	row.n_bins = 3;
	return row;
}

static void fill(struct store *s, gint64 point)
{
	const struct row_failure failed = { 3, "coverage", "a sentence", "a schedule" };
	struct row_bin bins[3];
	GError *error = NULL;
	struct row_batch row = batch_of(0, 4, bins);

	row.failed = &failed;
	row.n_failed = row.failures = 1;
	store_add_batch(s, point, &row, NULL, &error);
	g_assert_no_error(error);
	row = batch_of(4, 4, bins);
	store_add_batch(s, point, &row, NULL, &error);
	g_assert_no_error(error);
}

static void add_sample(struct store *s, gint64 point, guint64 repetition, const char *outcome)
{
	struct row_bin bin = { "walk_latency_ns", 64, 71, 100 };
	struct row_hw_sample row = {
		.mode = "timing", .repetition = repetition, .outcome = outcome, .cpus = "0,1",
		.share_core = 1, .duration_ns = 1000, .operations = 300, .adds = 120,
		.removes = 80, .walks = 100,
		.restarts = 5 + repetition, .slow_path = 2, .steps = 900, .bins = &bin,
		.n_bins = 1, .walk_latency_median_ns = 66.5, .judged_walks = ROW_UNKNOWN,
	};
	GError *error = NULL;

	store_add_hw_sample(s, point, &row, NULL, &error);
	g_assert_no_error(error);
}

static void test_rows(void)
{
	char *path = path_of("rows.db");
	struct store *s = must_open(path, STORE_WRITE);
	gint64 first = add_experiment(s, "one", "here"), point;

	g_assert_cmpint(first, ==, 1);
	g_assert_cmpint(add_experiment(s, "two", "here"), ==, 2);
	g_assert_cmpint(add_experiment(s, NULL, "there"), ==, 3);
	g_assert_cmpint(add_experiment(s, NULL, "there"), ==, 4);
	point = add_point(s, first, 0);
	fill(s, point);
	must_close(s);
	s = must_open(path, STORE_READ);
	assert_answer(s, "SELECT id, hostname, cpu_model, memory_bytes FROM machine",
		      "1|here|NULL|NULL\n2|there|NULL|NULL\n");
	assert_answer(s, "SELECT plan_digest, writers FROM point", "0x0000000000000abc|2\n");
	assert_answer(s, "SELECT key, value FROM point_param",
		      "algorithm.retries|2\ntask a.count|4\n");
	assert_answer(s, "SELECT seed_first, runs, walks, digest FROM batch",
		      "1|4|14|NULL\n5|4|16|NULL\n");
	assert_answer(s, "SELECT seed, check_name, message, schedule FROM failure",
		      "3|coverage|a sentence|a schedule\n");
	must_close(s);
	assert_plain(path);
	g_free(path);
}

/* Per thousand points and per second, of what the runs and the two good samples did. */
static void test_throughput(struct store *s)
{
	guint64 writes = 0, p = 0, wp = 0, pp = 0, w = 0, kp = 0;
	char *want;
	guint i;

	for (i = 0; i < G_N_ELEMENTS(walks); i++) {
		guint64 n = 2 * restarts[i] + 1;

		writes += n;
		w += walks[i];
		p += points[i];
		wp += n * points[i];
		kp += walks[i] * points[i];
		pp += points[i] * points[i];
	}
	want = g_strdup_printf("8|%d|%d|1|%d|%d\n", (int)writes, (int)p, (int)wp, (int)pp);
	assert_answer(s, "SELECT n, numerator, CAST(round(1000 * denominator) AS INTEGER), "
		      "value = numerator / denominator, CAST(round(1000 * sum_xy) AS INTEGER), "
		      "CAST(round(1e6 * sum_yy) AS INTEGER) FROM plot_writes_throughput "
		      "WHERE source = 'sim'", want);
	g_free(want);
	want = g_strdup_printf("8|%d|%d\n", (int)w, (int)kp);
	assert_answer(s, "SELECT n, numerator, CAST(round(1000 * sum_xy) AS INTEGER) "
		      "FROM plot_walks_throughput WHERE source = 'sim'", want);
	g_free(want);
	assert_answer(s, "SELECT adds + removes, writes_per_second, walks_per_second "
		      "FROM hw_sample WHERE outcome = 'ok'", "200|200000000.0|100000000.0\n"
		      "200|200000000.0|100000000.0\n");
	assert_answer(s, "SELECT mode, n, numerator, round(value) FROM plot_writes_throughput "
		      "WHERE source = 'hw'", "timing|2|400|200000000.0\n");
	assert_answer(s, "SELECT mode, n, numerator, round(value) FROM plot_walks_throughput "
		      "WHERE source = 'hw'", "timing|2|200|100000000.0\n");
}

/* Each plotted number once more from the runs themselves and from the raw tables. */
static void test_views(void)
{
	char *path = path_of("views.db");
	struct store *s = must_open(path, STORE_WRITE);
	gint64 point = add_point(s, add_experiment(s, "one", NULL), 0);
	guint64 r = 0, w = 0, rr = 0, rw = 0, ww = 0;
	char *want;
	guint i;

	fill(s, point);
	add_sample(s, point, 0, "ok");
	add_sample(s, point, 1, "ok");
	add_sample(s, point, 2, "hang");
	for (i = 0; i < G_N_ELEMENTS(walks); i++) {
		r += restarts[i];
		w += walks[i];
		rr += restarts[i] * restarts[i];
		rw += restarts[i] * walks[i];
		ww += walks[i] * walks[i];
	}
	want = g_strdup_printf("%u|%d|%d|1|%d|%d|%d\n", i, (int)r, (int)w, (int)rr, (int)rw,
			       (int)ww);
	assert_answer(s, "SELECT n, numerator, denominator, value = 1.0 * numerator / denominator, "
		      "CAST(sum_xx AS INTEGER), CAST(sum_xy AS INTEGER), CAST(sum_yy AS INTEGER) "
		      "FROM plot_restarts_per_walk WHERE source = 'sim'", want);
	g_free(want);
	assert_answer(s, "SELECT mode, n, numerator, denominator, value FROM "
		      "plot_restarts_per_walk WHERE source = 'hw'", "timing|2|11|200|0.055\n");
	assert_answer(s, "SELECT source, n, numerator, denominator FROM plot_slow_path_share",
		      "sim|8|2|30\nhw|2|4|200\n");
	assert_answer(s, "SELECT source, numerator, denominator FROM plot_steps_per_walk",
		      "sim|300|30\nhw|1800|200\n");
	test_throughput(s);
	assert_answer(s, "SELECT low, high, count, share FROM plot_walk_steps", "10|10|30|1.0\n");
	assert_answer(s, "SELECT low, count, round(share * 30, 6) FROM plot_histogram "
		      "WHERE what = 'walk_restarts'", "0|28|28.0\n1|2|2.0\n");
	assert_answer(s, "SELECT mode, low, high, count, share FROM plot_walk_latency",
		      "timing|64|71|200|1.0\n");
	must_close(s);
	g_free(path);
}

/* A batch of which one row is refused leaves nothing; so does a rolled back transaction. */
static void test_whole(void)
{
	char *path = path_of("whole.db");
	struct store *s = must_open(path, STORE_WRITE);
	gint64 point = add_point(s, add_experiment(s, "one", NULL), 0);
	const struct row_failure twice[] = { { 3, "a", "b", "c" }, { 3, "a", "b", "c" } };
	struct row_bin bins[3];
	struct row_batch row = batch_of(0, 4, bins);
	GError *error = NULL;

	row.failed = twice;
	row.n_failed = 2;
	g_assert_false(store_add_batch(s, point, &row, NULL, &error));
	g_assert_error(error, STORE_ERROR, STORE_ERROR_SYSTEM);
	g_clear_error(&error);
	bins[2].what = "colour";
	row.n_failed = 0;
	g_assert_false(store_add_batch(s, point, &row, NULL, &error));
	g_clear_error(&error);
	row = batch_of(0, 4, bins);
	row.seed_first = (guint64)INT64_MAX + 1;
	g_assert_false(store_add_batch(s, point, &row, NULL, &error));
	g_assert_error(error, STORE_ERROR, STORE_ERROR_INPUT);
	g_clear_error(&error);
	g_assert_cmpint(number(s, "SELECT COUNT(*) FROM batch"), ==, 0);
	g_assert_cmpint(number(s, "SELECT COUNT(*) FROM batch_histogram"), ==, 0);
	g_assert_cmpint(number(s, "SELECT COUNT(*) FROM failure"), ==, 0);
	store_begin(s, &error);
	fill(s, point);
	store_rollback(s);
	g_assert_cmpint(number(s, "SELECT COUNT(*) FROM batch"), ==, 0);
	g_assert_false(store_add_batch(s, 99, &row, NULL, NULL));	/* no such point */
	fill(s, point);
	g_assert_cmpint(number(s, "SELECT COUNT(*) FROM batch"), ==, 2);
	g_assert_false(store_add_batch(s, point, &(struct row_batch){ .seed_first = 1 }, NULL,
				       NULL));			/* never counted twice */
	g_assert_cmpint(number(s, "SELECT COUNT(*) FROM batch"), ==, 2);
	must_close(s);
	g_free(path);
}

static void test_queries(void)
{
	static const char *const bad[] = {
		"DELETE FROM batch", "SELECT 1; DELETE FROM batch", "", "nonsense",
		"SELECT colour FROM batch", "PRAGMA user_version = 7",
	};
	char *path = path_of("queries.db");
	struct store *s = must_open(path, STORE_WRITE);
	GError *error = NULL;
	gint64 n;
	gsize i;

	fill(s, add_point(s, add_experiment(s, "one", NULL), 0));
	for (i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_assert_false(store_query_number(s, bad[i], &n, &error, NULL));
		g_assert_error(error, STORE_ERROR, STORE_ERROR_INPUT);
		g_clear_error(&error);
	}
	g_assert_cmpint(number(s, "SELECT COUNT(*) FROM batch"), ==, 2);
	store_query_number(s, "SELECT id FROM batch WHERE seed_first = CAST(? AS INTEGER)", &n,
			   &error, "5", NULL);
	g_assert_no_error(error);
	g_assert_cmpint(n, ==, 2);
	must_close(s);
	g_free(path);
}

static void refuse(const char *path, enum store_mode mode, int code, const char *words)
{
	GError *error = NULL;

	g_assert_null(store_open(path, mode, &error));
	g_assert_error(error, STORE_ERROR, code);
	g_assert_true(g_str_has_prefix(error->message, path));
	if (!strstr(error->message, words))
		g_error("\"%s\" is not in \"%s\"", words, error->message);
	g_clear_error(&error);
}

/* A database with four bytes changed. */
static char *patched(const char *name, gsize offset, guint32 value)
{
	char *path = path_of(name), *text = NULL;
	guint32 big = GUINT32_TO_BE(value);
	gsize len;

	must_close(must_open(path, STORE_WRITE));
	g_assert_true(g_file_get_contents(path, &text, &len, NULL));
	memcpy(text + offset, &big, sizeof(big));
	g_assert_true(g_file_set_contents(path, text, len, NULL));
	g_free(text);
	return path;
}

/* What is refused is left as it was. */
static void refuse_unchanged(char *path, int code, const char *words)
{
	char *before = NULL, *after = NULL;
	gsize len_before, len_after;

	g_assert_true(g_file_get_contents(path, &before, &len_before, NULL));
	refuse(path, STORE_WRITE, code, words);
	refuse(path, STORE_READ, code, words);
	g_assert_true(g_file_get_contents(path, &after, &len_after, NULL));
	g_assert_cmpmem(before, len_before, after, len_after);
	g_free(before);
	g_free(after);
	g_free(path);
}

static void test_not_ours(void)
{
	char *text = path_of("text.db"), *empty = path_of("empty.db");

	refuse_unchanged(patched("newer.db", OFFSET_SCHEMA, STORE_SCHEMA + 1), STORE_ERROR_FORMAT,
			 "newer rmapsim (schema 3");
	refuse_unchanged(patched("older.db", OFFSET_SCHEMA, 0), STORE_ERROR_FORMAT, "older");
	refuse_unchanged(patched("other.db", OFFSET_APPLICATION, 1), STORE_ERROR_FORMAT,
			 "not one of rmapsim");
	g_assert_true(g_file_set_contents(text, "This is a text, and a long one at that.\n"
					  "This is a text, and a long one at that.\n"
					  "This is a text, and a long one at that.\n", -1, NULL));
	refuse_unchanged(text, STORE_ERROR_FORMAT, "is no database");
	refuse("/dev/null", STORE_WRITE, STORE_ERROR_FORMAT, "no file");
	refuse(folder, STORE_WRITE, STORE_ERROR_FORMAT, "no file");
	refuse("/nowhere/x.db", STORE_READ, STORE_ERROR_FORMAT, "No such file");
	refuse("/nowhere/x.db", STORE_WRITE, STORE_ERROR_SYSTEM, "No such file");
	g_assert_true(g_file_set_contents(empty, "", 0, NULL));
	refuse(empty, STORE_READ, STORE_ERROR_FORMAT, "not one of rmapsim");
	must_close(must_open(empty, STORE_WRITE));
	g_free(empty);
}

/* Of every length and with every page spoilt: an error, or the same answers. */
static void test_damaged(void)
{
	char *path = path_of("whole-file.db"), *cut = path_of("cut.db"), *text = NULL;
	struct store *s = must_open(path, STORE_WRITE);
	gsize len, at;

	fill(s, add_point(s, add_experiment(s, "one", NULL), 0));
	must_close(s);
	g_assert_true(g_file_get_contents(path, &text, &len, NULL));
	for (at = 1000; at < len; at += 4096) {
		g_assert_true(g_file_set_contents(cut, text, at, NULL));
		refuse(cut, STORE_READ, STORE_ERROR_FORMAT, "damaged");
		refuse(cut, STORE_WRITE, STORE_ERROR_FORMAT, "damaged");
	}
	for (at = 4096; at + 4096 <= len; at += 4096) {
		char *spoilt = g_memdup2(text, len);

		memset(spoilt + at, 0xa5, 200);
		g_assert_true(g_file_set_contents(cut, spoilt, len, NULL));
		refuse(cut, STORE_READ, STORE_ERROR_FORMAT, "damaged");
		g_free(spoilt);
	}
	g_free(text);
	g_free(path);
	g_free(cut);
}

static void test_locked(void)
{
	char *path = path_of("locked.db");
	struct store *holder = must_open(path, STORE_WRITE), *reader, *s;
	GError *error = NULL;

	fill(holder, add_point(holder, add_experiment(holder, "one", NULL), 0));
	store_begin(holder, &error);
	add_point(holder, 1, 1);
	reader = must_open(path, STORE_READ);	/* reads what there was before */
	g_assert_cmpint(number(reader, "SELECT COUNT(*) FROM point"), ==, 1);
	s = must_open(path, STORE_WRITE);
	g_assert_false(store_begin(s, &error));
	g_assert_error(error, STORE_ERROR, STORE_ERROR_SYSTEM);
	g_assert_nonnull(strstr(error->message, "locked by another program"));
	g_clear_error(&error);
	must_close(s);
	store_commit(holder, &error);
	g_assert_no_error(error);
	must_close(holder);			/* a reader is there: stays as it is */
	must_close(reader);
	must_close(must_open(path, STORE_WRITE));
	s = must_open(path, STORE_READ);
	g_assert_cmpint(number(s, "SELECT COUNT(*) FROM point"), ==, 2);
	must_close(s);
	assert_plain(path);
	g_free(path);
}

int main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	folder = g_dir_make_tmp("rmapsim-store-XXXXXX", NULL);
	g_test_add_func("/store/rows", test_rows);
	g_test_add_func("/store/views", test_views);
	g_test_add_func("/store/whole", test_whole);
	g_test_add_func("/store/queries", test_queries);
	g_test_add_func("/store/not-ours", test_not_ours);
	g_test_add_func("/store/damaged", test_damaged);
	g_test_add_func("/store/locked", test_locked);
	status = g_test_run();
	if (!status) {
		char *argv_rm[] = { "rm", "-rf", folder, NULL };

		g_spawn_sync(NULL, argv_rm, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
			     NULL, NULL);
	}
	g_free(folder);
	return status;
}

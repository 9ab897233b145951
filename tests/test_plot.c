/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plots: every number in their data blocks is computed again from the raw tables by
 * a query of its own; filters, choices and their complaints; names that would like
 * to be commands.
 */
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include "tests/plot_study.h"

#define FIELDS	9

struct fixture {
	char *dir, *path;
	struct store *store;
};

static void setup(struct fixture *f, gconstpointer name)
{
	f->dir = g_dir_make_tmp("plot-XXXXXX", NULL);
	f->path = g_build_filename(f->dir, "study.db", NULL);
	f->store = plot_study(f->path, name);
}

static void teardown(struct fixture *f, gconstpointer name)
{
	(void)name;
	store_close(f->store, NULL);
	g_unlink(f->path);
	g_assert_cmpint(g_rmdir(f->dir), ==, 0);
	g_free(f->path);
	g_free(f->dir);
}

/* --- data blocks */

static double number_of(const char *word)
{
	return strcmp(word, "NaN") ? g_ascii_strtod(word, NULL) : NAN;
}

typedef void (*row_fn)(struct fixture *f, const char *block, const char *label, const double *x,
		       gpointer data);

/* Calls fn for each line of each block; how many there are. */
static guint each_row(struct fixture *f, const char *script, row_fn fn, gpointer data)
{
	char **lines = g_strsplit(script, "\n", -1), *block = NULL, *label = NULL;
	guint i, k, n = 0;

	for (i = 0; lines[i]; i++) {
		if (g_str_has_suffix(lines[i], " << EOD")) {
			block = lines[i];
			label = lines[i + 1] + strlen("# '");
			label[strlen(label) - 1] = '\0';
			i += 2;
		} else if (!strcmp(lines[i], "EOD")) {
			block = NULL;
		} else if (block && *lines[i]) {
			double x[FIELDS] = { 0 };
			char **words = g_strsplit(lines[i], " ", -1);

			for (k = 0; words[k]; k++)
				x[k] = number_of(words[k]);
			fn(f, block, label, x, data);
			n++;
			g_strfreev(words);
		}
	}
	g_strfreev(lines);
	return n;
}

static gboolean on_answer(const struct store_row *row, gpointer data)
{
	double *x = data;
	guint i;

	for (i = 0; i < row->n; i++)
		x[i] = row->values[i] ? g_ascii_strtod(row->values[i], NULL) : NAN;
	return FALSE;
}

/*
 * Sums of the raw rows of that series: of the column what, of walks, and how many clusters;
 * then of the squares of what, its products with walks, and the squares of walks.
 */
static void raw_sums(struct fixture *f, const char *what, const char *writers, gboolean hw,
		     const char *retries, double *sums)
{
	gboolean slow = !strcmp(what, "slow_path");
	const char *const products[2][3] = {
		{ slow ? "slow_path_slow_path" : "restarts_restarts",
		  slow ? "slow_path_walks" : "restarts_walks", "walks_walks" },
		{ slow ? "slow_path * slow_path" : "restarts * restarts",
		  slow ? "slow_path * walks" : "restarts * walks", "walks * walks" },
	};
	char *sql = g_strdup_printf(
		"SELECT SUM(r.%s), SUM(r.walks), %s, SUM(%s), SUM(%s), SUM(%s) FROM %s r "
		"WHERE %s r.point_id IN "
		"(SELECT point_id FROM point_param WHERE key = 'task writer.count' AND value = ?) "
		"AND r.point_id %s (SELECT point_id FROM point_param WHERE "
		"key = 'algorithm.retries' AND value LIKE ?)", what,
		hw ? "COUNT(*)" : "SUM(r.runs)", products[hw][0], products[hw][1],
		products[hw][2], hw ? "hw_sample" : "batch",
		hw ? "r.outcome = 'ok' AND" : "",
		retries ? "IN" : "NOT IN");
	GError *error = NULL;

	store_query(f->store, sql, on_answer, sums, &error, writers, retries ? retries : "%", NULL);
	g_assert_no_error(error);
	g_free(sql);
}

/* An end of Wilson's interval: so many standard errors of itself away from p. */
static void check_end(double end, double p, double t, double size)
{
	g_assert_cmpfloat_with_epsilon((p - end) * (p - end), t * t * end * (1 - end) / size, 1e-9);
}

/* low and high, by other formulas than those that made them. */
static void check_interval(const double *sums, gboolean share, double low, double high)
{
	double n = sums[2], p = sums[0] / sums[1], t = interval_student(n - 1);
	double variance = n / (n - 1) * (sums[3] / sums[1] / sums[1] -
					 2 * p * sums[4] / sums[1] / sums[1] +
					 p * p * sums[5] / sums[1] / sums[1]);
	double size;

	if (!share) {
		g_assert_cmpfloat_with_epsilon((high - low) / 2, t * sqrt(variance), 1e-9);
		g_assert_cmpfloat_with_epsilon((high + low) / 2, p, 1e-9);
		return;
	}
	size = MIN(p * (1 - p) / variance, sums[1]);
	check_end(low, p, t, size);
	check_end(high, p, t, size);
}

struct expectation {
	const char *column;
	gboolean share;
};

static void check_curve(struct fixture *f, const char *block, const char *label, const double *x,
			gpointer data)
{
	const struct expectation *want = data;
	gboolean column = g_str_has_prefix(block, "$column");
	char *writers = g_strndup(label, strcspn(label, ","));
	char *retries = column ? NULL : g_strdup_printf("%.0f", x[0]);
	double sums[6];

	raw_sums(f, want->column, writers, g_str_has_suffix(label, "hw"), retries, sums);
	g_assert_cmpfloat(x[4], ==, sums[0]);
	g_assert_cmpfloat(x[5], ==, sums[1]);
	g_assert_cmpfloat(x[6], ==, sums[2]);
	g_assert_cmpfloat_with_epsilon(x[1], sums[0] / sums[1], 1e-12);
	check_interval(sums, want->share, x[2], x[3]);
	if (column)
		g_assert_cmpfloat(x[0], >, 4);
	g_free(writers);
	g_free(retries);
}

static void test_curves(struct fixture *f, gconstpointer name)
{
	static const struct plot_request request = { .format = PLOT_GNUPLOT };
	struct expectation restarts = { "restarts", FALSE }, slow = { "slow_path", TRUE };
	char *script;

	(void)name;
	/* Two series of four values, a column in each, and two values on hardware. */
	script = plot_study_script(f->store, "restarts", &request);
	g_assert_cmpuint(each_row(f, script, check_curve, &restarts), ==, 2 * 5 + 2);
	g_assert_nonnull(strstr(script, "delta method"));
	g_assert_nonnull(strstr(script, "set xtics ('0' 0, '1' 1, '2' 2, '4' 4, 'nulls' "));
	g_free(script);
	script = plot_study_script(f->store, "slow-path", &request);
	g_assert_cmpuint(each_row(f, script, check_curve, &slow), ==, 2 * 5 + 2);
	g_assert_nonnull(strstr(script, "95 % Wilson"));
	g_assert_nonnull(strstr(script, "study"));
	g_assert_nonnull(strstr(script, "on box (Some CPU)"));
	g_assert_nonnull(strstr(script, "seeds 1..80"));
	g_free(script);
}

static void check_bin(struct fixture *f, const char *block, const char *label, const double *x,
		      gpointer data)
{
	gboolean hw = g_str_has_suffix(label, "hw"), nulls = g_str_has_prefix(label, "nulls");
	char *sql = g_strdup_printf(
		"SELECT SUM(h.count * (h.low = CAST(? AS INTEGER) AND "
		"h.high = CAST(? AS INTEGER))), SUM(h.count), (SELECT SUM(b.walks_walks) "
		"FROM batch b JOIN point q ON q.id = b.point_id WHERE q.algorithm %s 'position') "
		"FROM %s JOIN point p ON p.id = r.point_id WHERE p.algorithm %s "
		"'position' AND h.what = 'walk_steps'%s",
		nulls ? "!=" : "=",
		hw ? "hw_histogram h JOIN hw_sample r ON r.id = h.hw_sample_id" :
		     "batch_histogram h JOIN batch r ON r.id = h.batch_id",
		nulls ? "!=" : "=", hw ? " AND r.outcome = 'ok'" : "");
	char *low = g_strdup_printf("%.0f", x[6]), *high = g_strdup_printf("%.0f", x[7]);
	double sums[3], width = x[7] - x[6] + 1;
	/* Two batches at each point. */
	double t = interval_student((nulls ? 2 : 8) * 2 * STUDY_RUNS - 1);
	GError *error = NULL;

	(void)block;
	store_query(f->store, sql, on_answer, sums, &error, low, high, NULL);
	g_assert_no_error(error);
	g_assert_cmpfloat(x[4], ==, sums[0]);
	g_assert_cmpfloat(x[5], ==, sums[1]);
	g_assert_cmpfloat_with_epsilon(x[1], sums[0] / sums[1] / width, 1e-12);
	g_assert_true(isnan(x[2]) == hw);
	if (!hw) {
		check_end(x[2] * width, sums[0] / sums[1], t, sums[1] * sums[1] / sums[2]);
		check_end(x[3] * width, sums[0] / sums[1], t, sums[1] * sums[1] / sums[2]);
	}
	*(double *)data += x[4];
	g_free(sql);
	g_free(low);
	g_free(high);
}

static void test_histogram(struct fixture *f, gconstpointer name)
{
	const struct plot_request request = { .format = PLOT_GNUPLOT, .series = "algorithm" };
	char *script = plot_study_script(f->store, "walk-steps", &request);
	double counted = 0, all[1];

	(void)name;
	g_assert_cmpuint(each_row(f, script, check_bin, &counted), >, 20);
	store_query(f->store, "SELECT (SELECT SUM(walks) FROM batch) + (SELECT SUM(walks) FROM "
		    "hw_sample WHERE outcome = 'ok')", on_answer, all, NULL, NULL);
	g_assert_cmpfloat(counted, ==, all[0]);
	g_assert_nonnull(strstr(script, "Pooled: algorithm.retries, task writer.count"));
	g_free(script);
}

/* --- choices */

static void count_row(struct fixture *f, const char *block, const char *label, const double *x,
		      gpointer data)
{
	char *entry = g_strdup_printf("%s;", label);
	GString *seen = data;

	(void)f;
	(void)block;
	(void)x;
	if (!strstr(seen->str, entry))
		g_string_append(seen, entry);
	g_free(entry);
}

/* The labels of the series, each once and followed by ';', and the rows of all blocks. */
static void draws(struct fixture *f, const struct plot_request *request, const char *labels,
		  guint rows)
{
	char *script = plot_study_script(f->store, "restarts", request);
	GString *seen = g_string_new(NULL);

	g_assert_cmpuint(each_row(f, script, count_row, seen), ==, rows);
	g_assert_cmpstr(seen->str, ==, labels);
	g_string_free(seen, TRUE);
	g_free(script);
}

static void fails(struct fixture *f, const char *plot, const struct plot_request *request,
		  const char *message)
{
	struct plot_drawing drawing;
	GError *error = NULL;

	g_assert_false(plot_draw(f->store, plot_find(plot), request, &drawing, &error));
	g_assert_error(error, PLOT_ERROR, PLOT_ERROR_INPUT);
	if (!strstr(error->message, message))
		g_error("'%s' is not in '%s'", message, error->message);
	g_error_free(error);
	plot_drawing_clear(&drawing);
}

#define WHERE(...)	((const char *const[]){ __VA_ARGS__, NULL })

static void test_where(struct fixture *f, gconstpointer name)
{
	struct plot_request r = { .format = PLOT_GNUPLOT };

	(void)name;
	draws(f, &r, "1, sim;2, sim;1, hw;", 12);
	r.where = WHERE("source=sim");
	draws(f, &r, "1, sim;2, sim;", 10);
	r.where = WHERE("source=hw", "retries=2");
	draws(f, &r, "hw;", 1);
	r.where = WHERE("algorithm=position", "algorithm.retries=1..2", "writer.count=2");
	draws(f, &r, "sim;", 2);
	r.where = WHERE("retries=0,4", "scenario=study");
	draws(f, &r, "1, sim;2, sim;1, hw;", 5);
	r.where = WHERE("mode=timing");
	draws(f, &r, "hw;", 2);
}

static void test_keys(struct fixture *f, gconstpointer name)
{
	static const gint64 second = 2;
	struct plot_request r = { .format = PLOT_GNUPLOT, .x = "writer.count" };

	(void)name;
	draws(f, &r, "position, 0, sim;position, 1, sim;position, 2, sim;position, 4, sim;"
		     "nulls, sim;position, 0, hw;position, 2, hw;", 12);
	r.series = "algorithm";
	draws(f, &r, "position, sim;nulls, sim;position, hw;", 5);
	r.series = "";
	draws(f, &r, "sim;hw;", 3);
	r = (struct plot_request){
		.format = PLOT_GNUPLOT, .experiments = &second, .n_experiments = 1,
	};
	draws(f, &r, "hw;", 1);
}

static void test_complaints(struct fixture *f, gconstpointer name)
{
	static const gint64 wrong = 77;
	struct plot_request r = { .where = WHERE("colour=red") };

	(void)name;
	fails(f, "restarts", &r, "'colour' is no key of these results; valid are algorithm.name");
	r.where = WHERE("retries=3");
	fails(f, "restarts", &r, "valid are 0, 1, 2, 4");
	r.where = WHERE("retries=5..9");
	fails(f, "restarts", &r, "valid are 0, 1, 2, 4");
	r.where = WHERE("source=paper");
	fails(f, "restarts", &r, "valid are sim, hw");
	r.where = WHERE("scenario=other");
	fails(f, "restarts", &r, "valid are study");
	r.where = WHERE("retries");
	fails(f, "restarts", &r, "valid is KEY=VALUE");
	r = (struct plot_request){ .x = "colour" };
	fails(f, "restarts", &r, "--x: 'colour' is no key");
	fails(f, "walk-steps", &r, "axes of its own");
	r = (struct plot_request){ .series = "algorithm,colour" };
	fails(f, "restarts", &r, "--series: 'colour' is no key");
	r = (struct plot_request){ .y_scale = "curved" };
	fails(f, "restarts", &r, "valid are linear, log");
	r = (struct plot_request){ .experiments = &wrong, .n_experiments = 1 };
	fails(f, "restarts", &r, "no experiment 77; valid are 1, 2, 3");
}

static void test_no_data(void)
{
	char *dir = g_dir_make_tmp("plot-XXXXXX", NULL);
	char *path = g_build_filename(dir, "empty.db", NULL);
	struct fixture f = { .store = store_open(path, STORE_WRITE, NULL) };
	const struct plot_request r = { .where = NULL }, hw = { .where = WHERE("source=hw") };

	fails(&f, "restarts", &r, "come from 'rmapsim sweep sweep-retries --db ");
	fails(&f, "walk-steps", &hw, "come from 'rmapsim hw ");
	store_close(f.store, NULL);
	g_unlink(path);
	g_rmdir(dir);
	g_free(path);
	g_free(dir);
}

/* --- scale */

static void test_scale(struct fixture *f, gconstpointer name)
{
	struct plot_request r = { .format = PLOT_GNUPLOT, .y_scale = "log" };
	char *script = plot_study_script(f->store, "slow-path", &r);

	(void)name;
	g_assert_nonnull(strstr(script, "set logscale y"));
	g_free(script);
	r.y_scale = "linear";
	script = plot_study_script(f->store, "slow-path", &r);
	g_assert_null(strstr(script, "set logscale y"));
	g_assert_nonnull(strstr(script, "set yrange [0:"));
	g_free(script);
}

/* --- names that would like to be commands */

/* Quotes are closed on the line on which they are opened: no text gets out of its own. */
static void check_quotes(const char *line)
{
	gboolean inside = FALSE;
	const char *c;

	if (*line == '#')
		return;
	for (c = line; *c; c++) {
		g_assert_true(inside || !strchr("`\"@!", *c));
		inside ^= *c == '\'';
	}
	g_assert_false(inside);
}

static void test_names(struct fixture *f, gconstpointer name)
{
	static const struct plot_request request = { .format = PLOT_GNUPLOT };
	static const char *const drawn[] = { "restarts", "slow-path", "throughput", "walk-steps" };
	char **lines, *script;
	guint i, k;

	(void)name;
	for (k = 0; k < G_N_ELEMENTS(drawn); k++) {
		script = plot_study_script(f->store, drawn[k], &request);
		lines = g_strsplit(script, "\n", -1);
		for (i = 0; lines[i]; i++)
			check_quotes(lines[i]);
		g_strfreev(lines);
		g_assert_true(g_utf8_validate(script, -1, NULL));
		g_assert_nonnull(strstr(script, "\\n!touch"));
		g_assert_nonnull(strstr(script, "it''s"));
		g_free(script);
	}
}

#define NASTY	"it's\n!touch PWNED\n`touch PWNED`@a{b}$c^d_e&f~g\"h\\i%g<j>\r\x1b[31m"	\
		"\xff\n" "EOD\n"

#define ADD(path, fn, name)							\
	g_test_add("/plot/" path, struct fixture, name, setup, fn, teardown)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("curves", test_curves, NULL);
	ADD("histogram", test_histogram, NULL);
	ADD("where", test_where, NULL);
	ADD("keys", test_keys, NULL);
	ADD("complaints", test_complaints, NULL);
	ADD("scale", test_scale, NULL);
	ADD("names", test_names, NASTY);
	g_test_add_func("/plot/no-data", test_no_data);
	return g_test_run();
}

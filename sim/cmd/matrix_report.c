/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The matrix as text and as JSON; see matrix.h. Neither depends on the machine or on
 * the number of jobs.
 */
#include <stdio.h>
#include <string.h>
#include "sim/check/check.h"
#include "sim/cmd/matrix.h"
#include "sim/cmd/progress.h"

#define U64		G_GUINT64_FORMAT
#define WIDTH		100
#define COLUMNS_MAX	(MATRIX_CHECKS_MAX + 1)
#define CELL_MAX	40
#define SEEDS_EXPECTED	10000	/* of a line of [expect] that says nothing of them */

/* A column is a check's place in checks[], or this: */
#define WORST_CASE	MATRIX_CHECKS_MAX

struct columns {
	guint n;
	guint what[COLUMNS_MAX];
	int width[COLUMNS_MAX];
};

static const struct matrix_row *row_of(const struct matrix *m, guint line)
{
	return m->rows->pdata[line / m->n_models];
}

static const char *model_of(const struct matrix *m, guint line)
{
	return m->models[line % m->n_models];
}

/* --- [expect] */

static gboolean is_expected(const struct plan_expect *x, int check)
{
	const char *seen = check >= 0 ? checks[check]->name : "clean";

	return g_strv_contains((const char *const *)x->verdicts, seen);
}

/* What the first seeds found; those of a line of [expect] are counted from 1. */
static gboolean runs_contradict(const struct matrix *m, const struct matrix_line *line,
				const struct plan_expect *x)
{
	guint64 needed = x->seeds ? x->seeds : SEEDS_EXPECTED;

	if (!line->sampled || m->look.seed_first != 1)
		return FALSE;
	if (line->failed >= 0 && line->runs <= needed)
		return !is_expected(x, line->failed);
	return line->runs >= needed && !is_expected(x, -1);
}

/* A limit that comes first is one of the scenario's or of the line, not ours. */
static gboolean contradicts(const struct matrix *m, const struct matrix_line *line,
			    const struct plan_expect *x)
{
	if (g_strv_contains((const char *const *)x->verdicts, "incomplete"))
		return FALSE;
	if (strcmp(x->command, "verify"))
		return runs_contradict(m, line, x);
	return line->verdict != SEARCH_INCOMPLETE && !is_expected(x, line->violated);
}

const struct plan_expect *matrix_contradicted(const struct matrix *m, guint line)
{
	const struct plan *plan = row_of(m, line)->plan;
	guint i;

	for (i = 0; !*m->look.set && i < plan->n_expect; i++) {
		if (!strcmp(plan->expect[i].model, model_of(m, line)) &&
		    contradicts(m, &m->line[line], &plan->expect[i]))
			return &plan->expect[i];
	}
	return NULL;
}

/* --- cells */

static const char *violation_word(enum search_finding finding)
{
	switch (finding) {
	case SEARCH_ENDLESS_PASS:
		return "endless";
	case SEARCH_ENDLESS_RESTARTS:
		return "restarts";
	case SEARCH_STARVING:
	case SEARCH_TOO_LATE:
		return "starves";
	case SEARCH_STUCK:
		return "stuck";
	case SEARCH_BOUND:
		return "too many";
	default:
		return "FAILS";
	}
}

static void check_words(const struct matrix_cell *cell, char *buf)
{
	char n[24];

	switch (cell->evidence) {
	case MATRIX_OFF:
		g_strlcpy(buf, "off", CELL_MAX);
		break;
	case MATRIX_VERIFIED:
		g_snprintf(buf, CELL_MAX, "ok %s", progress_number(cell->states, n, sizeof(n)));
		break;
	case MATRIX_VIOLATED:
		g_strlcpy(buf, violation_word(cell->finding), CELL_MAX);
		break;
	case MATRIX_FAILS:
		if (cell->median)
			g_snprintf(buf, CELL_MAX, "~%s",
				   progress_number(cell->median, n, sizeof(n)));
		else
			g_snprintf(buf, CELL_MAX, "%u of %u", cell->failed, cell->campaigns);
		break;
	case MATRIX_CLEAN:
		g_snprintf(buf, CELL_MAX, "runs %s", progress_number(cell->runs, n, sizeof(n)));
		break;
	default:
		g_strlcpy(buf, "-", CELL_MAX);
	}
}

static void worst_words(const struct matrix_line *line, char *buf)
{
	gsize at = 0;
	guint i;

	*buf = '\0';
	for (i = 0; i < SEARCH_NR_METRICS; i++) {
		const struct search_bound *b = &line->bound[i];
		char n[24] = "-";

		if (line->judged && b->finite)
			progress_number(b->max, n, sizeof(n));
		else if (line->judged)
			g_strlcpy(n, b->fair ? "inf" : "inf*", sizeof(n));
		at += g_snprintf(buf + at, CELL_MAX - at, "%s%s", i ? "/" : "", n);
	}
	if (!line->judged)
		g_strlcpy(buf, "-", CELL_MAX);
}

static void words(const struct matrix_line *line, guint what, char *buf)
{
	if (what == WORST_CASE)
		worst_words(line, buf);
	else
		check_words(&line->cell[what], buf);
}

static const char *heading(guint what)
{
	return what == WORST_CASE ? "worst case" : checks[what]->name;
}

/* --- the table */

static gboolean on_somewhere(const struct matrix *m, guint check)
{
	guint i;

	for (i = 0; i < m->done; i++) {
		if (m->line[i].cell[check].evidence != MATRIX_OFF)
			return TRUE;
	}
	return FALSE;
}

static void add_column(const struct matrix *m, struct columns *c, guint what)
{
	char buf[CELL_MAX];
	guint i;

	c->what[c->n] = what;
	c->width[c->n] = strlen(heading(what));
	for (i = 0; i < m->done; i++) {
		words(&m->line[i], what, buf);
		c->width[c->n] = MAX(c->width[c->n], (int)strlen(buf));
	}
	c->n++;
}

static void choose_columns(const struct matrix *m, struct columns *c)
{
	guint i;

	c->n = 0;
	add_column(m, c, WORST_CASE);
	for (i = 0; checks[i]; i++) {
		if (on_somewhere(m, i))
			add_column(m, c, i);
	}
}

static int model_width(const struct matrix *m)
{
	int width = 0;
	guint i;

	for (i = 0; i < m->n_models; i++)
		width = MAX(width, (int)strlen(m->models[i]));
	return width + 2;
}

/* The first column that has no room beside those from `from`. */
static guint fold(const struct matrix *m, const struct columns *c, guint from)
{
	int width = model_width(m);
	guint i;

	for (i = from; i < c->n; i++) {
		width += c->width[i] + 2;
		if (width > WIDTH && i > from)
			return i;
	}
	return c->n;
}

static void print_cells(const char *label, int label_width, const struct matrix_line *line,
			const struct columns *c, guint from, guint to)
{
	char buf[CELL_MAX];
	guint i;

	printf("%-*s", label_width, label);
	for (i = from; i < to; i++) {
		if (line)
			words(line, c->what[i], buf);
		else
			g_strlcpy(buf, heading(c->what[i]), sizeof(buf));
		printf("  %-*s", i + 1 < to ? c->width[i] : 0, buf);
	}
	putchar('\n');
}

static void print_contradiction(const struct matrix *m, guint line)
{
	const struct plan_expect *x = matrix_contradicted(m, line);
	char *verdicts;

	if (!x)
		return;
	verdicts = g_strjoinv(", ", x->verdicts);
	printf("  ^ not as expected: %s.%s = %s\n", x->command, x->model, verdicts);
	g_free(verdicts);
}

static void print_scenario(const struct matrix *m, guint line)
{
	const struct plan *plan = row_of(m, line)->plan;
	char *text = g_strdup_printf("%s%s%s", plan->name, plan->title ? ": " : "",
				     plan->title ? plan->title : "");

	cmd_print_wrapped(text, 0, WIDTH);
	g_free(text);
}

/* A table further down is for the lines that have one of its checks on. */
static gboolean belongs(const struct matrix *m, guint line, const struct columns *c, guint from,
			guint to)
{
	char buf[CELL_MAX];
	guint i;

	for (i = from; i < to; i++) {
		words(&m->line[line], c->what[i], buf);
		if (strcmp(buf, "off"))
			return TRUE;
	}
	return !from;
}

static void print_table(const struct matrix *m, const struct columns *c, guint from, guint to)
{
	const char *algorithm = NULL;
	int width = model_width(m);
	const struct matrix_row *scenario = NULL;
	guint i;

	for (i = 0; i < m->done; i++) {
		const struct plan *plan = row_of(m, i)->plan;
		char *label;

		if (!belongs(m, i, c, from, to))
			continue;
		label = g_strdup_printf("  %s", model_of(m, i));
		if (!algorithm || strcmp(algorithm, plan->algorithm)) {
			printf("\nalgorithm %s\n", plan->algorithm);
			print_cells("", width, NULL, c, from, to);
		}
		algorithm = plan->algorithm;
		if (row_of(m, i) != scenario)
			print_scenario(m, i);
		scenario = row_of(m, i);
		print_cells(label, width, &m->line[i], c, from, to);
		print_contradiction(m, i);
		g_free(label);
	}
}

/* --- what is said around it */

static const char key[] =
	"ok N        verified: all schedules were tried, N states, and none violates the check\n"
	"FAILS       a search found a schedule that does. Of termination: the walk restarts for\n"
	"            ever (restarts), its pass never ends (endless), it starves on a lock, is\n"
	"            stuck, or takes more steps or restarts than the scenario allows (too many)\n"
	"~N, N of M  no search came to its end, but campaigns failed: half of them within N seeds\n"
	"            or, if fewer did, N of M\n"
	"runs N      no search came to its end, and none of N runs failed: that is no proof\n"
	"-           not known: a check that is always on ended all before, no run came to\n"
	"            its end, or runs cannot tell\n"
	"off         the scenario does not have it on\n"
	"worst case  of the first walker: steps of a pass/steps of a walk/restarts of a walk;\n"
	"            inf: no bound, inf*: none, but only under schedules that are not fair\n\n";

static void print_key(const struct matrix *m)
{
	char runs[24];

	fputs(key, stdout);
	progress_number(m->look.seeds, runs, sizeof(runs));
	printf("A search gives up behind %" U64 " states", m->look.states_max);
	if (m->look.seconds_max > 0)
		printf(" or after %g s", m->look.seconds_max);
	printf("; then %u campaigns of %s seeds each are run, from seed %" U64 ",\n"
	       "with the scenario's strategy.", m->look.campaigns, runs, m->look.seed_first);
	if (*m->look.set) {
		char *set = g_strjoinv(" ", (char **)m->look.set);

		printf(" Overridden: ");
		cmd_print_wrapped(set, 0, WIDTH);
		g_free(set);
	} else {
		putchar('\n');
	}
}

static guint count_cells(const struct matrix *m, enum matrix_evidence evidence)
{
	guint i, k, n = 0;

	for (i = 0; i < m->done; i++) {
		for (k = 0; checks[k]; k++)
			n += m->line[i].cell[k].evidence == evidence;
	}
	return n;
}

static guint count_contradicted(const struct matrix *m)
{
	guint i, n = 0;

	for (i = 0; i < m->done; i++)
		n += matrix_contradicted(m, i) != NULL;
	return n;
}

static void print_summary(const struct matrix *m)
{
	printf("\n%u lines of %u scenarios%s; cells: %u verified, %u violated, %u failing in\n"
	       "campaigns, %u clean in campaigns, %u not known. ", m->done, m->rows->len,
	       m->interrupted ? " (interrupted)" : "", count_cells(m, MATRIX_VERIFIED),
	       count_cells(m, MATRIX_VIOLATED), count_cells(m, MATRIX_FAILS),
	       count_cells(m, MATRIX_CLEAN), count_cells(m, MATRIX_UNKNOWN));
	if (*m->look.set)
		printf("With keys overridden, [expect] is not judged.\n");
	else
		printf("Lines that are not as [expect] says: %u.\n", count_contradicted(m));
}

void matrix_report_text(const struct matrix *m)
{
	struct columns c;
	guint from, to;

	choose_columns(m, &c);
	print_key(m);
	for (from = 0; from < c.n; from = to) {
		to = fold(m, &c, from);
		print_table(m, &c, from, to);
	}
	print_summary(m);
}

/* --- JSON */

static const char *const evidence_names[MATRIX_NR_EVIDENCE] = {
	[MATRIX_OFF] = "off",
	[MATRIX_UNKNOWN] = "unknown",
	[MATRIX_VERIFIED] = "verified",
	[MATRIX_VIOLATED] = "violated",
	[MATRIX_FAILS] = "failing campaigns",
	[MATRIX_CLEAN] = "clean campaigns",
};

static void json_cell(JsonBuilder *b, guint check, const struct matrix_cell *cell)
{
	cmd_json_open(b, checks[check]->name);
	cmd_json_string(b, "evidence", evidence_names[cell->evidence]);
	if (cell->evidence == MATRIX_VERIFIED || cell->evidence == MATRIX_VIOLATED)
		cmd_json_count(b, "states", cell->states);
	if (cell->evidence == MATRIX_VIOLATED)
		cmd_json_string(b, "how", cell->finding == SEARCH_CHECK ? "check" :
				violation_word(cell->finding));
	if (cell->evidence == MATRIX_CLEAN)
		cmd_json_seed(b, "runs", cell->runs);
	if (cell->evidence == MATRIX_FAILS) {
		cmd_json_count(b, "campaigns", cell->campaigns);
		cmd_json_count(b, "failed", cell->failed);
		if (cell->median)
			cmd_json_seed(b, "median_seeds", cell->median);
	}
	cmd_json_close(b);
}

static void json_worst(JsonBuilder *b, const struct matrix_line *line)
{
	guint i;

	cmd_json_open(b, "worst_case");
	for (i = 0; i < SEARCH_NR_METRICS; i++) {
		cmd_json_open(b, search_metric_name(i));
		cmd_json_bool(b, "finite", line->bound[i].finite);
		if (line->bound[i].finite)
			cmd_json_count(b, "max", line->bound[i].max);
		else
			cmd_json_bool(b, "under_fair_schedules", line->bound[i].fair);
		cmd_json_close(b);
	}
	cmd_json_close(b);
}

static void json_search(JsonBuilder *b, const struct matrix_line *line)
{
	cmd_json_open(b, "search");
	cmd_json_string(b, "verdict", search_verdict_name(line->verdict));
	if (line->violated >= 0) {
		cmd_json_string(b, "check", checks[line->violated]->name);
		cmd_json_string(b, "message", line->message);
	}
	if (*line->limit)
		cmd_json_string(b, "limit", line->limit);
	cmd_json_count(b, "states", line->states);
	cmd_json_count(b, "transitions", line->transitions);
	cmd_json_close(b);
}

static void json_line(JsonBuilder *b, const struct matrix *m, guint at)
{
	const struct matrix_line *line = &m->line[at];
	const struct plan *plan = row_of(m, at)->plan;
	guint i;

	cmd_json_open(b, NULL);
	cmd_json_string(b, "algorithm", plan->algorithm);
	cmd_json_string(b, "scenario", plan->name);
	cmd_json_string(b, "path", plan->path);
	cmd_json_string(b, "strategy", plan->strategy);
	cmd_json_string(b, "model", model_of(m, at));
	json_search(b, line);
	if (line->judged)
		json_worst(b, line);
	cmd_json_open(b, "checks");
	for (i = 0; checks[i]; i++)
		json_cell(b, i, &line->cell[i]);
	cmd_json_close(b);
	cmd_json_bool(b, "as_expected", !matrix_contradicted(m, at));
	cmd_json_close(b);
}

void matrix_report_json(const struct matrix *m)
{
	JsonBuilder *b = cmd_json_begin("matrix");
	guint i;

	cmd_json_strings(b, "set", m->look.set);
	cmd_json_strings(b, "models", (const char *const *)m->models);
	cmd_json_count(b, "states_max", m->look.states_max);
	cmd_json_double(b, "seconds_max", m->look.seconds_max);
	cmd_json_count(b, "campaigns", m->look.campaigns);
	cmd_json_seed(b, "seed_first", m->look.seed_first);
	cmd_json_seed(b, "seeds", m->look.seeds);
	json_builder_set_member_name(b, "lines");
	json_builder_begin_array(b);
	for (i = 0; i < m->done; i++)
		json_line(b, m, i);
	json_builder_end_array(b);
	cmd_json_bool(b, "expect_judged", !*m->look.set);
	cmd_json_count(b, "not_as_expected", count_contradicted(m));
	cmd_json_bool(b, "interrupted", m->interrupted);
	cmd_json_print(b);
}

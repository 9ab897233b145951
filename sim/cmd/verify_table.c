/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every point of a grid searched, in a table and in the database; see verify_table.h. */
#include <stdio.h>
#include <string.h>
#include "output/store.h"
#include "sim/cmd/machine.h"
#include "sim/cmd/recording.h"
#include "sim/cmd/rows.h"
#include "sim/cmd/verify_report.h"
#include "sim/cmd/verify_table.h"

#define U64		G_GUINT64_FORMAT
#define WORDS_WIDTH	40

struct table {
	const struct cmd_options *opt;
	const struct search_options *search;
	struct grid *g;
	struct store *store;		/* or NULL */
	gint64 experiment;
	JsonBuilder *json;		/* or NULL: text */
	guint count[SEARCH_INTERRUPTED + 1];
};

static const char *cell(const struct search_result *res, enum search_metric metric, char *buf,
			size_t len)
{
	const struct search_bound *b = &res->walker[0].bound[metric];

	if (!res->n_walkers || !res->judged)
		return "?";
	if (!b->finite)
		return b->fair ? "no bound" : "no bound*";
	g_snprintf(buf, len, "%" U64, b->max);
	return buf;
}

/* Does a walk miss an spte that stays? Known once all schedules have been looked at. */
static const char *missed(const struct search_result *res)
{
	if (res->verdict == SEARCH_VIOLATED && !strcmp(res->check, "coverage"))
		return "yes";
	if (res->verdict == SEARCH_INCOMPLETE || res->finding == SEARCH_CHECK)
		return "?";
	return "no";
}

static const char *found(const struct search_result *res)
{
	switch (res->finding) {
	case SEARCH_STARVING:
	case SEARCH_TOO_LATE:
		return "starves";
	case SEARCH_STUCK:
		return "is stuck";
	case SEARCH_ENDLESS_PASS:
		return "endless pass";
	case SEARCH_ENDLESS_RESTARTS:
		return "endless restarts";
	case SEARCH_NOTHING:
		return res->verdict == SEARCH_VERIFIED ? "verified" :
							 search_verdict_name(res->verdict);
	default:
		return res->check;
	}
}

static void print_row(struct table *t, guint point, const struct search_result *res)
{
	char buf[SEARCH_NR_METRICS][32];
	char *words = grid_point_words(t->g, point);

	printf("%-*s %-7s %9s %9s %9s  %s\n", WORDS_WIDTH, words, missed(res),
	       cell(res, SEARCH_PASS_STEPS, buf[0], sizeof(buf[0])),
	       cell(res, SEARCH_WALK_STEPS, buf[1], sizeof(buf[1])),
	       cell(res, SEARCH_RESTARTS, buf[2], sizeof(buf[2])), found(res));
	fflush(stdout);
	g_free(words);
}

static void json_row(struct table *t, guint point, const struct plan *plan,
		     const struct search_result *res)
{
	char buf[32];
	char *words = sweep_point_words(t->g->sweep, point);
	guint m;

	cmd_json_open(t->json, NULL);
	cmd_json_string(t->json, "point", words);
	cmd_json_string(t->json, "algorithm", plan->algorithm);
	cmd_json_string(t->json, "verdict", search_verdict_name(res->verdict));
	cmd_json_string(t->json, "found", found(res));
	cmd_json_string(t->json, "missed_spte", missed(res));
	for (m = 0; m < SEARCH_NR_METRICS; m++)
		cmd_json_string(t->json, search_metric_name(m), cell(res, m, buf, sizeof(buf)));
	cmd_json_count(t->json, "states", res->states);
	cmd_json_count(t->json, "transitions", res->transitions);
	cmd_json_close(t->json);
	g_free(words);
}

static int64_t known(const struct search_result *res, enum search_metric metric)
{
	char buf[32];

	if (!g_ascii_isdigit(*cell(res, metric, buf, sizeof(buf))))
		return ROW_UNKNOWN;
	return res->walker[0].bound[metric].max;
}

/* The metrics that have no bound, for the row; free it. */
static char *unbounded(const struct search_result *res)
{
	GString *out = g_string_new(NULL);
	char buf[32];
	guint m;

	for (m = 0; m < SEARCH_NR_METRICS; m++) {
		if (g_str_has_prefix(cell(res, m, buf, sizeof(buf)), "no bound"))
			g_string_append_printf(out, "%s%s", out->len ? ", " : "",
					       search_metric_name(m));
	}
	return g_string_free(out, FALSE);
}

static char *counterexample(const struct table *t, struct search *search,
			    const struct search_result *res, guint point)
{
	char **set = grid_schedule_set(t->g, point), *text = NULL;
	struct search_tale tale;
	struct schedule *s;

	if (res->verdict == SEARCH_VIOLATED &&
	    search_tell(search, SEARCH_COUNTEREXAMPLE, 0, 0, &tale)) {
		s = recording_take_tale(search_engine(search), &tale, res->check, res->message,
					(const char *const *)set);
		text = schedule_to_text(s);
		schedule_free(s);
	}
	g_strfreev(set);
	return text;
}

static gboolean store_point(struct table *t, guint point, const struct plan *plan,
			    struct search *search, const struct search_result *res, GError **error)
{
	struct row_param *params = g_new0(struct row_param, t->g->base->n_axes + 1);
	char *none = unbounded(res), *schedule = counterexample(t, search, res, point);
	const struct row_verification row = {
		.verdict = search_verdict_name(res->verdict),
		.check_name = res->verdict == SEARCH_VIOLATED ? res->check : NULL,
		.message = res->verdict == SEARCH_VIOLATED ? res->message :
			   *res->limit ? res->limit : NULL,
		.counterexample = schedule,
		.states = res->states,
		.transitions = res->transitions,
		.pass_steps_max = known(res, SEARCH_PASS_STEPS),
		.walk_steps_max = known(res, SEARCH_WALK_STEPS),
		.walk_restarts_max = known(res, SEARCH_RESTARTS),
		.unbounded = *none ? none : NULL,
		.memory_bytes = res->bytes,
		.duration_ns = res->seconds * 1e9,
	};
	struct row_point point_row;
	gint64 id;
	gboolean ok;

	rows_grid_point(&point_row, t->g, plan, point, params);
	ok = store_add_point(t->store, t->experiment, &point_row, &id, error) &&
	     store_add_verification(t->store, id, &row, NULL, error);
	g_free(params);
	g_free(none);
	g_free(schedule);
	return ok;
}

static gboolean search_point(struct table *t, guint point, GError **error)
{
	struct search_result *res = g_new0(struct search_result, 1);
	struct plan *plan = grid_plan(t->g, point, error);
	struct search *search = NULL;
	gboolean ok;

	ok = plan && verify_plan(plan, t->search, &search, res, error);
	if (ok) {
		t->count[res->verdict]++;
		if (t->json)
			json_row(t, point, plan, res);
		else
			print_row(t, point, res);
	}
	if (ok && t->store && res->verdict != SEARCH_INTERRUPTED)
		ok = store_point(t, point, plan, search, res, error);
	search_free(search);
	plan_free(plan);
	g_free(res);
	return ok;
}

static gboolean begin_store(struct table *t, GError **error)
{
	struct row_machine *machine;
	char *swept = grid_swept(t->g);
	const struct row_experiment row = {
		.command = "verify",
		.program_version = cmd_version,
		.scenario = t->g->base->name,
		.scenario_text = t->g->base->text,
		.swept = swept,
		.strategy = "search",
	};
	gboolean ok;

	t->store = store_open(t->opt->db, STORE_WRITE, error);
	machine = machine_facts();
	ok = t->store && store_begin(t->store, error) &&
	     store_add_experiment(t->store, &row, machine, &t->experiment, error);
	machine_free(machine);
	g_free(swept);
	return ok;
}

static gboolean end_store(struct table *t, GError **error)
{
	struct store *s = t->store;
	gboolean ok = store_finish_experiment(s, t->experiment, error) && store_commit(s, error);

	t->store = NULL;
	if (!ok) {
		store_close(s, NULL);
		return FALSE;
	}
	cmd_message("experiment %" G_GINT64_FORMAT " in %s", t->experiment, t->opt->db);
	return store_close(s, error);
}

static void begin_output(struct table *t)
{
	char *model, *head;

	if (t->opt->json) {
		t->json = cmd_json_begin("verify");
		cmd_json_plan(t->json, t->g->base);
		json_builder_set_member_name(t->json, "points");
		json_builder_begin_array(t->json);
		return;
	}
	model = cmd_model(t->g->base);
	head = g_strdup_printf("scenario %s, model %s; the first walker's exact worst cases",
			       t->g->base->name, model);
	cmd_print_wrapped(head, 0, 100);
	printf("\n%-*s %-7s %9s %9s %9s\n%-*s %-7s %9s %9s %9s  %s\n", WORDS_WIDTH, "", "spte",
	       "steps of", "steps of", "restarts", WORDS_WIDTH, "point", "missed", "a pass",
	       "a walk", "of a walk", "found");
	g_free(head);
	g_free(model);
}

static void end_output(struct table *t)
{
	if (t->json) {
		json_builder_end_array(t->json);
		cmd_json_print(t->json);
		return;
	}
	printf("\n%u verified, %u violated, %u incomplete (*: only under schedules that are not "
	       "fair)\n", t->count[SEARCH_VERIFIED], t->count[SEARCH_VIOLATED],
	       t->count[SEARCH_INCOMPLETE] + t->count[SEARCH_INTERRUPTED]);
}

static int table_status(const struct table *t)
{
	if (t->count[SEARCH_INTERRUPTED])
		return CMD_INTERRUPTED;
	if (t->count[SEARCH_VIOLATED])
		return CMD_VIOLATION;
	return t->count[SEARCH_INCOMPLETE] ? CMD_LIMIT : CMD_OK;
}

int verify_table(const struct cmd_options *opt, const struct search_options *search)
{
	struct table t = { .opt = opt, .search = search };
	GError *error = NULL;
	gboolean ok;
	guint i;

	t.g = grid_new(opt->args[0], cmd_sets(opt), &error);
	if (!t.g)
		return cmd_fail(error);
	ok = !opt->db || begin_store(&t, &error);
	if (ok)
		begin_output(&t);
	for (i = 0; i < t.g->points && ok && !t.count[SEARCH_INTERRUPTED]; i++)
		ok = search_point(&t, i, &error);
	if (ok && t.store && !t.count[SEARCH_INTERRUPTED])
		ok = end_store(&t, &error);
	if (ok || t.json)
		end_output(&t);
	store_close(t.store, NULL);
	grid_free(t.g);
	return ok ? table_status(&t) : cmd_fail(error);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The result of a search in words and numbers; see verify_report.h. */
#include <stdio.h>
#include "sim/cmd/progress.h"
#include "sim/cmd/verify_report.h"

#define U64	G_GUINT64_FORMAT
#define RATE_FROM_S	0.001

static void print_scope(const struct verify_report *r)
{
	char *parameters = cmd_parameters(r->plan);
	char *checks = g_strjoinv(", ", r->plan->checks);
	char *model = cmd_model(r->plan);

	printf("scenario   %s\n", r->plan->name);
	printf("algorithm  %s\n", r->plan->algorithm);
	cmd_print_wrapped(parameters, 11, 100);
	cmd_print_labelled("model      ", model, 11, 100);
	if (r->plan->preempt)
		printf("preempted  nobody: that a task stands still is a schedule like others\n");
	printf("checks     %s\n\n", checks);
	g_free(checks);
	g_free(model);
	g_free(parameters);
}

static const char *bound_words(const struct search_bound *b, char *buf, size_t len)
{
	if (b->finite)
		g_snprintf(buf, len, "%" U64, b->max);
	else
		g_snprintf(buf, len, b->fair ? "no bound" : "no bound (1)");
	return buf;
}

static void print_bounds(const struct verify_report *r)
{
	const struct search_result *res = &r->result;
	gboolean unfair = FALSE;
	char buf[SEARCH_NR_METRICS][32];
	guint w, m;

	if (res->verdict == SEARCH_VERIFIED && !res->judged)
		printf("\nworst cases and termination were not looked at (--safety)\n");
	if (!res->n_walkers || !res->judged)
		return;
	printf("\nworst case       steps of a pass   steps of a walk   restarts of a walk\n");
	for (w = 0; w < res->n_walkers; w++) {
		const struct search_bound *b = res->walker[w].bound;

		for (m = 0; m < SEARCH_NR_METRICS; m++)
			unfair |= !b[m].finite && !b[m].fair;
		printf("  %-14s %15s   %15s   %18s\n", r->plan->tasks[res->walker[w].task].name,
		       bound_words(&b[0], buf[0], sizeof(buf[0])),
		       bound_words(&b[1], buf[1], sizeof(buf[1])),
		       bound_words(&b[2], buf[2], sizeof(buf[2])));
	}
	if (unfair)
		printf("  (1) only under schedules that are not fair: some task that could go on "
		       "never does\n");
	if (res->walkers_left_out)
		printf("  (only the first %d walkers are judged)\n", SEARCH_WALKERS_MAX);
}

static void print_violation(const struct verify_report *r)
{
	const struct search_result *res = &r->result;
	guint i;

	printf("violated: %s\n", res->check);
	cmd_print_wrapped(res->message, 2, 100);
	if (res->finding == SEARCH_CHECK)
		printf("  %s\n", res->shortest ? "no schedule with fewer transitions does it" :
			"there may be a shorter schedule that does it: the search ended here");
	for (i = 0; i < r->saved->len; i++) {
		char *scenario = cmd_shell_word(r->scenario);
		char *file = cmd_shell_word(r->saved->pdata[i]);

		printf("  schedule: %s\n", (const char *)r->saved->pdata[i]);
		printf("  replay: rmapsim replay %s --schedule %s\n", scenario, file);
		g_free(scenario);
		g_free(file);
	}
}

static void print_verdict(const struct verify_report *r)
{
	const struct search_result *res = &r->result;

	switch (res->verdict) {
	case SEARCH_VERIFIED:
		printf("verified: no schedule of this scenario violates a check under %s\n",
		       r->plan->model);
		break;
	case SEARCH_VIOLATED:
		print_violation(r);
		break;
	default:
		printf("%s: %s; what was not looked at is not known\n",
		       search_verdict_name(res->verdict), res->limit);
	}
}

static void print_counts(const struct verify_report *r)
{
	const struct search_result *res = &r->result;

	printf("\n%" U64 " states, %" U64 " transitions, %" U64 " of the states final\n",
	       res->states, res->transitions, res->finals);
	if (res->collision_chance)
		printf("states are told apart by 64-bit hashes: the chance that two shared one is "
		       "%.1g\n", res->collision_chance);
	else
		printf("states were kept whole and compared (%" U64 " hashes met twice)\n",
		       res->collisions);
	if (res->begun_again)
		cmd_print_labelled("begun again: ", res->claims_broken, 13, 100);
}

void verify_report_text(const struct verify_report *r)
{
	guint i;

	print_scope(r);
	print_verdict(r);
	print_bounds(r);
	print_counts(r);
	for (i = 0; r->result.verdict == SEARCH_VERIFIED && i < r->saved->len; i++)
		printf("schedule: %s\n", (const char *)r->saved->pdata[i]);
}

/* Too short a time says nothing of a rate, and can read as none at all. */
static const char *rate_words(const struct search_result *res, char *buf, size_t len)
{
	uint64_t n = res->transitions - res->transitions_before;
	char rate[24];

	if (res->cpu_seconds < RATE_FROM_S)
		return "";
	g_snprintf(buf, len, "%s transitions/s, ",
		   progress_number(n / res->cpu_seconds, rate, sizeof(rate)));
	return buf;
}

void verify_report_rates(const struct verify_report *r)
{
	const struct search_result *res = &r->result;
	char rate[64];

	fflush(stdout);
	fprintf(stderr, "%.2f s, %.2f s of CPU time, %s%.1f MB for states and edges (%.0f bytes a "
		"state), %.1f MB for the path%s\n", res->seconds, res->cpu_seconds,
		rate_words(res, rate, sizeof(rate)), res->bytes / 1e6,
		(double)res->bytes / MAX(res->states, 1), res->stack_bytes / 1e6,
		res->resumed ? ", resumed" : "");
}

static void json_bound(JsonBuilder *b, const struct search_bound *bound, enum search_metric m)
{
	cmd_json_open(b, search_metric_name(m));
	cmd_json_bool(b, "finite", bound->finite);
	if (bound->finite)
		cmd_json_count(b, "max", bound->max);
	else
		cmd_json_bool(b, "under_fair_schedules", bound->fair);
	cmd_json_close(b);
}

static void json_walkers(JsonBuilder *b, const struct verify_report *r)
{
	guint w, m;

	json_builder_set_member_name(b, "walkers");
	json_builder_begin_array(b);
	for (w = 0; w < r->result.n_walkers; w++) {
		cmd_json_open(b, NULL);
		cmd_json_string(b, "task", r->plan->tasks[r->result.walker[w].task].name);
		for (m = 0; m < SEARCH_NR_METRICS; m++)
			json_bound(b, &r->result.walker[w].bound[m], m);
		cmd_json_close(b);
	}
	json_builder_end_array(b);
}

static void json_violation(JsonBuilder *b, const struct verify_report *r)
{
	cmd_json_open(b, "violation");
	cmd_json_string(b, "check", r->result.check);
	cmd_json_string(b, "message", r->result.message);
	if (r->result.task >= 0)
		cmd_json_string(b, "task", r->plan->tasks[r->result.task].name);
	cmd_json_bool(b, "shortest", r->result.shortest);
	cmd_json_close(b);
}

void verify_report_json(const struct verify_report *r)
{
	const struct search_result *res = &r->result;
	JsonBuilder *b = cmd_json_begin("verify");

	cmd_json_plan(b, r->plan);
	cmd_json_strings(b, "set", cmd_sets(r->opt));
	cmd_json_string(b, "verdict", search_verdict_name(res->verdict));
	if (res->verdict == SEARCH_VIOLATED)
		json_violation(b, r);
	if (*res->limit)
		cmd_json_string(b, "limit", res->limit);
	cmd_json_count(b, "states", res->states);
	cmd_json_count(b, "transitions", res->transitions);
	cmd_json_count(b, "final_states", res->finals);
	cmd_json_double(b, "collision_chance", res->collision_chance);
	cmd_json_count(b, "begun_again", res->begun_again);
	if (res->begun_again)
		cmd_json_string(b, "claims_broken", res->claims_broken);
	if (res->judged)
		json_walkers(b, r);
	g_ptr_array_add(r->saved, NULL);
	cmd_json_strings(b, "schedules", (const char *const *)r->saved->pdata);
	cmd_json_open(b, "timing");
	cmd_json_double(b, "seconds", res->seconds);
	cmd_json_double(b, "cpu_seconds", res->cpu_seconds);
	cmd_json_count(b, "bytes", res->bytes);
	cmd_json_count(b, "path_bytes", res->stack_bytes);
	cmd_json_close(b);
	cmd_json_print(b);
}

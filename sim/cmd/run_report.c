/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The result of a campaign in words and numbers; see run_report.h. */
#include <stdio.h>
#include "sim/cmd/progress.h"
#include "sim/cmd/run_report.h"

#define U64	G_GUINT64_FORMAT
#define FAILURES_SHOWN	10

const char *run_report_verdict(const struct run_report *r)
{
	if (r->result.failures)
		return "violated";
	if (r->result.interrupted)
		return "interrupted";
	return r->result.incomplete ? "incomplete" : "clean";
}

static void print_seeds(const struct cmd_options *opt)
{
	printf("seeds      %" U64, opt->seed_first);
	if (opt->seeds > 1)
		printf("..%" U64, opt->seed_first + opt->seeds - 1);
	putchar('\n');
}

static void print_scope(const struct run_report *r)
{
	char *parameters = cmd_parameters(r->plan);
	char *checks = g_strjoinv(", ", r->plan->checks);
	char *model = cmd_model(r->plan);

	printf("scenario   %s\n", r->plan->name);
	printf("algorithm  %s\n", r->plan->algorithm);
	cmd_print_wrapped(parameters, 11, 100);
	cmd_print_labelled("model      ", model, 11, 100);
	printf("strategy   %s\n", r->plan->strategy);
	if (r->plan->preempt)
		printf("preempted  once in %u points on average, for %u\n", r->plan->preempt_every,
		       r->plan->preempt_points);
	printf("checks     %s\n", checks);
	print_seeds(r->opt);
	g_free(checks);
	g_free(model);
	g_free(parameters);
}

static const char *runs_word(guint64 n)
{
	return n == 1 ? "run" : "runs";
}

static void print_others(const struct run_report *r)
{
	guint i, shown = MIN(r->result.n_failed, FAILURES_SHOWN);
	GString *seeds;

	if (r->result.n_failed < 2)
		return;
	seeds = g_string_new(NULL);
	for (i = 0; i < shown; i++)
		g_string_append_printf(seeds, "%s%" U64 " (%s)", i ? " " : "",
				       r->result.failed[i].seed, r->result.failed[i].check);
	if (r->result.failures > shown)
		g_string_append(seeds, " ...");
	cmd_print_labelled("  failing seeds:", seeds->str, 17, 100);
	g_string_free(seeds, TRUE);
}

static void print_violation(const struct run_report *r)
{
	guint64 tried = r->told.seed - r->opt->seed_first + 1, i;

	printf("violated: %s, at seed %" U64 ", after %" U64 " %s tried\n", r->told.check,
	       r->told.seed, tried, tried == 1 ? "seed" : "seeds");
	cmd_print_wrapped(r->told.message, 2, 100);
	if (r->keep_going)
		printf("  %" U64 " of %" U64 " %s failed\n", r->result.failures, r->result.runs,
		       runs_word(r->result.runs));
	print_others(r);
	printf("  replay: %s\n", r->replay);
	for (i = 0; i < r->saved->len; i++)
		printf("  schedule: %s\n", (const char *)r->saved->pdata[i]);
}

static void print_verdict(const struct run_report *r)
{
	const struct campaign_result *res = &r->result;

	if (res->failures) {
		print_violation(r);
	} else if (res->incomplete) {
		printf("incomplete: %" U64 " of %" U64 " %s reached a limit, the first at seed %"
		       U64 "\n", res->incomplete, res->runs, runs_word(res->runs),
		       res->first_incomplete_seed);
		cmd_print_wrapped(r->told.message, 2, 100);
		printf("  replay: %s\n", r->replay);
	} else if (!res->interrupted) {
		printf("clean: no violation in %" U64 " %s (of no other seeds, strategies or "
		       "models)\n", res->runs, runs_word(res->runs));
	}
	if (res->interrupted)
		printf("interrupted: %" U64 " of %" U64 " %s were counted until then%s\n",
		       res->runs, r->opt->seeds, runs_word(r->opt->seeds),
		       res->failures ? "" : ", none of them a violation");
}

static void print_row(const char *name, guint64 all, guint64 walks, const char *most)
{
	printf("  %-12s %14" U64, name, all);
	if (walks)
		printf(" %12.2f", (double)all / walks);
	else
		printf(" %12s", "-");
	printf(*most ? " %12s\n" : "%s\n", most);
}

static void print_counts(const struct run_report *r)
{
	const struct run_stats *s = &r->result.stats;
	char steps[24], restarts[24];

	g_snprintf(steps, sizeof(steps), "%" U64, s->walk_steps_max);
	g_snprintf(restarts, sizeof(restarts), "%" U64, s->restarts_max);
	printf("\n%" U64 " %s, %" U64 " operations, %" U64 " points (a point is one event under "
	       "the scheduler's control)\n", r->result.runs, runs_word(r->result.runs),
	       s->operations, s->points);
	printf("  %-12s %14s %12s %12s\n", "", "all", "per walk", "most in one");
	print_row("walks", s->walks, 0, "");
	print_row(" complete", s->walks_complete, s->walks, "");
	print_row("passes", s->passes, s->walks, "");
	print_row("steps", s->steps, s->walks, steps);
	print_row("restarts", s->restarts, s->walks, restarts);
	print_row("slow path", s->slow_paths, s->walks, "");
	print_row("visits", s->visits, s->walks, "");
	print_row(" foreign", s->foreign, s->walks, "");
}

void run_report_text(const struct run_report *r)
{
	print_scope(r);
	putchar('\n');
	print_verdict(r);
	print_counts(r);
	if (r->opt->digest)
		printf("digest     0x%016" G_GINT64_MODIFIER "x\n", r->result.digest);
}

void run_report_rates(const struct run_report *r)
{
	double s = MAX(r->result.seconds, 1e-9);
	char runs[24], points[24];

	fprintf(stderr, "%.2f s, %u %s, %s runs/s, %s points/s\n", r->result.seconds, r->opt->jobs,
		r->opt->jobs == 1 ? "job" : "jobs",
		progress_number(r->result.runs / s, runs, sizeof(runs)),
		progress_number(r->result.stats.points / s, points, sizeof(points)));
}

static void json_stats(JsonBuilder *b, const struct run_stats *s)
{
	cmd_json_open(b, "stats");
	cmd_json_count(b, "points", s->points);
	cmd_json_count(b, "operations", s->operations);
	cmd_json_count(b, "walks", s->walks);
	cmd_json_count(b, "walks_complete", s->walks_complete);
	cmd_json_count(b, "passes", s->passes);
	cmd_json_count(b, "steps", s->steps);
	cmd_json_count(b, "restarts", s->restarts);
	cmd_json_count(b, "slow_paths", s->slow_paths);
	cmd_json_count(b, "visits", s->visits);
	cmd_json_count(b, "foreign", s->foreign);
	cmd_json_count(b, "walk_steps_max", s->walk_steps_max);
	cmd_json_count(b, "pass_steps_max", s->pass_steps_max);
	cmd_json_count(b, "restarts_max", s->restarts_max);
	cmd_json_close(b);
}

static void json_timing(JsonBuilder *b, const struct run_report *r)
{
	double s = MAX(r->result.seconds, 1e-9);

	cmd_json_open(b, "timing");
	cmd_json_count(b, "jobs", r->opt->jobs);
	cmd_json_double(b, "seconds", r->result.seconds);
	cmd_json_double(b, "cpu_seconds", r->result.cpu_seconds);
	cmd_json_double(b, "runs_per_second", r->result.runs / s);
	cmd_json_double(b, "points_per_second", r->result.stats.points / s);
	cmd_json_close(b);
}

/* The lowest failing seed, or the lowest that met a limit. */
static void json_told(JsonBuilder *b, const struct run_report *r)
{
	if (!r->replay)
		return;
	cmd_json_open(b, r->result.failures ? "violation" : "limit");
	cmd_json_seed(b, "seed", r->told.seed);
	cmd_json_count(b, "seeds_tried", r->told.seed - r->opt->seed_first + 1);
	if (r->result.failures)
		cmd_json_string(b, "check", r->told.check);
	cmd_json_string(b, "message", r->told.message);
	cmd_json_count(b, "point", r->told.point);
	if (r->told.task >= 0)
		cmd_json_string(b, "task", r->plan->tasks[r->told.task].name);
	cmd_json_digest(b, "digest", r->told.digest);
	cmd_json_string(b, "replay", r->replay);
	cmd_json_close(b);
}

static void json_failed(JsonBuilder *b, const struct run_report *r)
{
	guint i;

	json_builder_set_member_name(b, "failed");
	json_builder_begin_array(b);
	for (i = 0; i < r->result.n_failed; i++) {
		cmd_json_open(b, NULL);
		cmd_json_seed(b, "seed", r->result.failed[i].seed);
		cmd_json_string(b, "check", r->result.failed[i].check);
		cmd_json_close(b);
	}
	json_builder_end_array(b);
}

void run_report_json(const struct run_report *r)
{
	JsonBuilder *b = cmd_json_begin("run");

	cmd_json_plan(b, r->plan);
	cmd_json_strings(b, "set", cmd_sets(r->opt));
	cmd_json_seed(b, "seed_first", r->opt->seed_first);
	cmd_json_seed(b, "seeds", r->opt->seeds);
	cmd_json_string(b, "verdict", run_report_verdict(r));
	cmd_json_bool(b, "interrupted", r->result.interrupted);
	cmd_json_count(b, "runs", r->result.runs);
	cmd_json_count(b, "failures", r->result.failures);
	cmd_json_count(b, "incomplete", r->result.incomplete);
	json_stats(b, &r->result.stats);
	if (r->opt->digest)
		cmd_json_digest(b, "digest", r->result.digest);
	json_failed(b, r);
	json_told(b, r);
	g_ptr_array_add(r->saved, NULL);
	cmd_json_strings(b, "schedules", (const char *const *)r->saved->pdata);
	json_timing(b, r);
	cmd_json_print(b);
}

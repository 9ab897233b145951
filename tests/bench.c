/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * make bench: the rate of simulated runs on the neutral scenarios, one core,
 * median of several repetitions, with event records, the address check and
 * coverage on. A point is one event under the scheduler's control; notes of
 * visits and statistics are none. Then whole searches of the larger ones: CPU
 * time, median too, and bytes of table and graph for each state; the path that
 * leads to where a search stands comes on top.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include "sim/engine/campaign.h"
#include "sim/search/search.h"
#include "tests/support.h"

#define REPETITIONS	7
#define SECONDS		0.5

static double cpu_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double median(double *v, int n)
{
	qsort(v, n, sizeof(*v), compare);
	return v[n / 2];
}

static void bench_one(const char *name, const char *model)
{
	char *set_model = g_strdup_printf("memory.model=%s", model);
	const char *set[] = { set_model, NULL };
	struct plan *plan = support_plan(name, set);
	struct engine *e = support_engine(plan, 0);
	double runs[REPETITIONS], points[REPETITIONS];
	uint64_t seed = 1, per_run = 0;
	struct run_result res;
	struct rusage ru;
	int i;

	for (i = 0; i < REPETITIONS; i++) {
		double begin = cpu_seconds(), end = begin;
		uint64_t n = 0, p = 0;

		while (end - begin < SECONDS) {
			uint64_t stop = seed + 2000;

			for (; seed < stop; seed++, n++) {
				engine_run(e, seed, &res);
				p += res.stats.points;
			}
			end = cpu_seconds();
		}
		runs[i] = n / (end - begin);
		points[i] = p / (end - begin);
		per_run = p / n;
	}
	getrusage(RUSAGE_SELF, &ru);
	printf("%-10s %-5s %12.0f %14.0f %10lu %10ld\n", name, model, median(runs, REPETITIONS),
	       median(points, REPETITIONS), (unsigned long)per_run, ru.ru_maxrss * 1024L);
	engine_free(e);
	plan_free(plan);
	g_free(set_model);
}

/* The same campaign by one worker and by two, in turns; the median of the ratios. */
static void bench_jobs(const char *name)
{
	struct plan *plan = support_plan(name, NULL);
	struct campaign_options opt = { .seed_first = 1, .seeds = 1000000, .keep_going = true };
	struct campaign_result *res = g_new(struct campaign_result, 1);
	double ratio[REPETITIONS], one;
	GError *error = NULL;
	int i;

	for (i = 0; i < REPETITIONS; i++) {
		opt.jobs = 1;
		campaign_run(plan, &opt, res, &error);
		g_assert_no_error(error);
		one = res->seconds;
		opt.jobs = 2;
		campaign_run(plan, &opt, res, &error);
		g_assert_no_error(error);
		ratio[i] = one / res->seconds;
	}
	printf("%-10s two jobs are %.2f times as fast as one\n", name, median(ratio, REPETITIONS));
	g_free(res);
	plan_free(plan);
}

static void bench_verify(const char *name, const char *model, bool safety)
{
	char *set_model = g_strdup_printf("memory.model=%s", model);
	const char *set[] = { set_model, NULL };
	struct search_options opt = { .safety = safety };
	struct plan *plan = support_plan(name, set);
	double seconds[REPETITIONS], used;
	struct search_result res;
	GError *error = NULL;
	int i;

	for (i = 0; i < REPETITIONS; i++) {
		struct search *s = search_new(plan, &opt, &error);

		g_assert_no_error(error);
		search_run(s, &res, &error);
		g_assert_no_error(error);
		g_assert_cmpint(res.verdict, ==, SEARCH_VERIFIED);
		search_free(s);
		seconds[i] = res.cpu_seconds;
	}
	used = median(seconds, REPETITIONS);
	printf("%-10s %-5s %-9s %9lu %11lu %7.3f %13.0f %11.1f %9lu\n", name, model,
	       safety ? "--safety" : "", (unsigned long)res.states,
	       (unsigned long)res.transitions, used, res.transitions / used,
	       (double)res.bytes / res.states, (unsigned long)res.stack_bytes);
	plan_free(plan);
	g_free(set_model);
}

static void bench_searches(void)
{
	const char *const scenarios[] = { "bench-c5", "bench-c6", "bench-c7", "bench-c8" };
	size_t i;

	printf("verify, one core, medians of %d\n", REPETITIONS);
	printf("%-10s %-5s %-9s %9s %11s %7s %13s %11s %9s\n", "scenario", "model", "", "states",
	       "transitions", "CPU s", "transitions/s", "bytes/state", "path");
	for (i = 0; i < G_N_ELEMENTS(scenarios); i++) {
		bench_verify(scenarios[i], "sc", false);
		bench_verify(scenarios[i], "sc", true);
		bench_verify(scenarios[i], "tso", false);
	}
}

int main(void)
{
	const char *const scenarios[] = { "bench-c1", "bench-c2", "bench-c3", "bench-c4" };
	const char *const models[] = { "sc", "tso", "pso", "weak" };
	size_t i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("strategy random, one core, medians of %d\n", REPETITIONS);
	printf("%-10s %-5s %12s %14s %10s %10s\n", "scenario", "model", "runs/s", "points/s",
	       "points/run", "bytes");
	for (i = 0; i < G_N_ELEMENTS(scenarios); i++)
		bench_one(scenarios[i], "sc");
	for (i = 0; i < G_N_ELEMENTS(models); i++)
		bench_one("bench-c3", models[i]);
	bench_jobs("bench-c3");
	bench_searches();
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The line of a campaign's progress; see progress.h. */
#include <stdio.h>
#include <sys/param.h>
#include <time.h>
#include <unistd.h>
#include "sim/cmd/progress.h"

#define WIPE_LINE	"\r\033[K"
#define REDRAW_S	0.25

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

const char *progress_number(double n, char *buf, unsigned int len)
{
	static const char units[] = " kMGT";
	unsigned int unit = 0;

	while (n >= (unit ? 999.5 : 9999.5) && units[unit + 1]) {
		n /= 1000;
		unit++;
	}
	if (!unit)
		snprintf(buf, len, "%.0f", n);
	else
		snprintf(buf, len, "%.*f%c", n < 9.995 ? 2 : n < 99.95, n, units[unit]);
	return buf;
}

static void duration(double s, char *buf, unsigned int len)
{
	unsigned int n;

	if (s >= 100 * 3600.0) {
		snprintf(buf, len, "days");
		return;
	}
	n = s + 0.5;
	if (n >= 3600)
		snprintf(buf, len, "%uh%02um", n / 3600, n / 60 % 60);
	else if (n >= 60)
		snprintf(buf, len, "%um%02us", n / 60, n % 60);
	else
		snprintf(buf, len, "%us", n);
}

void progress_begin(struct progress *p)
{
	p->shown = isatty(STDERR_FILENO);
	p->drawn = false;
	p->begin = now();
	p->next = p->begin + 2 * REDRAW_S;
	p->points_done = p->points = 0;
}

void progress_points(struct progress *p, uint64_t done, uint64_t points)
{
	p->points_done = done;
	p->points = points;
}

void progress_update(uint64_t done, uint64_t seeds, uint64_t failures, void *data)
{
	struct progress *p = data;
	char d[24], all[24], rate[24], eta[24], failed[40] = "", points[64] = "";
	double at = now(), took = at - p->begin;

	if (!p->shown || !done || at < p->next)
		return;
	p->next = at + REDRAW_S;
	duration((seeds - done) * (took / done), eta, sizeof(eta));
	if (failures)
		snprintf(failed, sizeof(failed), ", %llu failed", (unsigned long long)failures);
	if (p->points)
		snprintf(points, sizeof(points), "%llu of %llu points, ",
			 (unsigned long long)p->points_done, (unsigned long long)p->points);
	fprintf(stderr, WIPE_LINE "%3.0f %%  %s%s of %s seeds, %s runs/s, ETA %s%s",
		100.0 * done / seeds, points, progress_number(done, d, sizeof(d)),
		progress_number(seeds, all, sizeof(all)),
		progress_number(done / took, rate, sizeof(rate)), eta, failed);
	fflush(stderr);
	p->drawn = true;
}

void progress_search(uint64_t states, uint64_t transitions, uint64_t depth, void *data)
{
	struct progress *p = data;
	char n[24], rate[24], deep[24], took[24];
	double at = now();

	if (!p->shown || at < p->next)
		return;
	p->next = at + REDRAW_S;
	duration(at - p->begin, took, sizeof(took));
	fprintf(stderr, WIPE_LINE "%s states, %s transitions/s, depth %s, %s so far",
		progress_number(states, n, sizeof(n)),
		progress_number(transitions / MAX(at - p->begin, 1e-9), rate, sizeof(rate)),
		progress_number(depth, deep, sizeof(deep)), took);
	fflush(stderr);
	p->drawn = true;
}

void progress_lines(struct progress *p, uint64_t done, uint64_t lines)
{
	char took[24], eta[24] = "?";
	double at = now();

	if (!p->shown || at < p->next)
		return;
	p->next = at + REDRAW_S;
	duration(at - p->begin, took, sizeof(took));
	if (done)
		duration((lines - done) * ((at - p->begin) / done), eta, sizeof(eta));
	fprintf(stderr, WIPE_LINE "%3.0f %%  %llu of %llu lines, %s so far, ETA %s",
		100.0 * done / lines, (unsigned long long)done, (unsigned long long)lines, took,
		eta);
	fflush(stderr);
	p->drawn = true;
}

void progress_end(struct progress *p)
{
	if (p->drawn)
		fputs(WIPE_LINE, stderr);
	p->drawn = false;
}

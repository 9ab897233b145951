/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Time stamp counters; see clock.h. */
#include <cpuid.h>
#include <stdlib.h>
#include <time.h>
#include "sim/hw/clock.h"
#include "sim/hw/histogram.h"
#include "sim/hw/stamps.h"
#include "core/kern.h"

#define APART_NS	20000000u
#define STAMP_TRIES	4096

static uint64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

/* The closest of some readings: the system may take the CPU away in between. */
void hw_clock_read(struct hw_clock_pair *pair)
{
	uint64_t closest = UINT64_MAX;
	int i;

	for (i = 0; i < 16; i++) {
		uint64_t before = stamp_tsc(), ns = clock_ns(), after = stamp_tsc();

		if (after - before >= closest)
			continue;
		closest = after - before;
		pair->tsc = before + closest / 2;
		pair->ns = ns;
	}
}

double hw_clock_ns_per_tick(const struct hw_clock_pair *first)
{
	struct hw_clock_pair now;

	do {
		hw_clock_read(&now);
	} while (now.ns - first->ns < APART_NS);
	if (now.tsc <= first->tsc)
		return 1;
	return (double)(now.ns - first->ns) / (now.tsc - first->tsc);
}

bool hw_clock_invariant(void)
{
	unsigned int a, b, c, d;

	return __get_cpuid(0x80000007, &a, &b, &c, &d) && (d & 1u << 8);
}

double hw_clock_stamp_ticks(void)
{
	struct hw_histogram *h = calloc(1, sizeof(*h));
	double median;
	int i;

	if (!h)
		return 0;
	for (i = 0; i < STAMP_TRIES; i++) {
		uint64_t begin = stamp_walk_begin();

		hw_histogram_add(h, stamp_walk_end() - begin);
	}
	median = hw_histogram_quantile(h, 0.5);
	free(h);
	return median;
}

/* A word that one CPU stores to and another waits for. */
struct post {
	uint64_t tsc;
} ____cacheline_aligned;

struct hw_offsets {
	struct post out, back;	/* of the two that are measuring */
	unsigned int n;
	struct hw_offset bound[];
};

struct hw_offsets *hw_offsets_new(unsigned int n)
{
	size_t bytes = sizeof(struct hw_offsets) + n * sizeof(struct hw_offset);
	struct hw_offsets *o = aligned_alloc(HW_LINE, (bytes + HW_LINE - 1) / HW_LINE * HW_LINE);
	unsigned int i;

	if (!o)
		return NULL;
	*o = (struct hw_offsets){ .n = n };
	for (i = 0; i < n; i++)
		o->bound[i] = (struct hw_offset){ i ? INT64_MIN : 0, i ? INT64_MAX : 0 };
	return o;
}

void hw_offsets_free(struct hw_offsets *o)
{
	free(o);
}

static void post_send(struct post *p)
{
	WRITE_ONCE(p->tsc, stamp_tsc());
}

/* Waits for a message that is not the last one; its age by our own clock. */
static int64_t post_age(struct post *p, uint64_t *last)
{
	HW_WAIT_UNTIL(READ_ONCE(p->tsc) != *last);
	*last = READ_ONCE(p->tsc);
	return stamp_walk_end() - *last;
}

void hw_offsets_reset(struct hw_offsets *o)
{
	o->out.tsc = 0;
	o->back.tsc = 0;
}

/* Clock i less clock 0 is at most the age of a message from 0 to i, and so on. */
void hw_offsets_note(struct hw_offsets *o, unsigned int i, bool is_first, int64_t age)
{
	struct hw_offset *bound = &o->bound[i];

	if (!is_first && age < bound->high)
		bound->high = age;
	if (is_first && -age > bound->low)
		bound->low = -age;
}

void hw_offsets_measure(struct hw_offsets *o, unsigned int i, bool is_first, unsigned int messages)
{
	struct post *mine = is_first ? &o->out : &o->back;
	struct post *theirs = is_first ? &o->back : &o->out;
	uint64_t last = 0;
	int64_t youngest = INT64_MAX;

	while (messages--) {
		int64_t age;

		if (is_first)
			post_send(mine);
		age = post_age(theirs, &last);
		if (age < youngest)
			youngest = age;
		if (!is_first)
			post_send(mine);
	}
	hw_offsets_note(o, i, is_first, youngest);
}

bool hw_offsets_moved(const struct hw_offsets *o)
{
	unsigned int i;

	for (i = 0; i < o->n; i++) {
		if (o->bound[i].low > o->bound[i].high)
			return true;
	}
	return false;
}

uint64_t hw_offsets_bound(const struct hw_offsets *o)
{
	int64_t largest = 0, second = 0;
	unsigned int i;

	/* Any two differ by at most what both differ from the first. */
	for (i = 1; i < o->n; i++) {
		const struct hw_offset *bound = &o->bound[i];
		int64_t off;

		if (bound->low == INT64_MIN || bound->high == INT64_MAX)
			continue;	/* a thread on the CPU of another */
		off = -bound->low > bound->high ? -bound->low : bound->high;
		if (off > largest) {
			second = largest;
			largest = off;
		} else if (off > second) {
			second = off;
		}
	}
	return largest + second;
}

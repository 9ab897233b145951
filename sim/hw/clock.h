/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The time stamp counters: their rate, the cost of a stamp, and by how much two
 * CPUs' counters may differ.
 *
 * Two CPUs send each other their own time. What one stored before the other
 * loaded it cannot be later than the other's time then: each direction bounds
 * the difference from one side, as closely as the fastest message allows.
 */
#ifndef SIM_HW_CLOCK_H
#define SIM_HW_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* The counter beside the system's clock, to tell its rate. */
struct hw_clock_pair {
	uint64_t tsc;
	uint64_t ns;
};

void hw_clock_read(struct hw_clock_pair *pair);
/* Waits until the two are far enough apart (20 ms) and reads the second. */
double hw_clock_ns_per_tick(const struct hw_clock_pair *first);
/* Does the counter run at one rate whatever the CPU does? */
bool hw_clock_invariant(void);
/* Median of what two stamps with nothing between them are apart: part of each latency. */
double hw_clock_stamp_ticks(void);

/* Differences of CPU i's counter to CPU 0's: low <= difference <= high. */
struct hw_offset {
	int64_t low, high;
};

struct hw_offsets;

/* n threads, numbered from 0; NULL: no memory. */
struct hw_offsets *hw_offsets_new(unsigned int n);
void hw_offsets_free(struct hw_offsets *o);
/* Before each measurement, by one thread; then the two wait for each other. */
void hw_offsets_reset(struct hw_offsets *o);
/*
 * Thread 0 and thread i send each other `messages` messages, each calling with
 * i; earlier bounds are narrowed.
 */
void hw_offsets_measure(struct hw_offsets *o, unsigned int i, bool is_first,
			unsigned int messages);
/* What one of the two learnt: the age of the youngest message that it got. */
void hw_offsets_note(struct hw_offsets *o, unsigned int i, bool is_first, int64_t age);
/* Two bounds that exclude each other: the counters moved against each other. */
bool hw_offsets_moved(const struct hw_offsets *o);
/* No two of the counters that were measured differ by more than this. */
uint64_t hw_offsets_bound(const struct hw_offsets *o);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line on a terminal that says how far a campaign has come, how fast it is and
 * how long it will take. On anything else than a terminal there is none.
 */
#ifndef SIM_CMD_PROGRESS_H
#define SIM_CMD_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool shown;		/* stderr is a terminal */
	bool drawn;		/* there is a line to be wiped out */
	double begin;		/* s, monotonic */
	double next;		/* not drawn again before */
	uint64_t points_done, points;	/* of a sweep; 0: it is none */
};

void progress_begin(struct progress *p);
/* Of a search, which does not know how much there is. */
void progress_search(uint64_t states, uint64_t transitions, uint64_t depth, void *data);
/* As campaign_options.progress wants it; data is the struct progress. */
void progress_update(uint64_t done, uint64_t seeds, uint64_t failures, void *data);
/* Of a matrix. */
void progress_lines(struct progress *p, uint64_t done, uint64_t lines);
/* Said with the next update. */
void progress_points(struct progress *p, uint64_t done, uint64_t points);
void progress_end(struct progress *p);

/* "12.3k", "2.05M": a rate or count for people; returns buf. */
const char *progress_number(double n, char *buf, unsigned int len);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `rmapsim run` says of a campaign, as text and as JSON. */
#ifndef SIM_CMD_RUN_REPORT_H
#define SIM_CMD_RUN_REPORT_H

#include "sim/cmd/common.h"

struct run_store;

struct run_report {
	const char *scenario;		/* as it was asked for */
	const struct plan *plan;
	const struct cmd_options *opt;
	gboolean keep_going;
	struct campaign_result result;
	struct run_result told;		/* the lowest failing or incomplete seed, run again */
	char *replay;			/* the line that replays it, or NULL */
	GPtrArray *saved;		/* names of schedules written */
	struct run_store *store;	/* or NULL: no --db */
};

/* "clean", "violated", "incomplete", "interrupted" */
const char *run_report_verdict(const struct run_report *r);
/* Both on stdout, equal for any number of jobs but for the JSON's "timing". */
void run_report_text(const struct run_report *r);
void run_report_json(const struct run_report *r);
/* How long it took and how fast it was, on stderr. */
void run_report_rates(const struct run_report *r);

#endif

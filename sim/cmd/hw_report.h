/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What 'rmapsim hw' says of a sample: text for a terminal, JSON, rows of a
 * study's database. Times and rates are the result here, and stand on stdout.
 */
#ifndef SIM_CMD_HW_REPORT_H
#define SIM_CMD_HW_REPORT_H

#include "output/store.h"
#include "sim/cmd/common.h"
#include "sim/hw/sample.h"
#include "sim/hw/topology.h"

struct hw_report {
	const char *scenario;		/* as the user named it */
	const struct plan *plan;
	const struct cmd_options *opt;
	const struct hw_topology *topology;
	const struct hw_options *hw;
	const struct hw_sample *sample;
	const GPtrArray *unplayed;	/* of struct hw_unplayed */
	guint64 repetition;		/* of the same point */
	gint64 stored;			/* id of its row, 0: in no database */
};

/* "clean", "violated", "crashed", "hung", "interrupted" */
const char *hw_report_verdict(const struct hw_report *r);
/* A latency in nanoseconds: a part q of all walks took no longer; 1: the longest. */
double hw_report_latency(const struct hw_report *r, double q);

/* Says what of the plan is not played and not in the list yet, and puts it there. */
void hw_report_unplayed(const struct plan *plan, GPtrArray *list);
void hw_report_json_unplayed(JsonBuilder *b, const GPtrArray *list);

void hw_report_text(const struct hw_report *r);
void hw_report_json(const struct hw_report *r);
/* Inserts experiment, point and sample; *id is the sample's. */
gboolean hw_report_store(const struct hw_report *r, const char *path, gint64 *id, GError **error);

/*
 * The same in parts: an experiment (swept: as [sweep] has it, "" for one plan), and a sample
 * of a point that is there.
 */
gboolean hw_report_store_experiment(const struct hw_report *r, const char *swept,
				    struct store *store, gint64 *id, GError **error);
gboolean hw_report_store_sample(const struct hw_report *r, struct store *store, gint64 point,
				gint64 *id, GError **error);

#endif

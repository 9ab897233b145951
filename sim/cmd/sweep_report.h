/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `rmapsim sweep` says: the points (--dry-run), and the figures of each
 * point as the database has them. On stdout, the same for any number of jobs but
 * for the JSON's "timing".
 */
#ifndef SIM_CMD_SWEEP_REPORT_H
#define SIM_CMD_SWEEP_REPORT_H

#include "sim/cmd/sweep_run.h"

struct sweep_counts {
	guint64 runs, failures, incomplete;
};

void sweep_report_points(const struct grid *g, const struct cmd_options *opt);
gboolean sweep_report_result(const struct grid *g, const struct cmd_options *opt,
			     const struct sweep_result *res, struct sweep_counts *counts,
			     GError **error);

#endif

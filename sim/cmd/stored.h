/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A failure out of a study's database: the plan of its point, and its schedule. */
#ifndef SIM_CMD_STORED_H
#define SIM_CMD_STORED_H

#include "output/schedule.h"
#include "scenarios/plan.h"

struct stored_failure {
	char *place;			/* "study.db: failure 3", for messages */
	struct plan *plan;
	struct schedule *schedule;
};

/* Fails with STORE_ERROR, SCENARIO_ERROR or SCHEDULE_ERROR; what is there is the caller's. */
gboolean stored_failure(const char *db, guint64 failure, struct stored_failure *out,
			GError **error);

#endif

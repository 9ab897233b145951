/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What rmapsim litmus tells: herd7's form, a table of expectations, or JSON. */
#ifndef SIM_CMD_LITMUS_REPORT_H
#define SIM_CMD_LITMUS_REPORT_H

#include "sim/cmd/common.h"
#include "sim/litmus/explore.h"
#include "sim/model/model.h"

enum litmus_judgement { LITMUS_AS_EXPECTED, LITMUS_NOT_AS_EXPECTED, LITMUS_NOT_JUDGED };

struct litmus_report {
	gboolean check;		/* a table instead of herd7's form */
	JsonBuilder *json;	/* or NULL: text */
	guint files, run, refused, limited, deadlocks;
	guint judged[LITMUS_NOT_JUDGED + 1];
	guint64 searched;
	double seconds;
};

void litmus_report_begin(struct litmus_report *r, gboolean json, gboolean check);
/* A file that cannot be run; takes the error. */
void litmus_report_refused(struct litmus_report *r, const char *path, GError *error);
void litmus_report_result(struct litmus_report *r, const struct litmus_program *program,
			  const struct model *model, const struct litmus_result *result);
void litmus_report_end(struct litmus_report *r, const struct model *model);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `rmapsim hw --table`: samples of all points of a scenario's [sweep], a row for each point. */
#ifndef SIM_CMD_HW_TABLE_H
#define SIM_CMD_HW_TABLE_H

#include "sim/cmd/common.h"
#include "sim/hw/sample.h"

struct hw_table_options {
	struct hw_options hw;		/* of each sample; its cpus are chosen for each point */
	const char *cpus;		/* as the user gave them; NULL: chosen */
	gboolean oversubscribe;
	guint64 samples;		/* of each point */
};

/*
 * One sample of each point, then the next one of each, so that what the machine does
 * meanwhile falls on all points alike. A crash, a hang or a violation is a sample's result,
 * not the end of it all. With opt->db each sample is stored when it is there. Returns an exit
 * status.
 */
int hw_table(const struct cmd_options *opt, const struct hw_table_options *table);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `rmapsim verify --table`: all points of a scenario's [sweep], a row for each. */
#ifndef SIM_CMD_VERIFY_TABLE_H
#define SIM_CMD_VERIFY_TABLE_H

#include "sim/cmd/common.h"
#include "sim/search/search.h"

/*
 * Searches every point and prints the table; with opt->db the rows are stored as
 * one experiment, in one transaction. Returns an exit status.
 */
int verify_table(const struct cmd_options *opt, const struct search_options *search);

#endif

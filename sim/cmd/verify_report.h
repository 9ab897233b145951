/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `rmapsim verify` says of a search, as text and as JSON. */
#ifndef SIM_CMD_VERIFY_REPORT_H
#define SIM_CMD_VERIFY_REPORT_H

#include "sim/cmd/common.h"
#include "sim/search/search.h"

struct verify_report {
	const char *scenario;		/* as it was asked for */
	const struct plan *plan;
	const struct cmd_options *opt;
	struct search *search;
	struct search_result result;
	GPtrArray *saved;		/* names of schedules written */
};

/* Both on stdout, the same each time but for the JSON's "timing". */
void verify_report_text(const struct verify_report *r);
void verify_report_json(const struct verify_report *r);
/* How long it took and how fast it was, on stderr. */
void verify_report_rates(const struct verify_report *r);

/* verify.c; for all who search */

/* The options of the command line. */
void verify_search_options(struct search_options *to);
/* Search with progress; *search is to be freed by the caller, in any case. */
gboolean verify_plan(const struct plan *plan, const struct search_options *opt,
		     struct search **search, struct search_result *result, GError **error);
int verify_status(const struct search_result *result);

#endif

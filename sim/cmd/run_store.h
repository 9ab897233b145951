/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `rmapsim run --db`: a campaign as an experiment of one point and one batch, its
 * seeds together. It is stored when it has ended; the same campaign is stored
 * once.
 */
#ifndef SIM_CMD_RUN_STORE_H
#define SIM_CMD_RUN_STORE_H

#include "sim/cmd/common.h"

struct run_store;

/* Can that file be written to? Before the campaign, so that it is not in vain. */
gboolean run_store_check(const char *db, GError **error);

struct run_store *run_store_new(const struct plan *plan, const struct cmd_options *opt,
				gboolean keep_going);
void run_store_free(struct run_store *s);

/* As campaign_options.counted wants it; data is the struct run_store. */
bool run_store_count(const struct batch *b, void *data, GError **error);
/* The engine's last run (ENGINE_RECORD, ENGINE_DIGEST) was this failure. */
void run_store_failure(struct run_store *s, struct engine *e, const struct run_result *told);

/* Of a campaign that was not interrupted. Says on stderr where it is. */
gboolean run_store_write(struct run_store *s, GError **error);

#endif

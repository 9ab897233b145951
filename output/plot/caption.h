/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a plot says about where its numbers come from. */
#ifndef OUTPUT_PLOT_CAPTION_H
#define OUTPUT_PLOT_CAPTION_H

#include "output/plot/script.h"

/*
 * Title and the lines above the plot: what, against what (NULL: nothing), which scenario;
 * machines, versions, seeds, samples. below gets the method of the intervals and what was
 * pooled.
 */
gboolean caption_make(struct script_head *h, struct store *s, const struct plot *plot,
		      const struct selection *sel, const char *against,
		      const struct series_set *series, GError **error);

/* "algorithm.name = position, algorithm.retries = 2, simulated": a row in words; free it. */
char *caption_row(const struct selection *sel, const struct selection_row *row);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How often a walk gives up being lockless: the price of the limit on restarts. */
#include "output/plot/plot.h"

const struct plot plot_slow_path = {
	.name = "slow-path",
	.summary = "share of walks that end on the locked slow path, against the retry limit N",
	.view = "plot_slow_path_share",
	.title = "Walks that end on the locked slow path",
	.y_title = "share of walks on the slow path",
	.interval = interval_share,
	.method = "Bands and error bars: " INTERVAL_LEVEL " Wilson intervals with Student's t, for "
		  "the effective number of walks: walks of one run (a seed; on hardware, a "
		  "sample) are correlated, the variance between runs says how much. None with "
		  "fewer than 3 samples (30 if all of them show 0).",
	.share = TRUE,
	.draw = plot_draw_curves,
};

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Walks by their steps: the tail that a mean hides. */
#include "output/plot/plot.h"

const struct plot plot_walk_steps = {
	.name = "walk-steps",
	.summary = "histogram of the steps of a walk, all passes and the slow path included",
	.view = "plot_walk_steps",
	.title = "Walks by their steps",
	.y_title = "share of walks per step (log scale)",
	.interval = interval_share_alike,
	.method = "Bands and error bars: " INTERVAL_LEVEL " Wilson intervals as if all walks of a "
		  "run (a seed) were alike, which is the widest they can be: bins are not kept "
		  "by run. None for hardware. A bin of several values is divided by their number.",
	.share = TRUE,
	.draw = plot_draw_histogram,
};

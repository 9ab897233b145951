/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Restarts per walk: what lost races cost a walker, against the limit on them. */
#include "output/plot/plot.h"

const struct plot plot_restarts = {
	.name = "restarts",
	.summary = "restarts per walk against the retry limit N, or any swept key",
	.view = "plot_restarts_per_walk",
	.title = "Restarts per walk",
	.y_title = "restarts per walk",
	.interval = interval_mean,
	.method = "Bands and error bars: " INTERVAL_LEVEL " intervals of a ratio of sums over runs "
		  "(one run a seed; on hardware, over samples), by the delta method with Student's "
		  "t. None where nothing was seen, or with fewer than 3 samples.",
	.draw = plot_draw_curves,
};

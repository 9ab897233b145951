/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading histograms; see histogram.h. */
#include <math.h>
#include "sim/hw/histogram.h"

/* A bucket holds 2^shift values. */
static unsigned int bucket_shift(unsigned int bucket)
{
	return bucket < HW_HISTOGRAM_PARTS ? 0 : bucket / HW_HISTOGRAM_PARTS - 1;
}

double hw_histogram_low(unsigned int bucket)
{
	if (bucket < HW_HISTOGRAM_PARTS)
		return bucket;
	return ldexp(bucket % HW_HISTOGRAM_PARTS + HW_HISTOGRAM_PARTS, bucket_shift(bucket));
}

double hw_histogram_value(unsigned int bucket)
{
	return hw_histogram_low(bucket) + (ldexp(1, bucket_shift(bucket)) - 1) / 2;
}

void hw_histogram_merge(struct hw_histogram *to, const struct hw_histogram *from)
{
	unsigned int i;

	for (i = 0; i < HW_HISTOGRAM_BUCKETS; i++)
		to->count[i] += from->count[i];
	to->n += from->n;
	to->sum += from->sum;
	if (from->max > to->max)
		to->max = from->max;
}

double hw_histogram_quantile(const struct hw_histogram *h, double q)
{
	uint64_t rank = ceil(q * h->n), below = 0;
	unsigned int i;

	if (!h->n)
		return 0;
	if (rank < 1)
		rank = 1;
	for (i = 0; i < HW_HISTOGRAM_BUCKETS; i++) {
		below += h->count[i];
		if (below >= rank)
			return fmin(hw_histogram_value(i), h->max);
	}
	return h->max;
}

uint64_t hw_histogram_total(const struct hw_histogram *h)
{
	uint64_t total = 0;
	unsigned int i;

	for (i = 0; i < HW_HISTOGRAM_BUCKETS; i++)
		total += h->count[i];
	return total;
}

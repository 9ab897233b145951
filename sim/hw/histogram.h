/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A log-linear histogram of 64-bit values, in the manner of HdrHistogram
 * (G. Tene): each power of two is cut into HW_HISTOGRAM_PARTS equal parts, and
 * values below that number have a bucket each. A value read back is the middle
 * of its bucket, so it is off by at most 1/128 of itself (0.8 %); the largest
 * value is kept as it is. Adding costs one count of leading zeros.
 */
#ifndef SIM_HW_HISTOGRAM_H
#define SIM_HW_HISTOGRAM_H

#include <stdint.h>

#define HW_HISTOGRAM_BITS	6
#define HW_HISTOGRAM_PARTS	(1u << HW_HISTOGRAM_BITS)
#define HW_HISTOGRAM_BUCKETS	((64 - HW_HISTOGRAM_BITS + 1) * HW_HISTOGRAM_PARTS)
/* Of a value read back, relative to it. */
#define HW_HISTOGRAM_ERROR	(0.5 / HW_HISTOGRAM_PARTS)

struct hw_histogram {
	uint64_t n;
	uint64_t sum;
	uint64_t max;
	uint64_t count[HW_HISTOGRAM_BUCKETS];
};

static inline unsigned int hw_histogram_bucket(uint64_t value)
{
	unsigned int shift;

	if (value < HW_HISTOGRAM_PARTS)
		return value;
	shift = 63 - __builtin_clzll(value) - HW_HISTOGRAM_BITS;
	return (shift + 1) * HW_HISTOGRAM_PARTS + (value >> shift) - HW_HISTOGRAM_PARTS;
}

static inline void hw_histogram_add(struct hw_histogram *h, uint64_t value)
{
	h->count[hw_histogram_bucket(value)]++;
	h->n++;
	h->sum += value;
	if (value > h->max)
		h->max = value;
}

/* The lowest value of a bucket, and its middle. */
double hw_histogram_low(unsigned int bucket);
double hw_histogram_value(unsigned int bucket);
void hw_histogram_merge(struct hw_histogram *to, const struct hw_histogram *from);
/* The value that a part q (0..1) of all lie at or below; 0 if there are none. */
double hw_histogram_quantile(const struct hw_histogram *h, double q);
/* All buckets added up; equals n unless something is wrong. */
uint64_t hw_histogram_total(const struct hw_histogram *h);

#endif

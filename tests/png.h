/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pixels of a PNG file, for tests: 8 bits a channel, not interlaced. */
#ifndef TESTS_PNG_H
#define TESTS_PNG_H

#include <glib.h>

struct png {
	guint width, height, channels;
	guint8 *pixels;		/* rows of width * channels bytes */
};

/* FALSE if it is none of these. Clear with png_clear(). */
gboolean png_read(struct png *png, const guint8 *data, gsize n);
void png_clear(struct png *png);

/* 0xrrggbb; palette images: the index. */
guint32 png_pixel(const struct png *png, guint x, guint y);

#endif

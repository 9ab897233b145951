/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small reader of PNG files; see png.h. The numbers are those of RFC 2083. */
#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/png.h"

static guint32 big_endian(const guint8 *p)
{
	return (guint32)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

static gboolean read_header(struct png *png, const guint8 *p)
{
	static const guint8 channels[] = { 1, 0, 3, 1, 2, 0, 4 };

	png->width = big_endian(p);
	png->height = big_endian(p + 4);
	png->channels = p[9] < sizeof(channels) ? channels[p[9]] : 0;
	return p[8] == 8 && png->channels && !p[12] && png->width && png->width < 10000 &&
	       png->height && png->height < 10000;
}

/* All IDAT chunks together are one zlib stream. */
static GByteArray *inflate_chunks(const GByteArray *packed, gsize size)
{
	GZlibDecompressor *z = g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB);
	GByteArray *out = g_byte_array_sized_new(size);
	gsize n = 0, used = 0;

	g_byte_array_set_size(out, size);
	if (g_converter_convert(G_CONVERTER(z), packed->data, packed->len, out->data, size,
				G_CONVERTER_INPUT_AT_END, &used, &n, NULL) == G_CONVERTER_ERROR)
		n = 0;
	g_byte_array_set_size(out, n);
	g_object_unref(z);
	return out;
}

static int paeth(int a, int b, int c)
{
	int p = a + b - c, pa = abs(p - a), pb = abs(p - b), pc = abs(p - c);

	if (pa <= pb && pa <= pc)
		return a;
	return pb <= pc ? b : c;
}

static void unfilter(const struct png *png, guint8 *row, const guint8 *above, guint8 filter)
{
	guint i, n = png->width * png->channels;

	for (i = 0; i < n; i++) {
		int left = i >= png->channels ? row[i - png->channels] : 0;
		int up = above ? above[i] : 0;
		int corner = above && i >= png->channels ? above[i - png->channels] : 0;
		const int add[] = { 0, left, up, (left + up) / 2, paeth(left, up, corner) };

		row[i] += filter < G_N_ELEMENTS(add) ? add[filter] : 0;
	}
}

static gboolean unpack(struct png *png, const GByteArray *packed)
{
	gsize n = png->width * png->channels, y;
	GByteArray *raw = inflate_chunks(packed, (n + 1) * png->height);
	gboolean whole = raw->len == (n + 1) * png->height;

	png->pixels = g_malloc(n * png->height);
	for (y = 0; whole && y < png->height; y++) {
		memcpy(png->pixels + y * n, raw->data + y * (n + 1) + 1, n);
		unfilter(png, png->pixels + y * n, y ? png->pixels + (y - 1) * n : NULL,
			 raw->data[y * (n + 1)]);
	}
	g_byte_array_unref(raw);
	return whole;
}

gboolean png_read(struct png *png, const guint8 *data, gsize n)
{
	GByteArray *packed = g_byte_array_new();
	gboolean ok = n > 33 && !memcmp(data, "\x89PNG\r\n\x1a\n", 8);
	gsize at = 8;

	*png = (struct png){ 0 };
	ok = ok && read_header(png, data + 16);
	while (ok && at + 12 <= n) {
		gsize length = big_endian(data + at);

		ok = at + 12 + length <= n;
		if (ok && !memcmp(data + at + 4, "IDAT", 4))
			g_byte_array_append(packed, data + at + 8, length);
		at += 12 + length;
	}
	ok = ok && unpack(png, packed);
	g_byte_array_unref(packed);
	return ok;
}

void png_clear(struct png *png)
{
	g_free(png->pixels);
}

guint32 png_pixel(const struct png *png, guint x, guint y)
{
	const guint8 *p = png->pixels + ((gsize)y * png->width + x) * png->channels;

	return png->channels < 3 ? p[0] : (guint32)p[0] << 16 | p[1] << 8 | p[2];
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of a scenario: groups of "key = value" lines, with the line of each,
 * and the command line's overrides. Knows nothing of what the keys mean.
 *
 * GKeyFile knows no line numbers and merges duplicates, so the text is scanned
 * here. What is accepted is accepted by GKeyFile too.
 */
#ifndef SCENARIOS_KEYFILE_H
#define SCENARIOS_KEYFILE_H

#include <glib.h>

#define KEYFILE_BYTES_MAX	(1024 * 1024)
#define KEYFILE_LINE_MAX	(64 * 1024)
#define KEYFILE_NAME_MAX	100	/* of a group or key */
#define KEYFILE_GROUPS_MAX	1024
#define KEYFILE_KEYS_MAX	128	/* of one group */

struct keyfile_group;

struct keyfile_entry {
	const struct keyfile_group *group;
	char *key;
	char *value;
	guint line;
	gboolean set;		/* from --set; line is then 0 */
};

struct keyfile_group {
	char *name;		/* "memory", "task NAME" */
	guint line;		/* 0: --set made it */
	GPtrArray *entries;
};

struct keyfile {
	char *path;		/* for messages */
	GPtrArray *groups;
};

/* Fails with SCENARIO_ERROR_SYNTAX. */
struct keyfile *keyfile_scan(const char *text, gsize len, const char *path, GError **error);
void keyfile_free(struct keyfile *kf);

/*
 * Apply "group.key=value", "task NAME.key=value" or "task.NAME.key=value". An
 * empty value takes the key out.
 */
gboolean keyfile_set(struct keyfile *kf, const char *set, GError **error);

struct keyfile_group *keyfile_group(const struct keyfile *kf, const char *name);
/* group may be NULL. */
struct keyfile_entry *keyfile_entry(const struct keyfile_group *group, const char *key);

/*
 * Set an error that begins with the place: "PATH:LINE: [group] key = value: ".
 * The printf arguments say what is wrong and what would be valid.
 */
void keyfile_error_entry(GError **error, gint code, const struct keyfile *kf,
			 const struct keyfile_entry *entry, const char *fmt, ...)
	G_GNUC_PRINTF(5, 6);
void keyfile_error_group(GError **error, gint code, const struct keyfile *kf,
			 const struct keyfile_group *group, const char *fmt, ...)
	G_GNUC_PRINTF(5, 6);

/* A text from outside, made short and printable for a message; free it. */
char *keyfile_quote(const char *text, gssize len);

#endif

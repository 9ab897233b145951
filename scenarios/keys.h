/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of keys: group, key, type, default, range and help of each, in the
 * order in which a plan is printed. Reading, printing and the messages about
 * what would be valid all come from it.
 *
 * Not in the table, because their names are given by others: the parameters of
 * an algorithm, the checks, the lines of [expect] and [sweep].
 */
#ifndef SCENARIOS_KEYS_H
#define SCENARIOS_KEYS_H

#include "scenario.h"
#include "keyfile.h"

enum key_type {
	KEY_TEXT,	/* char *: the rest of the line */
	KEY_NAME,	/* char *: one of the vocabulary's names */
	KEY_UINT,	/* guint: a number in min..max */
	KEY_U64,	/* guint64: a number in min..max */
	KEY_WORD,	/* int: the place in words[] */
	KEY_ONE_OF,	/* guint: one of the numbers in words[] */
	KEY_OWN,	/* has a grammar of its own (program.h), read elsewhere */
};

struct key {
	const char *group;	/* "task" stands for every [task NAME] */
	const char *name;
	enum key_type type;
	const char *def;
	guint64 min, max;
	const char *const *words;
	gsize offset;		/* in struct plan; group "task": in struct task_spec */
	gboolean later;		/* at its default it is in no digest: older schedules still fit */
	gsize names;		/* KEY_NAME: offset in struct scenario_vocabulary */
	const char *help;
};

/* A [task NAME] group before its copies are made. */
struct task_spec {
	struct keyfile_group *group;
	const char *name;
	guint count;
	int forever;
	struct keyfile_entry *program;	/* exactly one of both */
	struct keyfile_entry *mix;
	struct keyfile_entry *names;	/* the line that names the sptes, or NULL */
	guint first;		/* of its copies, in plan->tasks */
};

/* Ends with a NULL group. */
extern const struct key scenario_keys[];

/* The table's group of a group's name: "task NAME" is "task". NULL: there is none. */
const char *keys_group(const char *name);
const struct key *keys_find(const char *group, const char *name);
/* "events, operations, hang"; free it. */
char *keys_names(const char *group);

/* Set all keys of a table's group that are not KEY_OWN, from source (may be NULL) or default. */
gboolean keys_read(const struct keyfile *kf, const char *group,
		   const struct keyfile_group *source, const struct scenario_vocabulary *voc,
		   void *base, GError **error);
/* The value as text, "" for KEY_OWN. */
void keys_print(GString *out, const struct key *key, const void *base);

/* Decimal digits only, with a sign where min < 0. */
gboolean keys_number(const char *text, gint64 min, gint64 max, gint64 *value);
/* The place in a NULL-terminated list, or -1. */
int keys_word(const char *const *words, const char *text);

#endif

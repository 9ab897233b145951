/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A search in a file: table, graph, and the path as the choices that lead along
 * it. Stacks and memory are not written: going on means taking the choices
 * again, so that the file is good for any process of this version.
 *
 * The file is written beside its name and renamed. It ends in a hash over all of
 * it, and what it says is looked at before it is used: a file that is not ours,
 * is damaged, or belongs to another plan, version or set of options is refused.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "sim/search/private.h"
#include "sim/search/save.h"

#define SAVE_FORMAT	3

static const char save_magic[8] = "rmapsrch";

G_DEFINE_QUARK(rmapsim-save-error, save_error)

struct save_head {
	char magic[8];
	uint32_t format, flags;
	char version[32];
	uint64_t plan_digest, hash_seed;
	uint64_t n_states, n_edges, n_labels;
	uint64_t slots, room, used, collisions, n_words;
	uint64_t n_frames, n_pending, n_violation, n_actions;
	uint64_t transitions, finals, depth_max, violated_at;
	uint32_t claimed, begun_again;
	uint32_t violated, hung;
	uint32_t finding, slow_only;
	int64_t task;
	double seconds;
	char check[32];
	char message[RUN_MESSAGE_MAX];
	char claims_broken[RUN_MESSAGE_MAX];
};

enum { SAVE_EXACT = 1, SAVE_SAFETY = 2, SAVE_ASKED = 4 };

/* One array of the search, to be written or to be read into. */
struct part {
	void **at;
	uint64_t n;
	size_t size;
};

#define PARTS		12
#define PARTS_OF_TABLE	2	/* the first; the table has its own room for them */

static uint32_t option_flags(const struct search *s)
{
	return (s->opt.exact ? SAVE_EXACT : 0) | (s->opt.safety ? SAVE_SAFETY : 0) |
	       (s->opt.asked ? SAVE_ASKED : 0);
}

/* In the order of the file. */
static void list_parts(struct search *s, const struct save_head *h, struct part *part)
{
	bool numbers = !(h->flags & SAVE_SAFETY) || (h->flags & SAVE_EXACT);
	bool graph = !(h->flags & SAVE_SAFETY), exact = h->flags & SAVE_EXACT;
	const struct part parts[PARTS] = {
		{ (void **)&s->table.hash, h->room, sizeof(*s->table.hash) },
		{ (void **)&s->table.number, numbers ? h->room : 0, sizeof(*s->table.number) },
		{ (void **)&s->table.words, h->n_words, sizeof(*s->table.words) },
		{ (void **)&s->table.at, exact ? h->n_states + 1 : 0, sizeof(*s->table.at) },
		{ (void **)&s->graph.first, graph ? h->n_states : 0, sizeof(*s->graph.first) },
		{ (void **)&s->graph.in_walk, graph ? h->n_states : 0, 1 },
		{ (void **)&s->graph.edges, h->n_edges, sizeof(*s->graph.edges) },
		{ (void **)&s->graph.labels, h->n_labels, sizeof(*s->graph.labels) },
		{ (void **)&s->pending, h->n_pending, sizeof(*s->pending) },
		{ (void **)&s->frames, h->n_frames, sizeof(*s->frames) },
		{ (void **)&s->violation.label, h->n_violation, sizeof(*s->violation.label) },
		{ (void **)&s->actions, h->n_actions, sizeof(*s->actions) },
	};

	memcpy(part, parts, sizeof(parts));
}

static void fill_head(const struct search *s, struct save_head *h)
{
	const struct search_result *res = s->res;

	memset(h, 0, sizeof(*h));
	memcpy(h->magic, save_magic, sizeof(save_magic));
	h->format = SAVE_FORMAT;
	h->flags = option_flags(s);
	g_strlcpy(h->version, s->opt.version, sizeof(h->version));
	h->plan_digest = s->plan->digest;
	h->hash_seed = s->opt.hash_seed;
	h->n_states = s->n_states;
	h->n_edges = s->graph.n_edges;
	h->n_labels = s->graph.n_labels;
	h->slots = s->table.slots;
	h->room = s->table.room;
	h->used = s->table.used;
	h->collisions = s->table.collisions;
	h->n_words = s->table.n_words;
	h->n_frames = s->n_frames;
	h->n_pending = s->n_pending;
	h->n_violation = s->violation.n;
	h->n_actions = s->n_actions;
	h->transitions = res->transitions;
	h->finals = res->finals;
	h->depth_max = res->depth_max;
	h->violated_at = s->violated_at;
	h->claimed = s->claimed;
	h->begun_again = res->begun_again;
	h->violated = s->violated;
	h->hung = s->hung;
	h->finding = res->finding;
	h->slow_only = s->e->slow_only;
	h->task = res->task;
	h->seconds = s->seconds_before + search_clock() - s->begun;
	g_strlcpy(h->check, res->check ? res->check : "", sizeof(h->check));
	g_strlcpy(h->message, res->message, sizeof(h->message));
	g_strlcpy(h->claims_broken, res->claims_broken, sizeof(h->claims_broken));
}

static uint64_t hash_bytes(uint64_t h, const void *data, size_t bytes)
{
	const uint8_t *p = data;
	uint64_t word;

	for (; bytes >= 8; bytes -= 8, p += 8) {
		memcpy(&word, p, 8);
		h = hash_mix(h, word);
	}
	for (; bytes; bytes--, p++)
		h = hash_mix(h, *p);
	return h;
}

static bool put(FILE *f, const void *data, size_t bytes, uint64_t *h)
{
	*h = hash_bytes(*h, data, bytes);
	return !bytes || fwrite(data, 1, bytes, f) == bytes;
}

static bool write_all(struct search *s, FILE *f)
{
	struct part part[PARTS];
	struct save_head head;
	uint64_t h = 0;
	unsigned int i;

	fill_head(s, &head);
	list_parts(s, &head, part);
	if (!put(f, &head, sizeof(head), &h))
		return false;
	for (i = 0; i < PARTS; i++) {
		if (!put(f, *part[i].at, part[i].n * part[i].size, &h))
			return false;
	}
	return fwrite(&h, 1, sizeof(h), f) == sizeof(h) && !fflush(f) && !fsync(fileno(f));
}

static bool io_error(GError **error, const char *path, const char *what)
{
	int err = errno;

	g_set_error(error, SAVE_ERROR, SAVE_ERROR_IO, "%s: %s: %s", path, what, g_strerror(err));
	return false;
}

bool save_write(struct search *s, GError **error)
{
	char *tmp = g_strdup_printf("%s.%ld.tmp", s->opt.save, (long)getpid());
	FILE *f = fopen(tmp, "wxe");
	bool ok;

	if (!f) {
		io_error(error, tmp, "cannot create");
		g_free(tmp);
		return false;
	}
	ok = write_all(s, f) || io_error(error, s->opt.save, "cannot write");
	if (fclose(f) && ok)
		ok = io_error(error, s->opt.save, "cannot write");
	if (ok && rename(tmp, s->opt.save))
		ok = io_error(error, s->opt.save, "cannot rename to it");
	if (!ok)
		unlink(tmp);
	g_free(tmp);
	return ok;
}

void save_remove(struct search *s)
{
	unlink(s->opt.save);
}

static bool refuse(const struct search *s, GError **error, const char *why)
{
	g_set_error(error, SAVE_ERROR, SAVE_ERROR_FORMAT, "%s: %s", s->opt.save, why);
	return false;
}

static bool check_head(const struct search *s, const struct save_head *h, GError **error)
{
	if (memcmp(h->magic, save_magic, sizeof(save_magic)))
		return refuse(s, error, "is no saved search of rmapsim");
	if (h->format != SAVE_FORMAT || strncmp(h->version, s->opt.version, sizeof(h->version)))
		return refuse(s, error, "was saved by another version of rmapsim");
	if (h->plan_digest != s->plan->digest)
		return refuse(s, error, "belongs to another plan: the scenario or its overrides "
			      "differ; valid: the same ones, or another file");
	if (h->flags != option_flags(s) || h->hash_seed != s->opt.hash_seed)
		return refuse(s, error, "was saved with other options; valid: the same --exact, "
			      "--safety, --asked and --hash-seed");
	return true;
}

/* Do the parts add up to the file? Nothing is allocated before they do. */
static bool sizes_fit(const struct part *part, uint64_t bytes)
{
	unsigned int i;

	if (bytes < sizeof(struct save_head) + sizeof(uint64_t))
		return false;
	bytes -= sizeof(struct save_head) + sizeof(uint64_t);
	for (i = 0; i < PARTS; i++) {
		if (part[i].n > bytes / part[i].size)
			return false;
		bytes -= part[i].n * part[i].size;
	}
	return !bytes;
}

static bool get(FILE *f, void *data, size_t bytes, uint64_t *h)
{
	if (bytes && fread(data, 1, bytes, f) != bytes)
		return false;
	*h = hash_bytes(*h, data, bytes);
	return true;
}

static bool read_parts(FILE *f, struct part *part, uint64_t *h)
{
	unsigned int i;

	for (i = 0; i < PARTS; i++) {
		size_t bytes = part[i].n * part[i].size;

		if (i >= PARTS_OF_TABLE) {
			free(*part[i].at);
			*part[i].at = bytes ? malloc(bytes) : NULL;
		}
		if ((bytes && !*part[i].at) || !get(f, *part[i].at, bytes, h))
			return false;
	}
	return true;
}

static bool table_is_sound(const struct search *s, const struct save_head *h)
{
	uint64_t i, used = 0;

	if (!h->slots || h->used >= h->slots || h->room <= h->slots ||
	    s->table.hash[h->room - 1])
		return false;
	for (i = 0; i < h->room; i++) {
		used += s->table.hash[i] != 0;
		if (s->table.hash[i] && s->table.number && s->table.number[i] >= h->n_states)
			return false;
	}
	for (i = 0; s->opt.exact && i < h->n_states; i++) {
		if (s->table.at[i] > s->table.at[i + 1] || s->table.at[i + 1] > h->n_words)
			return false;
	}
	return used == h->used;
}

static bool edge_is_sound(const struct graph_edge *edge, const struct save_head *h)
{
	return (edge->target < h->n_states || edge->target == GRAPH_VIOLATION) &&
	       (edge->label & ~GRAPH_LAST) < h->n_labels;
}

static bool graph_is_sound(const struct search *s, const struct save_head *h)
{
	uint64_t i;

	if (h->n_states >= GRAPH_STATES_MAX || h->n_labels >= GRAPH_LAST ||
	    h->n_edges >= GRAPH_NONE || h->n_actions >= UINT16_MAX ||
	    (h->n_edges && !(s->graph.edges[h->n_edges - 1].label & GRAPH_LAST)))
		return false;
	for (i = 0; i < h->n_states && !s->opt.safety; i++) {
		if (s->graph.first[i] != GRAPH_NONE && s->graph.first[i] >= h->n_edges)
			return false;
	}
	for (i = 0; i < h->n_edges; i++) {
		if (!edge_is_sound(&s->graph.edges[i], h))
			return false;
	}
	for (i = 0; i < h->n_labels; i++) {
		if (s->graph.labels[i].n_notes > GRAPH_NOTES_MAX ||
		    s->graph.labels[i].n_picks > GRAPH_PICKS_MAX ||
		    s->graph.labels[i].choice.who >= s->plan->n_tasks ||
		    s->graph.labels[i].action >= s->plan->n_tasks + h->n_actions ||
		    s->graph.labels[i].read_action >= s->plan->n_tasks + h->n_actions)
			return false;
	}
	return true;
}

static bool path_is_sound(const struct search *s, const struct save_head *h)
{
	uint64_t i, pending = 0;

	for (i = 0; i < h->n_frames; i++) {
		const struct frame *f = &s->frames[i];

		if (f->state >= h->n_states || f->pending < pending || f->pending > h->n_pending ||
		    f->n_picks > GRAPH_PICKS_MAX || f->next > f->n ||
		    (i + 1 < h->n_frames && f->taken >= h->n_labels))
			return false;
		pending = f->pending;
	}
	for (i = 0; i < h->n_pending; i++) {
		if (!edge_is_sound(&s->pending[i], h))
			return false;
	}
	for (i = 0; i < h->n_violation; i++) {
		if (s->violation.label[i] >= h->n_labels)
			return false;
	}
	return true;
}

/* Labels are found by their hash: enter them again. */
static bool enter_labels(struct search *s, uint64_t n)
{
	struct graph_label *label = s->graph.labels;
	bool ok = true;
	uint64_t i;

	s->graph.labels = NULL;
	s->graph.n_labels = s->graph.room_labels = 0;
	for (i = 0; i < n && ok; i++)
		ok = graph_add_label(&s->graph, &label[i]) == i;
	free(label);
	return ok;
}

static bool take_over(struct search *s, const struct save_head *h)
{
	struct search_result *res = s->res;

	s->n_states = h->n_states;
	s->graph.n_states = s->graph.room_states = s->opt.safety ? 0 : h->n_states;
	s->graph.n_edges = s->graph.room_edges = h->n_edges;
	s->table.slots = h->slots;
	s->table.room = h->room;
	s->table.used = h->used;
	s->table.collisions = h->collisions;
	s->table.n_words = s->table.room_words = h->n_words;
	s->table.room_at = s->opt.exact ? h->n_states + 1 : 0;
	s->n_frames = s->room_frames = h->n_frames;
	s->n_pending = s->room_pending = h->n_pending;
	s->violation.n = s->violation.room = h->n_violation;
	s->n_actions = s->room_actions = h->n_actions;
	s->violated_at = h->violated_at;
	s->violated = h->violated;
	s->hung = h->hung;
	s->claimed = h->claimed;
	s->seconds_before = h->seconds;
	res->transitions = res->transitions_before = h->transitions;
	res->finals = h->finals;
	res->depth_max = h->depth_max;
	res->begun_again = h->begun_again;
	res->finding = h->finding;
	res->task = h->task < 0 || h->task >= s->plan->n_tasks ? -1 : h->task;
	res->check = check_find(h->check) ? check_find(h->check)->name : NULL;
	g_strlcpy(res->message, h->message, sizeof(res->message));
	g_strlcpy(res->claims_broken, h->claims_broken, sizeof(res->claims_broken));
	return enter_labels(s, h->n_labels);
}

/* Along the path once more, with a checkpoint wherever one was. */
static bool retrace(struct search *s)
{
	size_t i, n = s->n_frames;

	engine_begin(s->e, 0);
	s->e->strategy = &search_strategy;
	for (i = 0; i < n; i++) {
		struct frame *f = &s->frames[i];

		if (transition_at_end(s) || s->e->set.n != f->n)
			return false;
		if (f->kept && !search_keep_checkpoint(s, f))
			return false;
		f->live = i + 1 == n && !f->next && !f->n_picks;
		if (i + 1 < n && !transition_take_label(s, &s->graph.labels[f->taken]))
			return false;
		if (!f->kept && i + 1 == n && !f->live && f->next < f->n)
			return false;
	}
	return true;
}

static bool read_all(struct search *s, FILE *f, uint64_t bytes, GError **error)
{
	struct part part[PARTS];
	struct save_head h;
	uint64_t sum = 0, said;

	if (!get(f, &h, sizeof(h), &sum))
		return refuse(s, error, "is no saved search of rmapsim");
	if (!check_head(s, &h, error))
		return false;
	h.check[sizeof(h.check) - 1] = h.message[sizeof(h.message) - 1] = 0;
	h.claims_broken[sizeof(h.claims_broken) - 1] = 0;
	list_parts(s, &h, part);
	if (!sizes_fit(part, bytes) || !table_make_room(&s->table, h.room) ||
	    !read_parts(f, part, &sum) ||
	    fread(&said, 1, sizeof(said), f) != sizeof(said) || said != sum)
		return refuse(s, error, "is damaged: its parts or its hash do not add up");
	if (!table_is_sound(s, &h) || !graph_is_sound(s, &h) || !path_is_sound(s, &h) ||
	    !take_over(s, &h) || !retrace(s))
		return refuse(s, error, "is damaged: what it says cannot be");
	return true;
}

bool save_read(struct search *s, bool *there, GError **error)
{
	struct stat st;
	FILE *f;
	bool ok;

	*there = false;
	if (stat(s->opt.save, &st)) {
		if (errno == ENOENT)
			return true;
		return io_error(error, s->opt.save, "cannot read");
	}
	if (!S_ISREG(st.st_mode))
		return refuse(s, error, "is no regular file");
	f = fopen(s->opt.save, "re");
	if (!f)
		return io_error(error, s->opt.save, "cannot read");
	ok = read_all(s, f, st.st_size, error);
	fclose(f);
	*there = ok;
	return ok;
}

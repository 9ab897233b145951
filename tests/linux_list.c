/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lists of `locked`, in the hardware's build of core/, beside those of the
 * kernel's own functions: the same random adds, removes, zaps and walks on both,
 * and after each of them the same list.
 *
 *	linux_list SIDE.so [--form tail|stack] [--operations N] [--seed S] [--fault WHAT]
 *
 * form=tail is what Linux kept to 6.3: every slot of every descriptor must hold
 * the same, and pte_list_add() must have counted what stands before the new entry
 * here. form=stack is another order: the same entries, each of them once.
 * What the kernel's iterator visits, our walk must visit, once; in which order is
 * not compared, for ours goes through a descriptor from its highest slot down.
 *
 * A fault is a mistake on purpose, halfway, that must be noticed: `entry`, a remove
 * that the kernel does not do; `order`, an entry of the kernel's that is taken out
 * and added again; `walk`, an entry that our walk is said to have visited twice.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <glib.h>
#include "sim/engine/rng.h"
#include "tests/core_world.h"
#include "tests/linux_list.h"

static const char *form = "tail", *fault = "";
static guint64 operations = 1000000, seed = 1;

static GOptionEntry options[] = {
	{ "form", 0, 0, G_OPTION_ARG_STRING, &form, "of our list: tail or stack", "FORM" },
	{ "operations", 0, 0, G_OPTION_ARG_INT64, &operations, "how many", "N" },
	{ "seed", 0, 0, G_OPTION_ARG_INT64, &seed, "of the operations", "S" },
	{ "fault", 0, 0, G_OPTION_ARG_STRING, &fault, "entry, order or walk", "WHAT" },
	{ NULL, 0, 0, 0, NULL, NULL, NULL },
};

enum { ADD, REMOVE, ZAP, WALK, KINDS };
static const char *const kind_names[KINDS] = { "adds", "removes", "zaps", "walks" };

struct pair {
	const struct linux_side *kernel;
	struct core_world *ours;
	struct rng rng;
	int where[LINUX_SPTES];		/* the rmap that it is in, or -1 */
	unsigned int n[LINUX_RMAPS];
	bool shrinking[LINUX_RMAPS];
	guint64 at, done[KINDS];
	unsigned int longest, descs;	/* of any list, entries and descriptors */
	int added, before;		/* an add's spte, or -1; what pte_list_add() counted */
	char doing[64];
};

static void G_GNUC_PRINTF(2, 3) differ(const struct pair *p, const char *fmt, ...)
{
	va_list ap;

	printf("form %s: operation %" G_GUINT64_FORMAT ", %s: ", form, p->at, p->doing);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	exit(1);
}

static bool is_fault(const struct pair *p, const char *what)
{
	return p->at >= operations / 2 && !strcmp(fault, what);
}

static struct core_world *world(void)
{
	struct core_spec spec = {
		.ext = LINUX_EXT, .rmaps = LINUX_RMAPS, .sptes = LINUX_SPTES,
		.address_bits = 48, .alloc_zero = true,
	};
	const struct rmap_algorithm *const *all = core_build_hw.algorithms;
	const struct rmap_param *param;

	while (strcmp(all[spec.algorithm]->name, "locked"))
		spec.algorithm++;
	for (param = all[spec.algorithm]->params; param->name; param++) {
		long *value = &spec.param[param - all[spec.algorithm]->params];

		*value = param->def;
		if (strcmp(param->name, "form"))
			continue;
		for (*value = 0; param->words[*value]; ++*value) {
			if (!strcmp(param->words[*value], form))
				break;
		}
		if (!param->words[*value]) {
			fprintf(stderr, "no form of the list is called '%s'\n", form);
			exit(2);
		}
	}
	return core_build_hw.make(&spec);
}

/* --- what must be the same */

static void same_slots(const struct pair *p, const struct linux_lie *theirs,
		       const struct core_list *ours)
{
	unsigned int d, i;

	if (theirs->direct != ours->direct || theirs->n != ours->n)
		differ(p, "direct spte%d and %u descriptors in the kernel, spte%d and %u here",
		       theirs->direct, theirs->n, ours->direct, ours->n);
	for (d = 0; d < ours->n; d++) {
		for (i = 0; i < LINUX_EXT; i++) {
			if (theirs->spte[d][i] != ours->desc[d].spte[i])
				differ(p, "slot %u of descriptor %u: spte%d in the kernel, %d here",
				       i, d, theirs->spte[d][i], ours->desc[d].spte[i]);
		}
	}
}

static void same_entries(const struct pair *p, unsigned int rmap, const struct linux_lie *theirs,
			 const struct core_list *ours)
{
	unsigned int in_theirs[LINUX_SPTES] = { 0 }, in_ours[LINUX_SPTES] = { 0 }, i, d;

	if (theirs->direct >= 0)
		in_theirs[theirs->direct]++;
	if (ours->direct >= 0)
		in_ours[ours->direct]++;
	for (i = 0; i < LINUX_EXT; i++) {
		for (d = 0; d < theirs->n; d++) {
			if (theirs->spte[d][i] >= 0)
				in_theirs[theirs->spte[d][i]]++;
		}
		for (d = 0; d < ours->n; d++) {
			if (ours->desc[d].spte[i] >= 0)
				in_ours[ours->desc[d].spte[i]]++;
		}
	}
	for (i = 0; i < LINUX_SPTES; i++) {
		unsigned int want = p->where[i] == (int)rmap;

		if (in_theirs[i] != want || in_ours[i] != want)
			differ(p, "rmap%u should have spte%u %u times: %u in the kernel, %u here",
			       rmap, i, want, in_theirs[i], in_ours[i]);
	}
}

/* The kernel counts what stands before a new entry, not what stands behind it. */
static void same_place(const struct pair *p, const struct core_list *ours)
{
	unsigned int d, i;
	int before = 0;

	for (d = 0; d < ours->n; d++) {
		for (i = 0; i < LINUX_EXT; i++) {
			if (ours->desc[d].spte[i] == p->added)
				before = d * LINUX_EXT + i;
		}
	}
	if (p->added >= 0 && p->before != before)
		differ(p, "pte_list_add() counts %d before it, not %d", p->before, before);
}

static void compare_lists(struct pair *p, unsigned int rmap)
{
	static struct core_list ours;
	static struct linux_lie theirs;

	if (!core_build_hw.list(p->ours, rmap, &ours))
		differ(p, "it is no list of descriptors here");
	p->kernel->look(rmap, &theirs);
	same_entries(p, rmap, &theirs, &ours);
	if (!strcmp(form, "tail")) {
		same_slots(p, &theirs, &ours);
		same_place(p, &ours);
	}
	if (p->kernel->count(rmap) != p->n[rmap])
		differ(p, "pte_list_count() is %u, not %u", p->kernel->count(rmap), p->n[rmap]);
	p->longest = MAX(p->longest, p->n[rmap]);
	p->descs = MAX(p->descs, theirs.n);
}

static void compare_walks(struct pair *p, unsigned int rmap)
{
	int seen[LINUX_SPTES];
	unsigned int n = p->kernel->walk(rmap, seen), i, visits;
	struct core_walked walked;

	core_build_hw.walk(p->ours, rmap, 0, &walked);
	if (n && is_fault(p, "walk"))
		walked.visits[seen[0]]++;
	if (walked.result != RMAP_WALK_COMPLETE || walked.total != n)
		differ(p, "%u visits in the kernel, %u here", n, walked.total);
	for (i = 0; i < n; i++) {
		visits = walked.visits[seen[i]];
		if (visits != 1)
			differ(p, "the kernel visits spte%d, %u visits here", seen[i], visits);
	}
}

/* --- operations */

static int pick(struct pair *p, int where)
{
	unsigned int i, from = rng_below(&p->rng, LINUX_SPTES);

	for (i = 0; i < LINUX_SPTES; i++) {
		if (p->where[(from + i) % LINUX_SPTES] == where)
			return (from + i) % LINUX_SPTES;
	}
	return -1;
}

static bool add(struct pair *p, unsigned int rmap)
{
	int spte = pick(p, -1);

	if (spte < 0)
		return false;
	g_snprintf(p->doing, sizeof(p->doing), "add spte%d rmap%u", spte, rmap);
	p->before = p->kernel->add(rmap, spte);
	if (core_build_hw.add(p->ours, rmap, spte))
		differ(p, "it fails here");
	p->added = spte;
	p->where[spte] = rmap;
	p->n[rmap]++;
	return true;
}

static bool remove_one(struct pair *p, unsigned int rmap)
{
	int spte = pick(p, rmap);

	if (spte < 0)
		return false;
	g_snprintf(p->doing, sizeof(p->doing), "remove spte%d rmap%u", spte, rmap);
	if (!is_fault(p, "entry"))
		p->kernel->remove(rmap, spte);
	core_build_hw.remove(p->ours, rmap, spte);
	p->where[spte] = -1;
	p->n[rmap]--;
	return true;
}

static bool zap(struct pair *p, unsigned int rmap)
{
	unsigned int i;

	g_snprintf(p->doing, sizeof(p->doing), "zap all of rmap%u", rmap);
	p->kernel->zap_all(rmap);
	core_build_hw.zap_all(p->ours, rmap);
	for (i = 0; i < LINUX_SPTES; i++) {
		if (p->where[i] == (int)rmap)
			p->where[i] = -1;
	}
	p->n[rmap] = 0;
	return true;
}

/* An entry that is not the last of its descriptor comes back at another place. */
static void spoil_order(struct pair *p, unsigned int rmap)
{
	static struct linux_lie lie;

	p->kernel->look(rmap, &lie);
	if (!lie.n || lie.spte[0][1] < 0)
		return;
	p->kernel->remove(rmap, lie.spte[0][0]);
	p->kernel->add(rmap, lie.spte[0][0]);
}

static bool operate(struct pair *p, unsigned int rmap, unsigned int kind)
{
	if (kind == WALK)
		return true;
	if (kind == ZAP)
		return zap(p, rmap);
	return kind == ADD ? add(p, rmap) : remove_one(p, rmap);
}

/* Lists grow until they are long and shrink until they are empty, and so on. */
static unsigned int draw_kind(struct pair *p, unsigned int rmap)
{
	unsigned int drawn = rng_below(&p->rng, 1000);

	if (!p->n[rmap])
		p->shrinking[rmap] = false;
	else if (!rng_below(&p->rng, 100))
		p->shrinking[rmap] = !p->shrinking[rmap];
	if (drawn < 2)
		return ZAP;
	if (drawn < 200)
		return WALK;
	return (drawn < 400) == p->shrinking[rmap] ? ADD : REMOVE;
}

static void play(struct pair *p)
{
	unsigned int rmap, kind;

	while (p->at < operations) {
		rmap = rng_below(&p->rng, 4) ? 0 : rng_below(&p->rng, LINUX_RMAPS);
		kind = draw_kind(p, rmap);
		p->added = -1;
		if (!operate(p, rmap, kind))
			continue;
		p->at++;
		p->done[kind]++;
		if (is_fault(p, "order"))
			spoil_order(p, rmap);
		compare_lists(p, rmap);
		if (kind == WALK)
			compare_walks(p, rmap);
	}
}

/* All is taken back: no descriptor may be left on either side. */
static void empty_out(struct pair *p)
{
	unsigned int rmap;

	p->added = -1;
	for (rmap = 0; rmap < LINUX_RMAPS; rmap++) {
		while (remove_one(p, rmap))
			compare_lists(p, rmap);
	}
	if (p->kernel->live())
		differ(p, "%ld descriptors are left in the kernel", p->kernel->live());
	if (core_build_hw.live(p->ours) != core_build_hw.cached(p->ours))
		differ(p, "descriptors are left here");
	if (core_build_hw.complaint(p->ours))
		differ(p, "%s", core_build_hw.complaint(p->ours));
}

static const struct linux_side *kernel_side(int argc, char **argv)
{
	GOptionContext *context = g_option_context_new("SIDE.so");
	const struct linux_side *side = NULL;
	GError *error = NULL;
	void *so;

	g_option_context_add_main_entries(context, options, NULL);
	if (!g_option_context_parse(context, &argc, &argv, &error) || argc != 2) {
		fprintf(stderr, "%s\n", error ? error->message : "which side?");
		exit(2);
	}
	g_option_context_free(context);
	so = dlopen(argv[1], RTLD_NOW);
	if (so)
		side = dlsym(so, "linux_side");
	if (!side) {
		fprintf(stderr, "%s\n", dlerror());
		exit(2);
	}
	return side;
}

int main(int argc, char **argv)
{
	static struct pair p;
	unsigned int i;

	p.kernel = kernel_side(argc, argv);
	p.ours = world();
	rng_init(&p.rng, seed, 0);
	memset(p.where, 0xff, sizeof(p.where));
	play(&p);
	empty_out(&p);
	core_build_hw.free(p.ours);
	printf("form %s: the same lists after each of %" G_GUINT64_FORMAT " operations:",
	       form, p.at);
	for (i = 0; i < KINDS; i++)
		printf(" %" G_GUINT64_FORMAT " %s%s", p.done[i], kind_names[i],
		       i + 1 < KINDS ? "," : "");
	printf("; up to %u entries in %u descriptors\n", p.longest, p.descs);
	return 0;
}

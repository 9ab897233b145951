/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compiled once for each build of core/; see core_world.h. */
#include <string.h>
#include <glib.h>
#include "core/pte_list.h"
#include "tests/core_world.h"

struct core_world {
	struct kvm *kvm;
	struct kvm_vcpu *vcpu;
	const struct rmap_algorithm *algorithm;
	char refusal[256];
};

static struct core_world *world_make(const struct core_spec *spec)
{
	struct core_world *w = g_new0(struct core_world, 1);

	w->algorithm = rmap_algorithms[spec->algorithm];
	w->kvm = core_hooks.make(spec);
	w->vcpu = &w->kvm->vcpus[w->kvm->nr_vcpus - 1];
	return w;
}

static void world_free(struct core_world *w)
{
	core_hooks.free(w->kvm);
	g_free(w);
}

static const char *world_refusal(struct core_world *w, unsigned int n)
{
	if (!w->algorithm->check_extent)
		return NULL;
	return w->algorithm->check_extent(w->kvm, n, w->refusal, sizeof(w->refusal));
}

static int world_add(struct core_world *w, unsigned int rmap, unsigned int spte)
{
	int ret;

	core_hooks.enter();
	ret = mmu_topup_memory_cache(w->vcpu);
	if (!ret) {
		mmu_write_lock(w->kvm);
		ret = w->algorithm->add(w->vcpu, &w->kvm->rmaps[rmap], &w->kvm->sptes[spte]);
		mmu_write_unlock(w->kvm);
	}
	core_hooks.leave();
	return ret;
}

static void world_remove(struct core_world *w, unsigned int rmap, unsigned int spte)
{
	core_hooks.enter();
	mmu_write_lock(w->kvm);
	w->algorithm->remove(w->kvm, &w->kvm->rmaps[rmap], &w->kvm->sptes[spte]);
	mmu_write_unlock(w->kvm);
	core_hooks.leave();
}

static void world_zap_all(struct core_world *w, unsigned int rmap)
{
	core_hooks.enter();
	mmu_write_lock(w->kvm);
	w->algorithm->zap_all(w->kvm, &w->kvm->rmaps[rmap]);
	mmu_write_unlock(w->kvm);
	core_hooks.leave();
}

/* What a walk's visits are counted into. */
struct world_visits {
	struct core_world *w;
	struct core_walked *out;
	unsigned int stop;
};

static int world_spte(const struct core_world *w, const u64 *sptep)
{
	uintptr_t off = (uintptr_t)sptep - (uintptr_t)w->kvm->sptes;

	return off % 8 || off / 8 >= w->kvm->nr_sptes ? -1 : (int)(off / 8);
}

static bool world_visit(struct rmap_walk *walk, u64 *sptep)
{
	struct world_visits *v = walk->arg;
	int spte = world_spte(v->w, sptep);

	if (spte < 0)
		v->out->strangers++;
	else
		v->out->visits[spte]++;
	return ++v->out->total != v->stop;
}

static void world_walk(struct core_world *w, unsigned int rmap, unsigned int stop,
		       struct core_walked *out)
{
	struct world_visits visits = { .w = w, .out = out, .stop = stop };
	struct rmap_walk walk = { .visit = world_visit, .arg = &visits };

	memset(out, 0, sizeof(*out));
	core_hooks.enter();
	out->result = w->algorithm->walk(w->kvm, &w->kvm->rmaps[rmap], &walk);
	core_hooks.leave();
	out->counted = core_hooks.counts;
	out->stats = walk.stats;
}

static void world_found(struct rmap_audit *audit, const u64 *sptep)
{
	struct world_visits *v = audit->arg;
	struct core_audited *out = (struct core_audited *)v->out;
	int spte = world_spte(v->w, sptep);

	if (spte < 0)
		out->strangers++;
	else
		out->found[spte]++;
}

static void world_audit(struct core_world *w, unsigned int rmap, struct core_audited *out)
{
	struct world_visits found = { .w = w, .out = (struct core_walked *)out };
	struct rmap_audit audit = { .found = world_found, .arg = &found };

	memset(out, 0, sizeof(*out));
	core_hooks.enter();
	w->algorithm->audit(w->kvm, &w->kvm->rmaps[rmap], &audit);
	core_hooks.leave();
	out->error = audit.error;
	out->nr_sptes = audit.nr_sptes;
	out->nr_objects = audit.nr_objects;
	out->keeps_nothing = audit.keeps_nothing;
}

static struct rmap_word world_word(const struct core_world *w, enum rmap_word_place place,
				   unsigned long word)
{
	struct rmap_word out = { .kind = RMAP_WORD_OTHER };

	w->algorithm->describe(w->kvm, place, word, &out);
	return out;
}

static void world_list_desc(const struct core_world *w, const struct rmap_word *word,
			    struct core_desc *out)
{
	struct pte_list_desc *desc = (struct pte_list_desc *)word->ptr;
	unsigned int i;

	*out = (struct core_desc){
		.where = desc, .position = word->position, .many = word->many,
		.numbered = word->has_position,
	};
	for (i = 0; i < w->kvm->pte_list_ext; i++) {
		u64 *slot = READ_PLAIN(desc->sptes[i]);
		struct rmap_word what = world_word(w, RMAP_PLACE_SLOT, (unsigned long)slot);

		out->spte[i] = what.kind == RMAP_WORD_EMPTY ? -1 : world_spte(w, what.ptr);
		g_assert_true(what.kind == RMAP_WORD_EMPTY || out->spte[i] >= 0);
	}
}

static void world_list_chain(const struct core_world *w, struct rmap_word word,
			     struct core_list *out)
{
	while (word.kind == RMAP_WORD_DESC) {
		struct pte_list_desc *desc = (struct pte_list_desc *)word.ptr;
		unsigned long more = READ_PLAIN(desc->more);

		g_assert_cmpuint(out->n, <, CORE_SPTES_MAX);
		world_list_desc(w, &word, &out->desc[out->n++]);
		word = world_word(w, RMAP_PLACE_MORE, more);
	}
	if (word.kind == RMAP_WORD_NULLS)
		out->nulls = (struct kvm_rmap_head *)word.ptr - w->kvm->rmaps;
	else
		g_assert_cmpint(word.kind, ==, RMAP_WORD_EMPTY);
}

static bool world_list(struct core_world *w, unsigned int rmap, struct core_list *out)
{
	const struct rmap_object_type *type = w->algorithm->objects;
	struct rmap_word word;
	unsigned long head;

	memset(out, 0, sizeof(*out));
	out->direct = out->nulls = -1;
	if (!type || !type->cache || strcmp(type->cache, "pte_list_desc"))
		return false;
	core_hooks.enter();
	head = READ_PLAIN(w->kvm->rmaps[rmap].val);
	word = world_word(w, RMAP_PLACE_HEAD, head);
	if (word.kind == RMAP_WORD_SPTE)
		out->direct = world_spte(w, word.ptr);
	else
		world_list_chain(w, word, out);
	core_hooks.leave();
	return true;
}

static unsigned int world_objects_max(struct core_world *w, unsigned int n)
{
	return w->algorithm->objects_max(w->kvm, n);
}

static unsigned long world_live(struct core_world *w)
{
	return core_hooks.live(w->kvm);
}

static unsigned long world_cached(struct core_world *w)
{
	return w->vcpu->pte_list_desc_cache.nobjs;
}

static const char *world_complaint(struct core_world *w)
{
	(void)w;
	return core_hooks.complaint();
}

const struct core_build KERN_SYM(core_build) = {
	.name = G_STRINGIFY(KERN_SUFFIX),
	.algorithms = rmap_algorithms,
	.make = world_make,
	.free = world_free,
	.refusal = world_refusal,
	.add = world_add,
	.remove = world_remove,
	.zap_all = world_zap_all,
	.walk = world_walk,
	.audit = world_audit,
	.list = world_list,
	.objects_max = world_objects_max,
	.live = world_live,
	.cached = world_cached,
	.complaint = world_complaint,
};

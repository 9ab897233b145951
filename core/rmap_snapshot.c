/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * snapshot: all entries of an rmap in one counted array that is never changed
 * but replaced as a whole. A walker takes the array that it finds and goes
 * through it; writers copy.
 *
 * Encoding: the head is 0 or the address of an array; entries stand in slots 0
 * to n - 1, and a slot that is 0 has none.
 * I1 an array is complete before a head leads to it, and neither n nor an entry
 *    that stays is written after that. Only a remove for whose copy there is no
 *    memory clears the entry's own slot in place;
 * I2 an array is given to kfree_rcu(), or with free=call-rcu to call_rcu() with a
 *    callback that does no more than free it, when no head leads to it any more.
 * G1 a pass visits every spte that was in the list throughout the walk: it is in
 *    each array that the head led to meanwhile, and the walker reads all of one;
 * G2 one pass, no restart, never mmu_lock: 2 + n steps, whatever writers do. They
 *    pay: each add and remove copies the list, and old arrays wait for grace
 *    periods.
 * Beside it may run: any number of walkers, and one writer under mmu_lock.
 * Source: Documentation/RCU/whatisRCU.rst, as net/core/sock_reuseport.c grows
 * its array of sockets.
 */
#include "rmap_snapshot.h"

const struct rmap_param snapshot_params[] = {
	{ .name = "snapshot-max", .summary = "entries that an array has room for",
	  .def = 64, .min = 1, .max = 1024 },
	PTE_LIST_FREE_PARAM,
	{ .name = NULL },
};

static const struct rmap_field snapshot_fields[] = {
	{ .name = "n", .offset = offsetof(struct rmap_snapshot, n), .size = 8 },
	{ .name = "sptes", .offset = offsetof(struct rmap_snapshot, sptes), .size = 8,
	  .array = 1 },
	{ .name = NULL },
};

const struct rmap_object_type snapshot_objects[] = {
	{ .cache = "rmap_snapshot", .prefix = "array", .fields = snapshot_fields },
	{ .cache = NULL },
};

/* No list is longer than all sptes there are. */
static u32 snapshot_room(const struct kvm *kvm)
{
	u32 max = kvm->param[SNAPSHOT_MAX];

	return max < kvm->nr_sptes ? max : kvm->nr_sptes;
}

int snapshot_init(struct kvm *kvm)
{
	size_t size = sizeof(struct rmap_snapshot) + snapshot_room(kvm) * sizeof(u64 *);

	kvm->pte_list_desc_cache = kmem_cache_create("rmap_snapshot", size, 8, 0);
	return kvm->pte_list_desc_cache ? 0 : -ENOMEM;
}

void snapshot_destroy(struct kvm *kvm)
{
	kmem_cache_destroy(kvm->pte_list_desc_cache);
}

const char *snapshot_check_extent(const struct kvm *kvm, u32 sptes_max, char *buf, size_t len)
{
	(void)buf;
	(void)len;
	if (sptes_max <= (unsigned long)kvm->param[SNAPSHOT_MAX])
		return NULL;
	return "an rmap's entries must fit into one array; valid: a larger snapshot-max";
}

u32 snapshot_objects_max(const struct kvm *kvm, u32 sptes)
{
	(void)kvm;
	return sptes > 0;
}

/* All entries of c->old but one, into c->new; c->to says how many. */
static void snapshot_copy(struct snapshot_copy *c, const u64 *without)
{
	u64 *sptep;

	for (; c->from < c->n; c->from++) {
		mark_state(c);
		sptep = READ_PLAIN(c->old->sptes[c->from]);
		if (!sptep || sptep == without)
			continue;
		WRITE_ONCE(c->new->sptes[c->to], sptep);
		c->to++;
	}
}

void snapshot_free_rcu(struct rcu_head *head)
{
	void *array = (char *)head - offsetof(struct rmap_snapshot, rcu);

	kmem_cache_free(virt_to_cache(array), array);
}

const struct rmap_callback snapshot_callbacks[] = {
	RMAP_CALLBACK(snapshot_free_rcu),
	{ .func = NULL },
};

/* Readers may still be in it. */
static void snapshot_free(const struct kvm *kvm, struct rmap_snapshot *old)
{
	if (!old)
		return;
	if (kvm->param[SNAPSHOT_FREE] == PTE_LIST_CALL_RCU)
		call_rcu(&old->rcu, snapshot_free_rcu);
	else
		kfree_rcu(old, rcu);
}

/* The copy becomes the rmap's array. */
void snapshot_publish(struct kvm_rmap_head *rmap, const struct snapshot_copy *c)
{
	if (!c->new) {
		WRITE_ONCE(rmap->val, 0);
		return;
	}
	WRITE_ONCE(c->new->n, c->to);
	/* The array before the head that leads to it; pairs with snapshot_walk()'s dependency. */
	rcu_assign_pointer(rmap->val, (unsigned long)c->new);
}

static struct rmap_snapshot *snapshot_of(struct kvm_rmap_head *rmap)
{
	return (struct rmap_snapshot *)READ_PLAIN(rmap->val);
}

int snapshot_add(struct kvm_vcpu *vcpu, struct kvm_rmap_head *rmap, u64 *sptep)
{
	struct snapshot_copy c = { .old = snapshot_of(rmap) };

	mmu_assert_write_locked(vcpu->kvm);
	c.new = mmu_memory_cache_alloc(vcpu);
	if (!c.new)
		return -ENOMEM;
	if (c.old)
		c.n = READ_PLAIN(c.old->n);
	snapshot_copy(&c, NULL);
	WRITE_ONCE(c.new->sptes[c.to], sptep);
	c.to++;
	snapshot_publish(rmap, &c);
	snapshot_free(vcpu->kvm, c.old);
	return 0;
}

void snapshot_zap_all(struct kvm *kvm, struct kvm_rmap_head *rmap)
{
	struct rmap_snapshot *old = snapshot_of(rmap);

	mmu_assert_write_locked(kvm);
	if (!old)
		return;
	WRITE_ONCE(rmap->val, 0);
	snapshot_free(kvm, old);
}

/* Where sptep is in c->old, and whether anything else is. */
static void snapshot_find(struct snapshot_copy *c, const u64 *sptep)
{
	u64 *there;

	for (; c->from < c->n; c->from++) {
		mark_state(c);
		there = READ_PLAIN(c->old->sptes[c->from]);
		if (there == sptep)
			c->found = c->from + 1;
		else
			c->others += there != NULL;
	}
	c->from = 0;
}

bool snapshot_copy_without(struct kvm *kvm, struct kvm_rmap_head *rmap, u64 *sptep,
			   struct snapshot_copy *c)
{
	*c = (struct snapshot_copy){ .old = snapshot_of(rmap) };
	mmu_assert_write_locked(kvm);
	if (WARN_ON_ONCE(!c->old))
		return false;
	c->n = READ_PLAIN(c->old->n);
	snapshot_find(c, sptep);
	if (WARN_ON_ONCE(!c->found))
		return false;
	if (!c->others)
		return true;
	c->new = kmem_cache_alloc(kvm->pte_list_desc_cache, GFP_ATOMIC);
	if (!c->new) {
		WRITE_ONCE(c->old->sptes[c->found - 1], NULL);
		return false;
	}
	snapshot_copy(c, sptep);
	return true;
}

void snapshot_remove(struct kvm *kvm, struct kvm_rmap_head *rmap, u64 *sptep)
{
	struct snapshot_copy c;

	if (!snapshot_copy_without(kvm, rmap, sptep, &c))
		return;
	snapshot_publish(rmap, &c);
	snapshot_free(kvm, c.old);
}

/* All that lives on across a mark of a walk; no padding. */
struct snapshot_iter {
	struct rmap_snapshot *array;
	u32 slot, n;
};

static bool snapshot_visit(struct rmap_walk *walk, struct snapshot_iter *it)
{
	u64 *sptep;

	for (; it->slot < it->n; it->slot++) {
		mark_state(it);
		sptep = READ_ONCE(it->array->sptes[it->slot]);
		walk_step(walk);
		if (sptep && !walk->visit(walk, sptep))
			return false;
	}
	return true;
}

enum rmap_walk_result snapshot_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
				    struct rmap_walk *walk)
{
	struct snapshot_iter it = { 0 };
	bool all = true;

	(void)kvm;
	rcu_read_lock();
	mark_state(&it);
	/* Then what it leads to; pairs with rcu_assign_pointer() in snapshot_publish(). */
	it.array = (struct rmap_snapshot *)rcu_dereference(rmap->val);
	walk_step(walk);
	if (it.array) {
		mark_state(&it);
		it.n = READ_ONCE(it.array->n);
		walk_step(walk);
		all = snapshot_visit(walk, &it);
	}
	rcu_read_unlock();
	return all ? RMAP_WALK_COMPLETE : RMAP_WALK_STOPPED;
}

void snapshot_audit(struct kvm *kvm, struct kvm_rmap_head *rmap, struct rmap_audit *audit)
{
	struct rmap_snapshot *array = snapshot_of(rmap);
	unsigned long i, n;

	if (!array)
		return;
	audit->where = array;
	audit->nr_objects = 1;
	n = READ_PLAIN(array->n);
	if (n > snapshot_room(kvm)) {
		audit->error = "an array has more entries than it has room for";
		return;
	}
	for (i = 0; i < n; i++) {
		u64 *sptep = READ_PLAIN(array->sptes[i]);

		if (!sptep)
			continue;
		audit->nr_sptes++;
		audit->found(audit, sptep);
	}
	if (!audit->nr_sptes && !audit->error)
		audit->error = "an array has no entries";
}

void snapshot_describe(const struct kvm *kvm, enum rmap_word_place place, unsigned long word,
		       struct rmap_word *out)
{
	(void)kvm;
	out->ptr = (const void *)word;
	if (place == RMAP_PLACE_MORE)
		return;		/* a number */
	if (!word)
		out->kind = RMAP_WORD_EMPTY;
	else
		out->kind = place == RMAP_PLACE_HEAD ? RMAP_WORD_DESC : RMAP_WORD_SPTE;
}

RMAP_ALGORITHM(snapshot) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "snapshot",
	.summary = "lockless; one array, replaced whole and freed by RCU: one pass, writers copy",
	.source = "Documentation/RCU/whatisRCU.rst; net/core/sock_reuseport.c",
	.needs = RMAP_NEEDS_RCU,
	.params = snapshot_params,
	.objects = snapshot_objects,
	.init = snapshot_init,
	.destroy = snapshot_destroy,
	.check_extent = snapshot_check_extent,
	.objects_max = snapshot_objects_max,
	.add = snapshot_add,
	.remove = snapshot_remove,
	.zap_all = snapshot_zap_all,
	.walk = snapshot_walk,
	.audit = snapshot_audit,
	.describe = snapshot_describe,
	.callbacks = snapshot_callbacks,
};

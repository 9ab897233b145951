/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of nodes: writers, and the walk of rculist_nulls; see rmap_node.h. */
#include "rmap_node.h"

const struct rmap_param node_no_params[] = { { .name = NULL } };

static const struct rmap_field node_fields[] = {
	{ .name = "next", .offset = offsetof(struct rmap_node, next), .size = 8 },
	{ .name = "spte", .offset = offsetof(struct rmap_node, sptep), .size = 8 },
	{ .name = NULL },
};

const struct rmap_object_type node_objects[] = {
	{ .cache = "rmap_node", .prefix = "node", .fields = node_fields },
	{ .cache = NULL },
};

int node_init(struct kvm *kvm)
{
	u32 i;

	for (i = 0; i < kvm->nr_rmaps; i++)
		WRITE_PLAIN(kvm->rmaps[i].val, node_nulls(&kvm->rmaps[i]));
	kvm->pte_list_desc_cache = kmem_cache_create("rmap_node", sizeof(struct rmap_node), 8,
						     SLAB_TYPESAFE_BY_RCU);
	return kvm->pte_list_desc_cache ? 0 : -ENOMEM;
}

void node_destroy(struct kvm *kvm)
{
	kmem_cache_destroy(kvm->pte_list_desc_cache);
}

u32 node_objects_max(const struct kvm *kvm, u32 sptes)
{
	(void)kvm;
	return sptes;
}

struct rmap_node *node_new(struct kvm_vcpu *vcpu, u64 *sptep, unsigned long next)
{
	struct rmap_node *node = mmu_memory_cache_alloc(vcpu);

	if (!node)
		return NULL;
	/* As hlist_nulls_add_head_rcu(): a walker may still stand in the node. */
	WRITE_ONCE(node->sptep, sptep);
	WRITE_ONCE(node->next, next);
	return node;
}

int node_add(struct kvm_vcpu *vcpu, struct kvm_rmap_head *rmap, u64 *sptep)
{
	unsigned long first = READ_PLAIN(rmap->val);
	struct rmap_node *node;

	mmu_assert_write_locked(vcpu->kvm);
	node = node_new(vcpu, sptep, first);
	if (!node)
		return -ENOMEM;
	/* The node before the head that leads to it; pairs with node_pass()'s dependency. */
	rcu_assign_pointer(rmap->val, (unsigned long)node);
	return 0;
}

/* The word that leads to the node, and what stands in that word. */
struct node_place {
	unsigned long *link;
	unsigned long word;
};

void node_remove(struct kvm *kvm, struct kvm_rmap_head *rmap, u64 *sptep)
{
	struct node_place at = { .link = &rmap->val };
	unsigned long next;

	mmu_assert_write_locked(kvm);
	for (;;) {
		mark_state(&at);
		at.word = READ_PLAIN(*at.link);
		if (WARN_ON_ONCE(node_is_nulls(at.word)))
			return;
		if (READ_PLAIN(node_of(at.word)->sptep) == sptep)
			break;
		at.link = &node_of(at.word)->next;
	}
	/* The node still leads on for whoever stands in it, as after hlist_nulls_del_rcu(). */
	next = READ_PLAIN(node_of(at.word)->next);
	WRITE_ONCE(*at.link, next);
	kmem_cache_free(kvm->pte_list_desc_cache, node_of(at.word));
}

void node_zap_all(struct kvm *kvm, struct kvm_rmap_head *rmap)
{
	struct node_place at = { 0 };
	unsigned long next;

	mmu_assert_write_locked(kvm);
	at.word = READ_PLAIN(rmap->val);
	WRITE_ONCE(rmap->val, node_nulls(rmap));
	while (!node_is_nulls(at.word)) {
		mark_state(&at);
		next = READ_PLAIN(node_of(at.word)->next);
		kmem_cache_free(kvm->pte_list_desc_cache, node_of(at.word));
		at.word = next;
	}
}

/* From the head to some nulls: those that were found, or 0 if visit said to stop. */
static unsigned long node_pass(struct kvm_rmap_head *rmap, struct rmap_walk *walk)
{
	struct node_place at = { 0 };
	u64 *sptep;

	mark_state(&at);
	/* Then what it leads to; pairs with rcu_assign_pointer() in node_add(). */
	at.word = rcu_dereference(rmap->val);
	walk_step(walk);
	while (!node_is_nulls(at.word)) {
		mark_state(&at);
		sptep = READ_ONCE(node_of(at.word)->sptep);
		walk_step(walk);
		if (sptep && !walk->visit(walk, sptep))
			return 0;
		mark_state(&at);
		/* Then what it leads to; pairs with rcu_assign_pointer() in node_add(). */
		at.word = rcu_dereference(node_of(at.word)->next);
		walk_step(walk);
		if (!at.word)
			return NODE_NULLS;	/* zeroed for reuse, by alloc-zero */
	}
	return at.word;
}

enum rmap_walk_result node_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
				struct rmap_walk *walk)
{
	unsigned long end;

	(void)kvm;
	rcu_read_lock();
	for (;;) {
		end = node_pass(rmap, walk);
		if (!end || end == node_nulls(rmap))
			break;
		walk_restart(walk);
	}
	rcu_read_unlock();
	return end ? RMAP_WALK_COMPLETE : RMAP_WALK_STOPPED;
}

void node_audit(struct kvm *kvm, struct kvm_rmap_head *rmap, struct rmap_audit *audit)
{
	unsigned long word = READ_PLAIN(rmap->val);

	while (word && !node_is_nulls(word) && !audit->error) {
		u64 *sptep = READ_PLAIN(node_of(word)->sptep);

		audit->where = node_of(word);
		audit->nr_objects++;
		audit->nr_sptes++;
		audit->found(audit, sptep);
		if (audit->nr_objects > kvm->nr_sptes && !audit->error)
			audit->error = "the list is a cycle";
		word = READ_PLAIN(node_of(word)->next);
	}
	if (!audit->error && word != node_nulls(rmap))
		audit->error = word ? "the list ends in the nulls of another rmap" :
				      "a node leads nowhere";
}

static bool node_word_is_spte(const struct kvm *kvm, unsigned long word)
{
	return word - (unsigned long)kvm->sptes < kvm->nr_sptes * sizeof(u64);
}

/* An spte stands in a field of its own; sptes and nodes are told apart by where they are. */
void node_describe(const struct kvm *kvm, enum rmap_word_place place, unsigned long word,
		   struct rmap_word *out)
{
	(void)place;
	out->ptr = (void *)(word & ~NODE_NULLS);
	if (!word)
		out->kind = RMAP_WORD_EMPTY;
	else if (node_is_nulls(word))
		out->kind = RMAP_WORD_NULLS;
	else
		out->kind = node_word_is_spte(kvm, word) ? RMAP_WORD_SPTE : RMAP_WORD_DESC;
}

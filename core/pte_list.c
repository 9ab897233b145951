/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What both forms of the list share: the descriptor cache, words in words. */
#include "pte_list.h"

const char *const pte_list_no_yes[] = { "no", "yes", NULL };
const char *const pte_list_init_words[] = { "slots-first", "more-first", NULL };
const struct rmap_param pte_list_no_params[] = { { .name = NULL } };

static const struct rmap_field pte_list_desc_fields[] = {
	{ .name = "more", .offset = offsetof(struct pte_list_desc, more), .size = 8 },
	{ .name = "sptes", .offset = offsetof(struct pte_list_desc, sptes), .size = 8,
	  .array = 1 },
	{ .name = NULL },
};

const struct rmap_object_type pte_list_objects[] = {
	{ .cache = "pte_list_desc", .prefix = "desc", .fields = pte_list_desc_fields },
	{ .cache = NULL },
};

static const struct rmap_field pte_list_rcu_desc_fields[] = {
	{ .name = "more", .offset = offsetof(struct pte_list_rcu_desc, desc.more), .size = 8 },
	{ .name = "sptes", .offset = offsetof(struct pte_list_rcu_desc, desc.sptes), .size = 8,
	  .array = 1 },
	{ .name = NULL },
};

const struct rmap_object_type pte_list_rcu_objects[] = {
	{ .cache = "pte_list_desc", .prefix = "desc", .fields = pte_list_rcu_desc_fields },
	{ .cache = NULL },
};

int pte_list_init_rcu(struct kvm *kvm)
{
	size_t size = sizeof(struct pte_list_rcu_desc) + kvm->pte_list_ext * sizeof(u64 *);

	kvm->descs_by_rcu = true;
	kvm->pte_list_desc_cache = kmem_cache_create("pte_list_desc", size, 8, 0);
	return kvm->pte_list_desc_cache ? 0 : -ENOMEM;
}

int pte_list_init(struct kvm *kvm)
{
	size_t size = sizeof(struct pte_list_desc) + kvm->pte_list_ext * sizeof(u64 *);

	kvm->pte_list_desc_cache = kmem_cache_create("pte_list_desc", size, 8,
						     SLAB_TYPESAFE_BY_RCU);
	return kvm->pte_list_desc_cache ? 0 : -ENOMEM;
}

void pte_list_destroy(struct kvm *kvm)
{
	kmem_cache_destroy(kvm->pte_list_desc_cache);
}

/* In the stack form a descriptor may outlive all but one of its entries. */
u32 pte_list_objects_max(const struct kvm *kvm, u32 sptes)
{
	if (sptes < 2)
		return 0;
	return (sptes + kvm->pte_list_ext - 1) / kvm->pte_list_ext;
}

static struct pte_list_rcu_desc *pte_list_rcu_desc_of(struct pte_list_desc *desc)
{
	return (void *)((char *)desc - offsetof(struct pte_list_rcu_desc, desc));
}

struct pte_list_desc *pte_list_alloc(struct kvm_vcpu *vcpu)
{
	void *object = mmu_memory_cache_alloc(vcpu);

	if (!object || !vcpu->kvm->descs_by_rcu)
		return object;
	return &((struct pte_list_rcu_desc *)object)->desc;
}

void pte_list_free(struct kvm *kvm, struct pte_list_desc *desc)
{
	struct pte_list_rcu_desc *object;

	if (!kvm->descs_by_rcu) {
		kmem_cache_free(kvm->pte_list_desc_cache, desc);
		return;
	}
	object = pte_list_rcu_desc_of(desc);
	if (kvm->descs_by_call)
		call_rcu(&object->rcu, pte_list_free_rcu);
	else
		kfree_rcu(object, rcu);
}

void pte_list_describe(const struct kvm *kvm, enum rmap_word_place place, unsigned long word,
		       struct rmap_word *out)
{
	out->ptr = pte_list_pointer(kvm, word);
	if (!word) {
		out->kind = RMAP_WORD_EMPTY;
		return;
	}
	if (place == RMAP_PLACE_SLOT || (place == RMAP_PLACE_HEAD && !pte_list_many(word))) {
		out->kind = RMAP_WORD_SPTE;
		return;
	}
	if (place == RMAP_PLACE_MORE && pte_list_is_nulls(word)) {
		out->kind = RMAP_WORD_NULLS;
		return;
	}
	out->kind = RMAP_WORD_DESC;
	out->many = pte_list_many(word);
	out->has_position = kvm->position_max;
	out->position = pte_list_position(kvm, word);
}

/* How many slots are used; sets audit->error if they are not the lowest ones. */
u32 pte_list_audit_slots(const struct kvm *kvm, struct pte_list_desc *desc,
			 struct rmap_audit *audit)
{
	u32 i, used = 0;

	for (i = 0; i < kvm->pte_list_ext; i++) {
		u64 *sptep = READ_PLAIN(desc->sptes[i]);

		if (!sptep)
			continue;
		if (i != used)
			audit->error = "an entry stands above an empty slot";
		used++;
		audit->nr_sptes++;
		audit->found(audit, sptep);
	}
	return used;
}

/* Where one entry becomes two, both go into one descriptor. */
const char *pte_list_check_extent(const struct kvm *kvm, u32 sptes_max, char *buf, size_t len)
{
	(void)buf;
	(void)len;
	if (kvm->pte_list_ext < 2 && sptes_max > 1)
		return "descriptors of one slot cannot take over a direct entry and another one; "
		       "valid: pte-list-ext of at least 2";
	return NULL;
}

const char *const pte_list_free_words[] = { "kfree-rcu", "call-rcu", NULL };

/* In a softirq of the CPU that has popped the descriptor. */
void pte_list_free_rcu(struct rcu_head *head)
{
	void *object = (char *)head - offsetof(struct pte_list_rcu_desc, rcu);

	kmem_cache_free(virt_to_cache(object), object);
}

const struct rmap_callback pte_list_callbacks[] = {
	RMAP_CALLBACK(pte_list_free_rcu),
	{ .func = NULL },
};

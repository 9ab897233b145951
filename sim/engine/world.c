/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The simulated machine's memory: struct kvm with its rmaps, sptes and vCPUs as
 * the plan wants them, the locations that may be accessed, and their names.
 */
#include <stdio.h>
#include <string.h>
#include "core/kvm_mmu.h"
#include "core/pte_list.h"
#include "sim/engine/state.h"
#include "sim/kern/constants.h"

static const struct rmap_field rmap_fields[] = {
	{ "head", offsetof(struct kvm_rmap_head, val), 8, 0 },
	{ NULL, 0, 0, 0 },
};

static const struct rmap_field spte_fields[] = {
	{ "", 0, 8, 0 },
	{ NULL, 0, 0, 0 },
};

static const struct rmap_field vcpu_fields[] = {
	{ "mode", offsetof(struct kvm_vcpu, mode), 8, 0 },
	{ "requests", offsetof(struct kvm_vcpu, requests), 8, 0 },
	{ NULL, 0, 0, 0 },
};

static const struct rmap_field seq_fields[] = {
	{ "", offsetof(seqcount_t, sequence), 4, 0 },
	{ NULL, 0, 0, 0 },
};

static const struct rmap_field dirty_fields[] = {
	{ "", 0, 8, 0 },
	{ NULL, 0, 0, 0 },
};

static const struct rmap_field invalidation_fields[] = {
	{ "seq", offsetof(struct kvm_invalidation, seq), 8, 0 },
	{ "in_progress", offsetof(struct kvm_invalidation, in_progress), 8, 0 },
	{ NULL, 0, 0, 0 },
};

static const struct rmap_field kvm_fields[] = {
	{ "mmu_lock", offsetof(struct kvm, mmu_lock.locked), 4, 0 },
	{ "mmu_lock", offsetof(struct kvm, mmu_rwlock.val), 4, 0 },
	{ "slots_lock", offsetof(struct kvm, slots_lock.locked), 4, 0 },
	{ "host_lock", offsetof(struct kvm, host_lock.locked), 4, 0 },
	{ NULL, 0, 0, 0 },
};

/* A location of that size may be accessed at p. */
void world_location(struct engine *e, const void *p, unsigned int size, unsigned int class)
{
	uint64_t off = (const uint8_t *)p - sim.heap;

	g_assert(off + size <= e->heap_room);
	e->shadow[off] = size;
	e->classes[off] = class;
}

unsigned int world_class(struct engine *e, const char *prefix, const char *field)
{
	unsigned int class = e->nr_classes ? e->nr_classes : 1;

	g_assert(class < CLASSES_MAX);
	g_snprintf(e->class_name[class], OBJECT_NAME_MAX, *field ? "%s.%s" : "%s", prefix, field);
	e->nr_classes = class + 1;
	return class;
}

unsigned int world_class_of(const struct engine *e, const void *p)
{
	uint64_t off = (const uint8_t *)p - sim.heap;

	return off < sim.heap_bytes ? e->classes[off] : 0;
}

/* These words belong to the identity of a state. */
void world_hot(struct engine *e, const void *p, size_t bytes)
{
	g_assert(e->nr_hot < G_N_ELEMENTS(e->hot));
	e->hot[e->nr_hot++] = (struct hot_range){
		.first = (const uint8_t *)p - sim.heap, .bytes = (bytes + 7) & ~(size_t)7,
	};
}

static void *world_array(struct engine *e, const char *prefix, enum object_class class, size_t n,
			 size_t size, const struct rmap_field *fields)
{
	uint8_t *p = heap_alloc(e, n * size);
	const struct rmap_field *f;
	size_t i;

	e->object[e->nr_objects] = (struct object){
		.first = p - sim.heap, .stride = size, .count = n,
		.numbered = class != OBJECT_KVM, .fields = fields, .class = class,
	};
	g_strlcpy(e->object[e->nr_objects++].prefix, prefix, OBJECT_NAME_MAX);
	for (f = fields; f && f->name; f++) {
		unsigned int of = class == OBJECT_KVM ? 0 : world_class(e, prefix, f->name);

		for (i = 0; i < n; i++)
			world_location(e, p + i * size + f->offset, f->size, of);
	}
	return p;
}

/* What only some algorithms or programs use. */
static void world_needs(struct engine *e, struct kvm *kvm)
{
	u32 needs = sim_program.algorithm->needs;
	size_t words = (kvm->nr_rmaps + 63) / 64;

	if (needs & RMAP_NEEDS_SEQCOUNTS) {
		kvm->rmap_seqs = world_array(e, "seq", OBJECT_OTHER, kvm->nr_rmaps,
					     sizeof(*kvm->rmap_seqs), seq_fields);
		world_hot(e, kvm->rmap_seqs, kvm->nr_rmaps * sizeof(*kvm->rmap_seqs));
	}
	if (needs & RMAP_NEEDS_DIRTY || e->plan->marks_dirty || e->plan->kvm) {
		kvm->dirty_bitmap = world_array(e, "dirty_bitmap", OBJECT_OTHER, words,
						sizeof(*kvm->dirty_bitmap), dirty_fields);
		world_hot(e, kvm->dirty_bitmap, words * sizeof(*kvm->dirty_bitmap));
	}
}

/* The host's page tables, where they matter. */
static void world_host(struct engine *e, struct kvm *kvm)
{
	if (!kvm->invalidate)
		return;
	kvm->host_pages = world_array(e, "host_page", OBJECT_OTHER, kvm->nr_rmaps,
				      sizeof(*kvm->host_pages), dirty_fields);
	kvm->invalidation = world_array(e, "invalidation", OBJECT_OTHER, 1,
					sizeof(*kvm->invalidation), invalidation_fields);
	world_hot(e, kvm->host_pages, kvm->nr_rmaps * sizeof(*kvm->host_pages));
	world_hot(e, kvm->invalidation, sizeof(*kvm->invalidation));
	world_hot(e, &kvm->host_lock, sizeof(kvm->host_lock));
}

/* The guest's pages, and how the small KVM goes about it. */
static void world_small_kvm(struct engine *e, struct kvm *kvm)
{
	const struct plan *plan = e->plan;

	if (!plan->kvm)
		return;
	kern_page_constants(kvm, plan, sim_program.algorithm);
	kvm->guest_pages = world_array(e, "page", OBJECT_OTHER, kvm->nr_rmaps,
				       sizeof(*kvm->guest_pages), dirty_fields);
	world_hot(e, kvm->guest_pages, kvm->nr_rmaps * sizeof(*kvm->guest_pages));
	world_hot(e, &kvm->slots_lock, sizeof(kvm->slots_lock));
	world_host(e, kvm);
}

/* The guest's page tables, and shadow pages; what the guest's entries say at first. */
static int world_shadow_pages(struct engine *e, struct kvm *kvm)
{
	const struct plan *plan = e->plan;
	bool direct = plan->page_role == PLAN_PAGES_DIRECT;
	unsigned int i;

	if (!kvm->sp_entries)
		return 0;
	kvm->root = world_array(e, "root", OBJECT_OTHER, kvm->nr_tables, sizeof(*kvm->root),
				dirty_fields);
	kvm->guest_dir = world_array(e, "guest_dir", OBJECT_OTHER, kvm->nr_tables,
				     sizeof(*kvm->guest_dir), dirty_fields);
	world_hot(e, kvm->root, kvm->nr_tables * sizeof(*kvm->root));
	world_hot(e, kvm->guest_dir, kvm->nr_tables * sizeof(*kvm->guest_dir));
	/* The tables lie in pages that are not in the log. */
	for (i = 0; i < kvm->nr_tables; i++)
		kvm->guest_dir[i] = kvm_guest_entry(direct ? i * kvm->sp_entries :
						    kvm->nr_rmaps + i, direct);
	return kvm_mmu_init_shadow_pages(kvm);
}

/* Does anything happen in a struct kvm_vcpu? */
static bool world_uses_vcpus(const struct engine *e)
{
	return e->plan->kvm || sim_program.algorithm->announces;
}

bool world_build(struct engine *e, GError **error)
{
	const struct plan *plan = e->plan;
	struct kvm *kvm;
	unsigned int i;
	int ret;

	if (plan->litmus) {
		world_build_litmus(e);
		return true;
	}
	kvm = world_array(e, "kvm", OBJECT_KVM, 1, sizeof(*kvm), kvm_fields);
	e->kvm = kvm;
	kern_list_constants(kvm, plan);
	if (!plan->shadow_pages)
		kvm->sptes = world_array(e, "spte", OBJECT_SPTE, plan->nr_sptes,
					 sizeof(*kvm->sptes), spte_fields);
	kvm->rmaps = world_array(e, "rmap", OBJECT_RMAP, plan->nr_rmaps, sizeof(*kvm->rmaps),
				 rmap_fields);
	/* Nothing may be accessed where a descriptor would reach to that lay at a head. */
	heap_alloc(e, sizeof(struct pte_list_desc) + kvm->pte_list_ext * sizeof(u64 *));
	kvm->vcpus = world_array(e, "vcpu", OBJECT_VCPU, kvm->nr_vcpus, sizeof(*kvm->vcpus),
				 world_uses_vcpus(e) ? vcpu_fields : NULL);
	for (i = 0; i < kvm->nr_vcpus; i++) {
		kvm->vcpus[i].kvm = kvm;
		kvm->vcpus[i].vcpu_id = i;
	}
	world_hot(e, &kvm->mmu_lock, sizeof(kvm->mmu_lock));
	world_hot(e, &kvm->mmu_rwlock, sizeof(kvm->mmu_rwlock));
	if (kvm->sptes)
		world_hot(e, kvm->sptes, plan->nr_sptes * sizeof(*kvm->sptes));
	world_hot(e, kvm->rmaps, plan->nr_rmaps * sizeof(*kvm->rmaps));
	if (plan->cache_objs || world_uses_vcpus(e))
		world_hot(e, kvm->vcpus, kvm->nr_vcpus * sizeof(*kvm->vcpus));
	world_needs(e, kvm);
	world_small_kvm(e, kvm);
	kvm_mmu_init(kvm);
	sim_program.kvm = kvm;
	ret = sim_program.algorithm->init(kvm);
	if (!ret)
		ret = world_shadow_pages(e, kvm);
	if (!ret)
		return true;
	g_set_error(error, ENGINE_ERROR, ENGINE_ERROR_PLAN, "algorithm %s does not start: %s",
		    plan->algorithm, g_strerror(-ret));
	return false;
}

/*
 * The number of an spte in a shadow page is that of its place in all pages of the
 * pool; behind those come the words of root[], which may be large ones.
 */
static int world_spte_of_page(const struct engine *e, const void *p)
{
	uint16_t page = 0;
	const struct kmem_cache *c = slab_of(e, p, &page);
	uint64_t at = ((uint64_t)p - (uint64_t)e->kvm->root) / sizeof(u64);

	if (at < e->kvm->nr_tables)
		return e->plan->nr_pages * e->kvm->sp_entries + at;
	if (!c || c != e->kvm->shadow_page_cache)
		return -1;
	at = (uint64_t)p - (uint64_t)slab_object(c, page) - offsetof(struct kvm_mmu_page, spt);
	if (at % 8 || at / 8 >= e->kvm->sp_entries)
		return -1;
	return page * e->kvm->sp_entries + at / 8;
}

int world_spte_number(const struct engine *e, const void *p)
{
	uint64_t off = (uint64_t)p - (uint64_t)e->kvm->sptes;

	if (e->kvm->sp_entries)
		return world_spte_of_page(e, p);
	if (off % 8 || off / 8 >= e->plan->nr_sptes)
		return -1;
	return off / 8;
}

u64 *world_spte(const struct engine *e, unsigned int number)
{
	struct kvm *kvm = e->kvm;
	struct kvm_mmu_page *sp;

	if (!kvm->sp_entries)
		return &kvm->sptes[number];
	if (number >= e->plan->nr_pages * kvm->sp_entries)
		return &kvm->root[number - e->plan->nr_pages * kvm->sp_entries];
	sp = slab_object(kvm->shadow_page_cache, number / kvm->sp_entries);
	return &sp->spt[number % kvm->sp_entries];
}

int world_spte_at(const struct engine *e, unsigned int addr)
{
	uint64_t entry;

	if (!e->kvm->sp_entries)
		return addr;
	entry = e->kvm->root[addr / e->kvm->sp_entries];
	if (!(entry & SPTE_PRESENT))
		return -1;
	if (spte_is_large(entry))
		return world_spte_number(e, &e->kvm->root[addr / e->kvm->sp_entries]);
	return world_spte_number(e, &kvm_child_sp(entry)->spt[addr % e->kvm->sp_entries]);
}

const char *world_spte_name(const struct engine *e, unsigned int number, char *buf, size_t len)
{
	return engine_name(e, world_spte(e, number), buf, len);
}

static const struct object *world_object(const struct engine *e, uint64_t off)
{
	unsigned int i;

	for (i = 0; i < e->nr_objects; i++) {
		const struct object *o = &e->object[i];

		if (off - o->first < o->stride * o->count)
			return o;
	}
	return NULL;
}

/* A head's address is known to everybody: nothing is found by way of a pointer to it. */
static bool is_reached_by_pointers(const struct object *o)
{
	return o->class == OBJECT_SLAB || o->class == OBJECT_SPTE;
}

uint32_t world_object_place(uint32_t place)
{
	const struct object *o = world_object(engine_present, place);

	if (!o || !is_reached_by_pointers(o))
		return MODEL_NO_OBJECT;
	return o->first + (place - o->first) / o->stride * o->stride;
}

uint32_t world_pointee(uint64_t value)
{
	uint64_t off = (value & 0xfffffffffff8ull) - (uint64_t)sim.heap;

	return off < sim.heap_bytes ? world_object_place(off) : MODEL_NO_OBJECT;
}

static const struct rmap_field *world_field(const struct object *o, unsigned int at,
					    unsigned int *element)
{
	const struct rmap_field *f;

	for (f = o->fields; f && f->name; f++) {
		if (f->array && at >= f->offset &&
		    (f->array == 1 || at < f->offset + (unsigned int)f->array * f->size)) {
			*element = (at - f->offset) / f->size;
			return f;
		}
		if (at == f->offset) {
			*element = 0;
			return f;
		}
	}
	return NULL;
}

static void world_object_name(const struct engine *e, uint64_t off, char *buf, size_t len)
{
	const struct object *o = world_object(e, off);

	if (!o)
		snprintf(buf, len, "memory+0x%llx", (unsigned long long)off);
	else if (o->numbered)
		snprintf(buf, len, "%s%llu", o->prefix,
			 (unsigned long long)((off - o->first) / o->stride));
	else
		snprintf(buf, len, "%s", o->prefix);
}

const char *engine_name(const struct engine *e, const void *addr, char *buf, size_t len)
{
	uint64_t off = (uint64_t)addr - (uint64_t)sim.heap;
	const struct object *o = off < sim.heap_bytes ? world_object(e, off) : NULL;
	const struct rmap_field *f;
	unsigned int element;
	char object[OBJECT_NAME_MAX + 24];

	if (!addr) {
		snprintf(buf, len, "nothing");
		return buf;
	}
	if (!o) {
		/* The arena's address is nobody's business, what else a word holds is. */
		snprintf(buf, len, off < e->arena_bytes ? "memory+0x%llx (no object)" :
			 "0x%llx (no object)", (unsigned long long)sim_canonical((uint64_t)addr));
		return buf;
	}
	world_object_name(e, off, object, sizeof(object));
	f = world_field(o, (off - o->first) % o->stride, &element);
	if (f && o->class == OBJECT_KVM)
		snprintf(buf, len, "%s", f->name);
	else if (!f || !*f->name)
		snprintf(buf, len, "%s", object);
	else if (f->array)
		snprintf(buf, len, "%s.%s[%u]", object, f->name, element);
	else
		snprintf(buf, len, "%s.%s", object, f->name);
	return buf;
}

static const char *world_word(const struct engine *e, enum rmap_word_place place, uint64_t value,
			      char *buf, size_t len)
{
	struct rmap_word w = { .kind = RMAP_WORD_OTHER };
	char name[OBJECT_NAME_MAX + 24];
	size_t n;

	sim_program.algorithm->describe(e->kvm, place, value, &w);
	if (w.kind == RMAP_WORD_EMPTY) {
		g_strlcpy(buf, place == RMAP_PLACE_SLOT ? "empty" : "0", len);
		return buf;
	}
	if (w.kind == RMAP_WORD_OTHER ||
	    (uint64_t)w.ptr - (uint64_t)sim.heap >= sim.heap_bytes) {
		snprintf(buf, len, "0x%llx", (unsigned long long)value);
		return buf;
	}
	world_object_name(e, (uint64_t)w.ptr - (uint64_t)sim.heap, name, sizeof(name));
	if (w.kind == RMAP_WORD_NULLS)
		n = snprintf(buf, len, "nulls of %s", name);
	else
		n = snprintf(buf, len, "%s%s%s", name, w.many ? " | MANY" : "",
			     w.locked ? " | LOCKED" : "");
	if (w.has_position && n < len)
		snprintf(buf + n, len - n, ", position %llu", (unsigned long long)w.position);
	return buf;
}

const char *engine_value(const struct engine *e, const void *addr, uint64_t value, char *buf,
			 size_t len)
{
	uint64_t off = (uint64_t)addr - (uint64_t)sim.heap;
	const struct object *o = off < sim.heap_bytes ? world_object(e, off) : NULL;
	const struct rmap_field *f;
	unsigned int element;

	switch (o ? (int)o->class : -1) {
	case OBJECT_RMAP:
		return world_word(e, RMAP_PLACE_HEAD, value, buf, len);
	case OBJECT_SLAB:
		f = world_field(o, (off - o->first) % o->stride, &element);
		return world_word(e, f && f->array ? RMAP_PLACE_SLOT : RMAP_PLACE_MORE, value, buf,
				  len);
	case OBJECT_KVM:
		snprintf(buf, len, value == 0 ? "free" : "held");
		return buf;
	case OBJECT_LITMUS:
		snprintf(buf, len, "%lld", (long long)value);
		return buf;
	default:
		snprintf(buf, len, "0x%llx", (unsigned long long)value);
		return buf;
	}
}

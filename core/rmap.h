/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an rmap algorithm is: a way of keeping and walking the list of shadow
 * PTEs (sptes) that map a guest page.
 *
 * A file core/rmap_NAME.c ends in one const struct rmap_algorithm, named with
 * RMAP_ALGORITHM(NAME); everything else in it is static. core/rmap_template.c
 * is made to be copied.
 *
 * Who may run beside whom: writers (add, remove, zap_all) hold mmu_lock for
 * writing, taken by the caller; walk is called without it and may run beside
 * anything. init, destroy and audit run alone.
 */
#ifndef CORE_RMAP_H
#define CORE_RMAP_H

#include "kern.h"

#define RMAP_ABI	1
#define RMAP_PARAM_MAX	12
#define KVM_CACHE_MAX	8
#define KVM_SP_ENTRIES_MAX	8	/* sptes of a shadow page */

/* 0: empty; a pointer to the only spte; or a descriptor pointer and MANY. */
struct kvm_rmap_head {
	unsigned long val;
};

struct pte_list_desc {
	unsigned long more;
	u64 *sptes[];
};

/* Descriptors allocated outside mmu_lock, for use under it; its vCPU's own. */
struct kvm_mmu_memory_cache {
	unsigned long nobjs;
	void *objects[KVM_CACHE_MAX];
};

/* What a vCPU does without a lock; kept by algorithms that announce walks, and by vcpu.c. */
enum {
	OUTSIDE_GUEST_MODE, READING_SHADOW_PAGE_TABLES, IN_GUEST_MODE, EXITING_GUEST_MODE,
};

#define KVM_REQ_TLB_FLUSH	0	/* bit of vcpu->requests */
#define KVM_TLB_ENTRIES		4

struct kvm_tlb_entry {
	u64 addr;	/* of the guest's: the number of its page tables' entry */
	u64 *sptep;	/* from which it was filled */
	u64 spte;	/* 0: the entry is empty */
};

/* How the small KVM around the rmaps goes about it (kvm_mmu.h); the first is right. */
enum kvm_dirty_order { KVM_DIRTY_LAST, KVM_DIRTY_BETWEEN, KVM_DIRTY_FIRST };
enum kvm_dirty_set { KVM_DIRTY_SET, KVM_DIRTY_TEST_THEN_SET };
enum kvm_write_protect { KVM_PROTECT_CMPXCHG, KVM_PROTECT_PLAIN };
enum kvm_flush { KVM_FLUSH_NEEDED, KVM_FLUSH_ALWAYS, KVM_FLUSH_OWN_GFN, KVM_FLUSH_NONE };
enum kvm_handshake {
	KVM_HANDSHAKE_FULL, KVM_HANDSHAKE_NO_ENTER_MB, KVM_HANDSHAKE_NO_FLUSH_MB,
	KVM_HANDSHAKE_NO_READING_MB, KVM_HANDSHAKE_NO_KICK_RMB,
};
enum kvm_free { KVM_FREE_IPI, KVM_FREE_RCU, KVM_FREE_TYPESAFE, KVM_FREE_AT_ONCE };
enum kvm_fast_fault {
	KVM_FAST_FAULT_NO, KVM_FAST_FAULT_YES, KVM_FAST_FAULT_INDIRECT, KVM_FAST_FAULT_LARGE,
};
enum kvm_bookkeeping {
	KVM_BOOKS_RIGHT, KVM_BOOKS_MMIO_OVER_PRESENT, KVM_BOOKS_REUSE_GFN, KVM_BOOKS_REUSE_ROLE,
};
enum kvm_recycle { KVM_RECYCLE_NONE, KVM_RECYCLE_ONE_BY_ONE, KVM_RECYCLE_BULK };
enum kvm_invalidate {
	KVM_INVALIDATE_NONE, KVM_INVALIDATE_RETRY, KVM_INVALIDATE_COUNT_ONLY, KVM_INVALIDATE_IGNORE,
};
enum kvm_recycle_order { KVM_RECYCLE_BEFORE_MARK, KVM_RECYCLE_AFTER_MARK };

/* All that lives on behind a walk that an operation consists of; no padding. */
struct kvm_outer {
	union {
		u64 mask;	/* a harvest's pages */
		u64 *first;	/* recycling: the spte that was met first, and */
	};
	u32 gfn;
	union {
		u16 flush;
		u16 count;	/* how many were met from there on */
		u16 young;	/* aging: some spte said accessed */
	};
	u16 stage;
};

/* Pages of the host's that go: how often, and whether one is about to. */
struct kvm_invalidation {
	u64 seq;
	u64 in_progress;
};

struct kvm_dirty_log {
	struct kvm *kvm;
	struct kvm_outer outer;
};

/* What happens to a page that no access to memory shows, for kvm_note(). */
enum kvm_note {
	KVM_NOTE_LISTED,	/* p: spte, n: gfn; its add has returned */
	KVM_NOTE_UNLISTED,	/* p: spte, n: gfn; it is going to be removed */
	KVM_NOTE_OWES_MARK,	/* n: gfn; it may become writable, and will be marked */
	KVM_NOTE_MARKED,	/* n: gfn; no longer owed */
	KVM_NOTE_TOOK_LOG,	/* n: mask; these pages are in this harvest */
	KVM_NOTE_GUEST_WROTE,	/* n: kvm_note_write(); behind the guest's store */
	KVM_NOTE_TLB_FILLED,	/* n: entry of this vCPU */
	KVM_NOTE_TLB_FLUSHED,	/* this vCPU's */
	KVM_NOTE_FLUSH_BEGINS,
	KVM_NOTE_FLUSH_ENDS,
	KVM_NOTE_PAGE_FREED,	/* p: shadow page, which is going to be freed */
	KVM_NOTE_LOOKED_UP,	/* n: kvm_note_write() of gfn and the host's page */
	KVM_NOTE_MAPPED,	/* p: spte, n: gfn; what this fault has looked up */
	KVM_NOTE_FAULT_ENDS,	/* n: gfn; what it has looked up is forgotten */
	KVM_NOTE_UNMAPPED,	/* n: gfn; the host may do with its page what it likes */
	KVM_NOTE_NOT_ACCESSED,	/* p: spte, which aging has looked at */
	KVM_NOTE_TOOK_ACCESSED,	/* p: spte, n: gfn that is aged; the bit has been cleared */
	KVM_NOTE_AGED,		/* n: kvm_note_write() of gfn and whether it is young */
};

/* A write to that page, by that entry of the vCPU's TLB. */
static inline u32 kvm_note_write(unsigned long gfn, unsigned int entry)
{
	return gfn | entry << 16;
}

static inline unsigned int kvm_note_gfn(u64 n)
{
	return n & 0xffff;
}

static inline unsigned int kvm_note_entry(u64 n)
{
	return n >> 16;
}

struct kvm_mmu_page;

struct kvm_vcpu {
	struct kvm *kvm;
	unsigned long vcpu_id;
	unsigned long mode;
	unsigned long requests;
	unsigned long has_guest;	/* constant: a guest runs on it */
	struct kvm_tlb_entry tlb[KVM_TLB_ENTRIES];	/* its own */
	struct kvm_mmu_memory_cache pte_list_desc_cache;
	struct kvm_mmu_page *spare_page;	/* the same for shadow pages: one will do */
} ____cacheline_aligned;

/*
 * Everything the code under test reaches. The caller fills in the constants
 * and the arrays, zeroed, before init; the algorithm creates its caches.
 */
struct kvm {
	spinlock_t mmu_lock;		/* the one in use is said by ... */
	rwlock_t mmu_rwlock;
	spinlock_t slots_lock;		/* one harvest at a time; outside mmu_lock */
	spinlock_t host_lock;		/* one change of host_pages at a time; outside mmu_lock */
	u32 mmu_lock_is_rw;		/* ... this */
	u32 pte_list_ext;		/* spte slots of a descriptor */
	u32 address_bits;		/* of a virtual address: 48 or 57 */
	u32 nr_rmaps;
	u32 nr_sptes;
	u32 nr_vcpus;
	u32 cache_objs;			/* topped up to; 0: no cache */
	bool alloc_zero;		/* a topped-up object is zeroed */
	bool descs_by_rcu;		/* descriptors are freed by kfree_rcu(); set by init */
	bool descs_by_call;		/* or by call_rcu() */
	struct kvm_rmap_head *rmaps;
	u64 *sptes;
	seqcount_t *rmap_seqs;		/* by the rmap's number; see RMAP_NEEDS_SEQCOUNTS */
	unsigned long *dirty_bitmap;	/* one bit for each rmap, by its number */
	u64 *guest_pages;		/* a word for each, by its gfn */
	u32 rmap_algorithm;		/* place in rmap_algorithms[] */
	u32 dirty_order, dirty_set, write_protect, flush, handshake;
	u32 harvest_locked;		/* under mmu_lock as a whole */
	u32 fast_fault;
	u32 recycle, recycle_order, recycle_threshold;
	u32 invalidate, unmap_no_flush;
	u64 *host_pages;		/* by gfn: the host's page, 0 or 1; if invalidate */
	struct kvm_invalidation *invalidation;	/* likewise */
	struct kvm_vcpu *vcpus;
	struct kmem_cache *pte_list_desc_cache;
	long param[RMAP_PARAM_MAX];	/* by place in the params table */
	/* Descriptor positions in the words that lead to them; set by init. */
	u32 position_shift;
	u32 position_overflow;		/* enum pte_list_overflow */
	u64 position_max;		/* 0: words carry no positions */
	/* Shadow pages, see shadow_page.h. */
	u32 sp_entries;			/* of a page; 0: there are none, sptes[] is all there is */
	u32 nr_tables;			/* page tables of the guest */
	u32 free;			/* enum kvm_free */
	u32 bookkeeping;		/* enum kvm_bookkeeping */
	u32 nr_mmio;			/* the last pages, which belong to no memslot */
	u64 *root;			/* for each table: 0, or what leads to its shadow page */
	u64 *guest_dir;			/* for each table: what the guest's entry for it says */
	struct kmem_cache *shadow_page_cache;
};

enum rmap_walk_result {
	RMAP_WALK_COMPLETE,	/* every entry present throughout was visited */
	RMAP_WALK_STOPPED,	/* visit said so */
	RMAP_WALK_GIVEN_UP,	/* by the algorithm's own rule */
};

/* Counted by walk_step() and its like; no algorithm reads them. */
struct rmap_walk_stats {
	u64 steps;
	u64 restarts;
	u64 slow_path;
};

struct rmap_walk {
	/*
	 * Called for each spte met, of whatever gfn: it must be safe on any.
	 * Returns whether to go on.
	 */
	bool (*visit)(struct rmap_walk *walk, u64 *sptep);
	void *arg;
	bool mmu_locked;	/* the caller holds mmu_lock */
	struct rmap_walk_stats stats;
};

/* What a word of the list says, in the field's terms. */
struct rmap_word {
	enum {
		RMAP_WORD_EMPTY,	/* 0 */
		RMAP_WORD_SPTE,		/* pointer to an spte */
		RMAP_WORD_DESC,		/* pointer to a descriptor */
		RMAP_WORD_NULLS,	/* pointer to the rmap it ends */
		RMAP_WORD_OTHER,
	} kind;
	const void *ptr;
	u64 position;
	bool many;
	bool locked;		/* a lock bit is set */
	bool has_position;
};

enum rmap_word_place { RMAP_PLACE_HEAD, RMAP_PLACE_MORE, RMAP_PLACE_SLOT };

/* An audit's findings; the caller gives found() and its argument. */
struct rmap_audit {
	void (*found)(struct rmap_audit *audit, const u64 *sptep);
	void *arg;
	u32 nr_sptes;
	u32 nr_objects;		/* slab objects that the list holds */
	bool keeps_nothing;	/* the algorithm keeps no list: entries are not compared */
	const char *error;	/* NULL, or what is wrong, constant text */
	const void *where;	/* the object that is wrong, or NULL */
};

/*
 * Parameters of an algorithm: numbers in min..max, or one of words[] when that
 * is not NULL (the value is then its place). Ends with a NULL name.
 */
struct rmap_param {
	const char *name;
	const char *summary;
	long def, min, max;
	const char *const *words;	/* NULL-terminated */
	const char *max_word;		/* the word for max, or NULL */
};

/* How the objects of a cache are named: "desc3.sptes[1]". */
struct rmap_field {
	const char *name;
	u16 offset, size;	/* bytes */
	u16 array;		/* elements; 1: as many as there is room for; 0: it is none */
};

struct rmap_object_type {
	const char *cache;	/* the name given to kmem_cache_create() */
	const char *prefix;	/* of an object's name */
	const struct rmap_field *fields;	/* ends with a NULL name */
};

/* What is there for those only who say that they need it: arrays of struct kvm, and RCU. */
#define RMAP_NEEDS_SEQCOUNTS	0x1u	/* rmap_seqs; the algorithm's init sets them up */
#define RMAP_NEEDS_DIRTY	0x2u	/* dirty_bitmap; others may do without */
#define RMAP_NEEDS_RCU		0x4u	/* waits for RCU: read-side sections matter */

/* What is given to call_rcu(); its name stands in traces. */
struct rmap_callback {
	const char *name;
	void (*func)(struct rcu_head *head);
};

#define RMAP_CALLBACK(f)	{ .name = #f, .func = f }

struct rmap_algorithm {
	u32 abi;		/* RMAP_ABI */
	u32 size;		/* of this structure */
	const char *name;
	const char *summary;	/* one line */
	const char *source;	/* of the idea: mail, kernel file, paper */
	bool broken;		/* one step is wrong, on purpose */
	bool announces;		/* a walker says in vcpu->mode that it walks */
	u32 needs;		/* RMAP_NEEDS_... */
	const struct rmap_param *params;
	const struct rmap_object_type *objects;	/* ends with a NULL cache */

	/* 0 or -errno. */
	int (*init)(struct kvm *kvm);
	void (*destroy)(struct kvm *kvm);

	/*
	 * NULL, or why these parameters cannot hold that many entries (in
	 * buf); called before anything runs, with the constants of kvm set.
	 */
	const char *(*check_extent)(const struct kvm *kvm, u32 sptes_max, char *buf, size_t len);

	/* Slab objects that n entries of one rmap need at the most. */
	u32 (*objects_max)(const struct kvm *kvm, u32 sptes);

	/* Under mmu_lock. add: 0, -ENOMEM, or -EOVERFLOW and nothing changed. */
	int (*add)(struct kvm_vcpu *vcpu, struct kvm_rmap_head *rmap, u64 *sptep);
	void (*remove)(struct kvm *kvm, struct kvm_rmap_head *rmap, u64 *sptep);
	void (*zap_all)(struct kvm *kvm, struct kvm_rmap_head *rmap);

	enum rmap_walk_result (*walk)(struct kvm *kvm, struct kvm_rmap_head *rmap,
				      struct rmap_walk *walk);

	/* Form, positions, counts, nulls of one rmap; no writer is inside. */
	void (*audit)(struct kvm *kvm, struct kvm_rmap_head *rmap, struct rmap_audit *audit);

	void (*describe)(const struct kvm *kvm, enum rmap_word_place place, unsigned long word,
			 struct rmap_word *out);

	/* NULL, or all functions that are given to call_rcu(); ends with a NULL func. */
	const struct rmap_callback *callbacks;
};

static inline unsigned long rmap_number(const struct kvm *kvm, const struct kvm_rmap_head *rmap)
{
	return rmap - kvm->rmaps;
}

#define RMAP_ALGORITHM(name)	const struct rmap_algorithm KERN_SYM(rmap_algorithm_##name)

/* All algorithms of this build, NULL-terminated, in the order of Makefile.am. */
#define rmap_algorithms		KERN_SYM(rmap_algorithms)
extern const struct rmap_algorithm *const rmap_algorithms[];

#endif

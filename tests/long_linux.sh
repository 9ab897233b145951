#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `locked` is the list that Linux keeps: the kernel's own functions on rmap lists, taken
# unchanged out of Linux 6.1, and those of core/ go through a million random operations
# side by side (tests/linux_list.c says what is compared). form=tail is the form of 6.1:
# the same entries in the same slots; form=stack holds the same entries. The source is
# Debian's package of it, which is fetched if it is not installed. Prints TAP.
#
# BUILDDIR: the build. SRCDIR: the sources. CC: the compiler. OPERATIONS: of each run.
# LINUX_MMU: another file to take the functions from, arch/x86/kvm/mmu/mmu.c.

. "$(dirname "$0")/tap.sh" || exit 99

BUILDDIR=$(realpath "${BUILDDIR:-.}") && SRCDIR=$(realpath "${SRCDIR:-..}") || exit 99
CC=${CC:-cc}
OPERATIONS=${OPERATIONS:-1000000}
package=linux-source-6.1
tar=/usr/src/$package.tar.xz
functions='pte_list_add pte_list_desc_remove_entry pte_list_remove kvm_zap_all_rmap_sptes
	pte_list_count rmap_get_first rmap_get_next mmu_free_pte_list_desc'
structs='pte_list_desc rmap_iterator'

tap_dir
cd "$dir" || exit 99
if [ -z "$LINUX_MMU" ]; then
	if [ ! -f "$tar" ]; then
		if ! apt-get download "$package" >err 2>&1 || ! dpkg-deb -x "$package"_*.deb .; then
			skip_all "$package is not installed and cannot be fetched"
		fi
		tar=$dir/usr/src/$package.tar.xz
	fi
	tar -xf "$tar" --occurrence=1 --wildcards '*/arch/x86/kvm/mmu/mmu.c' || exit 99
	LINUX_MMU=$(echo "$dir"/*/arch/x86/kvm/mmu/mmu.c)
fi

# What stands between two empty lines at the top level, or up to a } in the first column, is
# one piece; those whose first lines name what is wanted are printed, in their order.
extract() {
	awk -v functions="$functions" -v structs="$structs" '
		BEGIN {
			split(functions, f, /[ \t\n]+/)
			for (i in f) wanted[f[i]] = 1
			split(structs, s, /[ \t\n]+/)
			for (i in s) wanted["struct " s[i]] = 1
		}
		function named(line) {
			if (match(line, /^struct [a-z_]+ \{/))
				return substr(line, 1, RLENGTH - 2)
			if (line !~ /^[a-z].*\(/ || !match(line, /[a-z_]+\(/))
				return ""
			return substr(line, RSTART, RLENGTH - 1)
		}
		/^#define PTE_LIST_EXT/ { print; next }
		/^$/ && !body { piece = name = ""; next }
		{ piece = piece $0 "\n" }
		!body && !name { name = named($0) }
		/\{$/ { body = body || /^\{/ || /^struct/ }
		/^}/ {
			if (name in wanted) { printf "%s\n", piece; found[name] = 1 }
			body = 0; piece = name = ""
		}
		END { for (name in wanted) if (!(name in found)) print "#error no " name }
	' "$1"
}
extract "$LINUX_MMU" >pte_list.h
! grep -n '^#error' pte_list.h >err
result 'the functions are in that source' $? err

! grep -vxFf "$LINUX_MMU" pte_list.h >err
result 'line by line as they stand there' $? err

flags="-std=gnu11 -O2 -Wall -fPIC -I$SRCDIR"
# shellcheck disable=SC2086 # words of a command line
$CC $flags -DLINUX_PTE_LIST="\"$dir/pte_list.h\"" -shared -o kernel.so \
	"$SRCDIR/tests/linux_side.c" >out 2>err
result 'and compile with the shim' $?
make -s -C "$BUILDDIR" tests/linux_list >out 2>err
result 'their counterparts are built' $?
compare="$BUILDDIR/tests/linux_list $dir/kernel.so --operations $OPERATIONS"

for form in tail stack; do
	$compare --form $form >out 2>err
	status=$?
	result "$(cat out)" $status
done
for seed in 2 3 4; do
	$compare --form tail --seed $seed >out 2>err
	result "seed $seed: $(sed 's/;.*//' out)" $?
done

# fires NAME TEXT ARG...: a mistake on purpose is noticed, and this is said.
fires() {
	name=$1 text=$2
	shift 2
	$compare "$@" >out 2>err
	[ $? -eq 1 ] && grep -q "$text" out
	result "notices $name: $(cat out)" $?
}
fires 'a remove that the kernel does not do' 'should have' --fault entry
fires 'the same in another form' 'should have' --fault entry --form stack
fires 'an entry at another place' 'in the kernel, .* here$' --fault order
fires 'a second visit' 'visits here$' --fault walk
$compare --form stack --fault order >out 2>err
result 'form=stack is no order, and none is compared' $?

# And a mistake in the functions themselves: a hole that is not filled.
sed 's/desc->sptes\[i\] = desc->sptes\[j\];//' pte_list.h >broken.h
# shellcheck disable=SC2086
! cmp -s pte_list.h broken.h &&
	$CC $flags -DLINUX_PTE_LIST="\"$dir/broken.h\"" -shared -o kernel.so \
		"$SRCDIR/tests/linux_side.c" >out 2>err
result 'a broken kernel compiles' $?
fires 'a hole that is not filled' 'should have'

tap_end

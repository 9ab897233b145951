#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A fresh Debian 12 with nothing but git: ./quickstart and its messages there, as
# root, as a user with sudo, as a user without, and without a network. Part of
# `make check-long`; prints TAP. The committed state of the checkout is tested.
#
# Needs root, debootstrap, and a mirror: that of this machine's apt, whose Acquire
# settings (proxies and the like) hold in the new root too. Without one of these it
# says so and ends with status 77. Takes about a quarter of an hour and 3 GB in
# TMPDIR (default /var/tmp), which must allow devices and programs.

. "$(dirname "$0")/tap.sh" || exit 99

suite=bookworm
srcdir=$(cd "${SRCDIR:-$(dirname "$0")/..}" && pwd) || exit 99
unset SRCDIR BUILDDIR RMAPSIM MAKEFLAGS MFLAGS MAKELEVEL

[ "$(id -u)" -eq 0 ] || skip_all 'only root can make a root file system'
for tool in debootstrap chroot unshare git apt-get apt-config; do
	command -v $tool >/dev/null 2>&1 || skip_all "$tool is missing"
done
git -c safe.directory='*' -C "$srcdir" rev-parse HEAD >/dev/null 2>&1 ||
	skip_all "$srcdir is no git checkout"

# sources: "URI SUITE COMPONENT" of what this machine's apt gets of Debian 12
sources=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
	'Created-By: Packages' 2>/dev/null | sort -u | grep " $suite\\(-[a-z]*\\)\\? main\$")
mirror=$(echo "$sources" | sed -n "s/ $suite main\$//p" | head -n 1)
[ -n "$mirror" ] || skip_all "no source of $suite main is known to apt here"

tap_dir "${TMPDIR:-/var/tmp}/rmapsim-root.XXXXXX"
top=$dir
base=$top/base root=$top/root

# --- inside a root

# in_root ROOT USER COMMAND: by a shell; mounts are gone when it ends.
in_root() {
	unshare --mount sh -c '
		mount -t proc proc "$1/proc" 2>/dev/null
		mount -t sysfs -o ro sysfs "$1/sys" 2>/dev/null
		exec chroot --userspec="$2" "$1" env -i HOME="$4" USER="$2" LC_ALL=C TERM=dumb \
			PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
			${http_proxy:+http_proxy="$http_proxy"} \
			${https_proxy:+https_proxy="$https_proxy"} \
			${no_proxy:+no_proxy="$no_proxy"} sh -c "$3"
		' sh "$1" "$2" "$3" "$(home_of "$2")" </dev/null
}

home_of() {
	case $1 in
	root) echo /root ;;
	*) echo "/home/$1" ;;
	esac
}

# gives NAME STATUS USER COMMAND [TEXT...]: in the root COMMAND ends with STATUS, and each
# TEXT is a line (a basic regular expression) of what it says. Kept in $top/log.
gives() {
	name=$1 want=$2 user=$3 command=$4
	shift 4
	in_root "$root" "$user" "cd ~/rmapsim && $command" >"$top/log" 2>&1
	got=$?
	ok=0
	[ $got -eq "$want" ] || { ok=1; echo "# status $got instead of $want"; }
	for text; do
		grep -q -e "$text" "$top/log" || { ok=1; echo "# not said: $text"; }
	done
	result "$name" $ok "$top/log"
}

clone_for() {
	git -c safe.directory='*' clone -q --no-hardlinks "$srcdir" "$root$(home_of "$1")/rmapsim" &&
		in_root "$root" root "chown -R $1: $(home_of "$1")"
}

installed() {
	in_root "$root" root "dpkg-query -W -f '\${Package}\n'" 2>/dev/null | sort
}

# --- a bare root with git

make_base() {
	debootstrap --variant=minbase --include=git $suite "$base" "$mirror" || return
	echo "$sources" | sed 's/^/deb /' >"$base/etc/apt/sources.list"
	# Index targets other than packages belong to programs that are not there.
	apt-config dump Acquire | grep -v '::IndexTargets\|::Changelogs' \
		>"$base/etc/apt/apt.conf.d/99host"
	cp -L /etc/resolv.conf /etc/hosts "$base/etc/"
}

make_base >"$top/log" 2>&1 || {
	tail -n 10 "$top/log" | sed 's/^/# /'
	skip_all "debootstrap could not make a root from $mirror"
}
cp -a "$base" "$root" || exit 99

# --- who may not install is told what is missing, and nothing has changed

demo_says='no violation'
in_root "$root" root 'useradd -m plain && useradd -m sudoer' || exit 99
clone_for plain && clone_for sudoer && clone_for root || exit 99
before=$(installed)
packages=$(sed -n "/^PACKAGES='/,/^'/s/^\([a-z][^ ]*\) .*/\1/p" "$srcdir/quickstart")
result 'the list of packages was found in quickstart' "$([ -n "$packages" ]; echo $?)" /dev/null

gives 'a user without sudo is told the reason and the command' 3 plain ./quickstart \
	'not root' 'apt-get install '
lacking=
for package in $packages; do
	grep -q "^  $package\$" "$top/log" || lacking="$lacking $package"
done
result "and all packages, one a line (not told:${lacking:- none})" "$([ -z "$lacking" ]; echo $?)" \
	"$top/log"
gives 'the same for check' 3 plain './quickstart check' 'apt-get install '
gives 'a wrong argument is refused' 2 plain './quickstart sing' "'sing' is not understood"
gives 'help needs nothing' 0 plain './quickstart --help' '^usage: ./quickstart'
gives 'root without a network is told the same' 3 root 'unshare --net ./quickstart' \
	'no network?' 'apt-get install '
result 'nothing was installed by any of this' "$([ "$before" = "$(installed)" ]; echo $?)" /dev/null

# --- a user with sudo

in_root "$root" root 'apt-get -q update && apt-get -q -y install --no-install-recommends sudo' \
	>"$top/log" 2>&1 || { tail "$top/log"; exit 99; }
echo 'sudoer ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/sudoer"
gives 'a user whom sudo refuses is told the packages' 3 plain ./quickstart \
	'may not use sudo' 'apt-get install '
gives 'a user with sudo gets the demonstration' 0 sudoer ./quickstart "$demo_says" 'fires here'
gives 'the packages are there now, so the other user gets it too' 0 plain ./quickstart \
	"$demo_says" 'fires here'
gives 'a user with sudo gets the tests' 0 sudoer './quickstart check' 'FAIL: 0'
gives 'nothing belongs to root in the checkout' 0 sudoer '[ -z "$(find . ! -user sudoer)" ]'

# --- root, from the beginning, from another folder

rm -rf --one-file-system "$root"
mv "$base" "$root" || exit 99
clone_for root || exit 99
gives 'root gets the demonstration' 0 root 'cd / && /root/rmapsim/quickstart' \
	'installing' 'making configure' "$demo_says" 'fires here'
before=$(installed)
gives 'a second time it has little to do' 0 root ./quickstart 'not repeated' 'fires here'
result 'and installs nothing' "$([ "$before" = "$(installed)" ]; echo $?)" /dev/null
gives 'root gets the tests' 0 root './quickstart check' 'FAIL: 0'
gives 'continuous integration counts them' 0 root 'CI=true bash .ci/run' \
	'^[1-9][0-9]* passed, 0 failed'
gives 'without a network all goes on as before' 0 root 'unshare --net ./quickstart' 'fires here'
gives 'the checkout is clean' 0 root '[ -z "$(git status --porcelain)" ]'

tap_end

#!/bin/sh
# install.sh - install the Debian packages that a list names and that are
# missing.
#
# usage: install.sh LIST...     LIST is build, voice, test, lint, fuzz, cover or bench
#
# Asks nothing.  When all is there it needs neither network nor rights.  A
# daemon that comes with a package (Kannel's) is not started, and not enabled
# at boot: the tests start what they need themselves.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

say() {
	printf 'packages: %s\n' "$*" >&2
}

[ $# -gt 0 ] || { sed -n '5,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
if ! command -v dpkg-query >/dev/null; then
	say "not a Debian system: install what conf/packages/*.txt names"
	exit 0
fi

wanted=
for list; do
	[ -f "$here/$list.txt" ] || { say "no list named $list"; exit 2; }
	wanted="$wanted $(sed 's/#.*//' "$here/$list.txt")"
done
# also what an installed package brings along: npm, in a nodejs that is not
# Debian's
provided=$(dpkg-query -W -f '${db:Status-Status},${Provides}\n' |
	sed -n 's/^installed,//p' | sed 's/([^)]*)//g' | tr ',' '\n' | tr -d ' ')
missing=
for package in $wanted; do
	case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) in
	installed) ;;
	*) printf '%s\n' "$provided" | grep -qx "$package" ||
		missing="$missing $package" ;;
	esac
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null; then
		say "as root, run: apt-get install$missing"
		exit 1
	fi
	as_root=sudo
fi
say "installing$missing"

# While this file answers 101, no package starts a service.  One that is there
# already is the administrator's: it stays, and what it says holds.
policy=/usr/sbin/policy-rc.d
mark='# made by install.sh for one installation'
policy_remove() {
	if grep -qsxF "$mark" "$policy"; then
		$as_root rm -f "$policy"
	fi
}
trap policy_remove EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
if [ ! -e "$policy" ]; then
	printf '#!/bin/sh\n%s\nexit 101\n' "$mark" |
		$as_root tee "$policy" >/dev/null
	$as_root chmod 755 "$policy"
fi

apt() {
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
		-o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@" </dev/null >&2
}
apt update || say 'the lists of packages could not be renewed; trying anyway'
# shellcheck disable=SC2086 # a list of words
apt install --no-install-recommends $missing

for package in $missing; do
	if [ -e "/etc/init.d/$package" ] && command -v update-rc.d >/dev/null; then
		$as_root update-rc.d "$package" disable >/dev/null 2>&1 || :
	fi
done

#!/bin/sh
# asterisk-fetch.sh - a real Asterisk for the tests, in a folder of its own.
#
# Debian 12 has no Asterisk, a later Debian has.  Its packages come through apt,
# from this machine's own mirror and checked with Debian's keys, but with an apt
# state apart: nothing is installed here, and no rights are needed.  They are
# unpacked only; what runs is ROOT/run, with the loader and libraries unpacked
# beside it.
#
# usage: asterisk-fetch.sh        prints ROOT, or says why there is none: exit 1
#   ASTERISK_ROOT    where to, default ~/.cache/safar/asterisk-test
#   ASTERISK_SUITE   from which Debian, default forky
#
# What could not be had is not tried again for ten minutes.
set -eu

root=${ASTERISK_ROOT:-${XDG_CACHE_HOME:-$HOME/.cache}/safar/asterisk-test}
suite=${ASTERISK_SUITE:-forky}
keys=/usr/share/keyrings/debian-archive-keyring.gpg
why=$root.why

give_up() {
	printf '%s\n' "$1" | tee "$why" >&2
	exit 1
}

if [ -x "$root/run" ]; then
	echo "$root"
	exit 0
fi
mkdir -p "$(dirname "$root")"
exec 9>"$root.lock"
flock -w 400 9 || { echo 'another test is still getting it' >&2; exit 1; }
if [ -x "$root/run" ]; then # it had just been got
	echo "$root"
	exit 0
fi
if [ -n "$(find "$why" -mmin -10 2>/dev/null)" ]; then
	cat "$why" >&2
	exit 1
fi
command -v apt-get >/dev/null || give_up 'this is no Debian: apt is not here'
[ -r "$keys" ] || give_up 'the package debian-archive-keyring is not installed'

# Where this machine gets Debian's main archive: by its label where apt has been
# updated, else the first archive that has a release as a whole, not additions
# to it as bookworm-updates.
# shellcheck disable=SC2016 # apt fills these in
mirror=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' \
	'Created-By: Packages' 'Component: main' 2>/dev/null |
	sed -n 's/^Debian //p' | head -n 1)
[ -n "$mirror" ] || mirror=$(apt-get update --print-uris 2>/dev/null |
	sed -n "s,^'\(.*\)/dists/[^/-]*/InRelease' .*,\1,p" | head -n 1)
[ -n "$mirror" ] || give_up 'apt names no mirror of Debian'

work=$root.$$
trap 'rm -rf "$work"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir -p "$work/lists/partial" "$work/debs/partial" "$work/root"
: >"$work/installed" # nothing: so apt gets all that is needed, down to libc
printf 'deb [signed-by=%s] %s %s main\n' "$keys" "$mirror" "$suite" \
	>"$work/sources"

# Hooks of this machine are not for this; its proxy is.  A mirror may stand still
# for weeks: its lists are signed, if old.
cat >"$work/conf" <<END
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Install-Pkgs;
#clear Acquire::IndexTargets;
Acquire::IndexTargets::deb::Packages {
	MetaKey "\$(COMPONENT)/binary-\$(ARCHITECTURE)/Packages";
	flatMetaKey "Packages";
	ShortDescription "Packages";
	Description "Packages";
};
Acquire::Languages "none";
Acquire::Check-Valid-Until "false";
Acquire::Retries "1";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
APT::Install-Recommends "false";
APT::Sandbox::User "";
Dir::State "$work";
Dir::State::lists "$work/lists";
Dir::State::status "$work/installed";
Dir::Cache "$work";
Dir::Cache::archives "$work/debs";
Dir::Etc::sourcelist "$work/sources";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
END
get() {
	timeout 300 apt-get -qq -c "$work/conf" -o APT::Update::Error-Mode=any \
		"$@" >"$work/said" 2>&1 ||
		give_up "apt-get $1, Debian $suite: $(tr '\n' ' ' <"$work/said" |
			cut -c 1-300)"
}
get update
get install --download-only --yes asterisk

for deb in "$work"/debs/*.deb; do
	dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$work/root" \
		--no-same-owner --exclude='./usr/share/doc/*' \
		--exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' \
		--exclude='./usr/share/zoneinfo*' --exclude='*/perl*' \
		--exclude='*/gconv/*' --exclude='./var/*' ||
		give_up "$(basename "$deb") could not be unpacked"
done
loader=$(cd "$work/root" &&
	find . -name 'ld-linux*.so.*' ! -path './usr/share/*' | head -n 1)
cat >"$work/root/run" <<END
#!/bin/sh
here=\$(dirname "\$(readlink -f "\$0")")
libs=\$(echo "\$here"/usr/lib/*-linux-*)
exec "\$here/$loader" --library-path "\$libs" "\$here/usr/sbin/asterisk" "\$@"
END
chmod 755 "$work/root/run"
version=$("$work/root/run" -V 2>&1) ||
	give_up "it does not run here: $(echo "$version" | tail -n 1 | cut -c 1-200)"
mv "$work/root" "$root"
rm -f "$why"
echo "$root"

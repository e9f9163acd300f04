#!/bin/sh
# npm.sh WHAT [ARGUMENT] - run a script of this folder by npm's packages, which
# are fetched first if they are not as package-lock.json says.  Returns 3 if they
# cannot be fetched.
set -eu
cd "$(dirname "$0")"
if ! cmp -s package-lock.json node_modules/.safar-lock; then
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2 || {
		echo 'web: npm could not fetch its packages, so the console has no pages;' >&2
		echo 'web: look at the network, then run "make web"' >&2
		exit 3
	}
	cp package-lock.json node_modules/.safar-lock
fi
what=$1
shift
exec npm run --silent "$what" -- "$@"

#!/bin/sh
# layering.sh - includes may only point down; risky calls may not appear.
# One line per folder: what its files may include from this tree.
set -u
bad=0
allow() { # folder, regex of allowed prefixes
	out=$(grep -nE '^#include "' "$1"/*.[ch] "$1"/*.cc 2>/dev/null |
	    grep -vE "#include \"($2)/[^/]*\"")
	[ -z "$out" ] || { echo "layering: $out"; bad=1; }
}
base='daemon/base'
low="$base|daemon/proto|daemon/phone"
allow daemon/base  "$base"
allow daemon/proto "$base|daemon/proto"
allow daemon/phone "$base|daemon/phone"
allow db           "$base|daemon/phone|db"
allow content      "$low|db|content"
allow menus        "$low|content|menus"
allow daemon/core  "$low|db|content|menus|daemon/core"
allow daemon/gw    "$base|daemon/proto|daemon/core|daemon/gw"
allow daemon/sip   "$base|daemon/proto|daemon/core|daemon/sip"
# safar-voice has of core the settings, the limits and the sandbox, no store
out=$(grep -nE '^#include "daemon/core/' daemon/sip/*.[ch] |
    grep -vE 'core/(conf|limit|sandbox)\.h"')
[ -z "$out" ] || { echo "layering: $out"; bad=1; }
allow daemon/voice "$base|daemon/proto|daemon/core|daemon/voice"
allow daemon/web   "$low|db|content|menus|daemon/core|daemon/web"
# safar-console has of core what needs no keys
out=$(grep -nE '^#include "daemon/core/' daemon/web/*.[ch] |
    grep -vE 'core/(account|conf|control|limit|sandbox)\.h"')
[ -z "$out" ] || { echo "layering: $out"; bad=1; }
allow daemon/ctl   "$low|db|content|menus|daemon/core|daemon/ctl"
only() { # header regex, folder regex that alone may use it
	out=$(grep -rnE "^#include <($1)" --include='*.[ch]' --include='*.cc' \
	    daemon db content menus | grep -vE "^($2)")
	[ -z "$out" ] || { echo "only $2 may include: $out"; bad=1; }
}
only 'sqlite3\.h'      'db/'
only 'event2/'         'daemon/(core|gw|voice|web)/|daemon/main\.c'
only 'openssl/'       'daemon/(gw/tls|web/(tls|totp))\.c'
only 'qrencode\.h'     'daemon/web/qr\.c'
only 'pcre2\.h'        'menus/|content/'
only 'phonenumbers/'   'daemon/phone/phone_shim\.cc'
only 're(m)?\.h'       'daemon/sip/'
only 'seccomp\.h'      'daemon/core/sandbox\.c'
only 'linux/landlock' 'daemon/core/sandbox\.c'
only 'sodium'          'daemon/core/'
only 'unicode/'        'daemon/proto/|content/|menus/'
only 'gettext-po'      'content/'
only 'cyaml/'          'menus/|daemon/core/'
only 'zip\.h'          'content/'
out=$(grep -rnwE '(strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|gets|strncpy|system|popen|localtime|gmtime|alloca)[[:space:]]*\(' \
    --include='*.[ch]' daemon db content menus)
[ -z "$out" ] || { echo "banned call: $out"; bad=1; }
out=$(grep -rnE 'log_kv\(' --include='*.c' daemon/base daemon/proto daemon/phone db content menus |
    grep -v '^daemon/base/log\.c')
[ -z "$out" ] || { echo "below core nothing logs: $out"; bad=1; }
# a line of the log, to its ';': no view (numbers and texts are views), no digits
out=$(find daemon -name '*.c' -exec awk '
    FNR == 1 { said = "" }
    /log_kv\(/ { said = "" ; open = 1 }
    open { said = said " " $0 }
    open && /;/ {
	    open = 0
	    gsub(/vault_phone_tag\([^;]*\)\)/, "", said)
	    if (said ~ /SV_FMT|SV_ARG|%\.\*s|phone_reveal|digits|->in->|msg\.(to|from|text)/)
		    print FILENAME ":" FNR ":" said
    }' {} +)
[ -z "$out" ] || { echo "a number or a text could be logged: $out"; bad=1; }
exit $bad

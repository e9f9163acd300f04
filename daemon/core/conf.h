/*
 * conf.h - DIR/safar.yaml: every setting, described once in conf.def.
 *
 * Read by libcyaml; an unknown or bad setting is refused with file, line,
 * what is wrong and what to write instead.
 */
#ifndef DAEMON_CORE_CONF_H
#define DAEMON_CORE_CONF_H

#include <stdio.h>

#include "daemon/base/diag.h"
#include "daemon/base/log.h"

enum { CONF_GATEWAYS_MAX = 16, CONF_PASSWORD_MAX = 63 };

/* What an SMSC takes data_coding 0 for, default_alphabet in the settings. */
enum conf_alphabet { ALPHABET_GSM7, ALPHABET_GSM7_PACKED, ALPHABET_LATIN1 };

struct conf_gateway {
#define TEXT(section, name, max, def, text) char name[(max) + 1];
#define INT(section, name, def, min, max, unit, text) int64_t name;
#define BOOL(section, name, def, text) bool name;
#define CHOICE(section, name, def, words, text) int64_t name;
#include "daemon/core/conf_gateway.def"
#undef TEXT
#undef INT
#undef BOOL
#undef CHOICE
	char password[9]; /* not a setting: see conf_password() */
};

struct conf {
#define SECTION(name, text) struct {
#define INT(section, name, def, min, max, unit, text) int64_t name;
#define BOOL(section, name, def, text) bool name;
#define CHOICE(section, name, def, words, text) int64_t name;
#define TEXT(section, name, max, def, text) char name[(max) + 1];
#define SECTION_END(name)                                                      \
	}                                                                      \
	name;
#include "daemon/core/conf.def"
#undef SECTION
#undef INT
#undef BOOL
#undef CHOICE
#undef TEXT
#undef SECTION_END
	struct conf_gateway gateways[CONF_GATEWAYS_MAX];
	size_t gateway_count;
};

void conf_defaults(struct conf *c);

/*
 * Read a settings file over the defaults.
 *
 * Returns 0, -ENOENT, -EINVAL with "FILE:LINE: what; what to write".
 */
MUST_USE int conf_load(
    const char *path, struct conf *ret_conf, struct diag *reterr_diag);

/*
 * Read a gateway's password: one line of at most 8 characters.  It is the
 * systemd credential safar.NAME.password (in $CREDENTIALS_DIRECTORY), else the
 * file DIR/keys/NAME.password, which only its owner can read.
 *
 * Returns 0, -ENOENT, -EPERM, -EINVAL, -EIO, each with a sentence.
 */
MUST_USE int conf_password(
    const char *dir, struct conf_gateway *g, struct diag *reterr_diag);

/* The same for any name; size with the NUL. */
MUST_USE int conf_password_of(const char *dir, const char *name,
    char *ret_password, size_t size, struct diag *reterr_diag);

enum { CONF_PRICE_UNITS = 10000 };

/* "0.85" in ten thousandths; false if it is no such price. */
MUST_USE bool conf_price(const char *text, int64_t *ret_units);

/* Write an annotated settings file.  production: only verified contacts, no
 * test phone; else everything stands at its default. */
void conf_write(FILE *f, bool production);

#endif

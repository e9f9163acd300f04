/* conf.c - the table of settings: parser, defaults, limits, manual in one. */
#include "daemon/core/conf.h"

#include <cyaml/cyaml.h>
#include <stdlib.h>
#include <string.h>

#include "content/file.h"

enum {
	CONF_FILE_MAX = 256 * 1024,
	CONF_VALUE_MAX = 1000,
	COMMENT_COLUMNS = 72
};
enum conf_type { CONF_INT, CONF_BOOL, CONF_CHOICE, CONF_TEXT };

/* What libcyaml fills: every value as text, NULL when absent. */
struct raw_gateway {
#define TEXT(section, name, max, def, text) char *name;
#define INT(section, name, def, min, max, unit, text) char *name;
#define BOOL(section, name, def, text) char *name;
#define CHOICE(section, name, def, words, text) char *name;
#include "daemon/core/conf_gateway.def"
#undef TEXT
#undef INT
#undef BOOL
#undef CHOICE
};
#define SECTION(name, text) struct raw_##name {
#define INT(section, name, def, min, max, unit, text) char *name;
#define BOOL(section, name, def, text) char *name;
#define CHOICE(section, name, def, words, text) char *name;
#define TEXT(section, name, max, def, text) char *name;
#define SECTION_END(name)                                                      \
	}                                                                      \
	;
#include "daemon/core/conf.def"
#undef SECTION
#undef INT
#undef BOOL
#undef CHOICE
#undef TEXT
#undef SECTION_END
struct raw {
#define SECTION(name, text) struct raw_##name name;
#define INT(section, name, def, min, max, unit, text)
#define BOOL(section, name, def, text)
#define CHOICE(section, name, def, words, text)
#define TEXT(section, name, max, def, text)
#define SECTION_END(name)
#include "daemon/core/conf.def"
#undef SECTION
#undef INT
#undef BOOL
#undef CHOICE
#undef TEXT
#undef SECTION_END
	struct raw_gateway *gateways;
	unsigned gateways_count;
};

struct conf_opt {
	const char *section, *name;
	enum conf_type type;
	size_t off, raw_off;
	int64_t def, min, max;
	const char *words; /* CONF_CHOICE: "a|b"; CONF_TEXT: the default */
	const char *unit, *text;
};

static const struct conf_opt conf_opts[] = {
#define SECTION(name, text)
#define INT(section, name, def, min, max, unit, text)                          \
	{ #section, #name, CONF_INT, offsetof(struct conf, section.name),      \
		offsetof(struct raw, section.name), def, min, max, NULL, unit, \
		text },
#define BOOL(section, name, def, text)                                         \
	{ #section, #name, CONF_BOOL, offsetof(struct conf, section.name),     \
		offsetof(struct raw, section.name), def, 0, 1, NULL, NULL,     \
		text },
#define CHOICE(section, name, def, words, text)                                \
	{ #section, #name, CONF_CHOICE, offsetof(struct conf, section.name),   \
		offsetof(struct raw, section.name), def, 0, 0, words, NULL,    \
		text },
#define TEXT(section, name, max, def, text)                                    \
	{ #section, #name, CONF_TEXT, offsetof(struct conf, section.name),     \
		offsetof(struct raw, section.name), 0, 0, max, def, NULL,      \
		text },
#define SECTION_END(name)
#include "daemon/core/conf.def"
#undef SECTION
#undef INT
#undef BOOL
#undef CHOICE
#undef TEXT
#undef SECTION_END
};

static const struct conf_opt gateway_opts[] = {
#define TEXT(section, name, max, def, text)                                    \
	{ "gateways", #name, CONF_TEXT, offsetof(struct conf_gateway, name),   \
		offsetof(struct raw_gateway, name), 0, 0, max, def, NULL,      \
		text },
#define INT(section, name, def, min, max, unit, text)                          \
	{ "gateways", #name, CONF_INT, offsetof(struct conf_gateway, name),    \
		offsetof(struct raw_gateway, name), def, min, max, NULL, unit, \
		text },
#define BOOL(section, name, def, text)                                         \
	{ "gateways", #name, CONF_BOOL, offsetof(struct conf_gateway, name),   \
		offsetof(struct raw_gateway, name), def, 0, 1, NULL, NULL,     \
		text },
#define CHOICE(section, name, def, words, text)                                \
	{ "gateways", #name, CONF_CHOICE, offsetof(struct conf_gateway, name), \
		offsetof(struct raw_gateway, name), def, 0, 0, words, NULL,    \
		text },
#include "daemon/core/conf_gateway.def"
#undef TEXT
#undef INT
#undef BOOL
#undef CHOICE
};

static const struct conf_section {
	const char *name, *text;
} conf_sections[] = {
#define SECTION(name, text) { #name, text },
#define INT(section, name, def, min, max, unit, text)
#define BOOL(section, name, def, text)
#define CHOICE(section, name, def, words, text)
#define TEXT(section, name, max, def, text)
#define SECTION_END(name)
#include "daemon/core/conf.def"
#undef SECTION
#undef INT
#undef BOOL
#undef CHOICE
#undef TEXT
#undef SECTION_END
};

/* libcyaml's schema: all scalars are taken as text, since its own reading of
 * integers accepts "12a". */
#define VALUE(type, name)                                                      \
	CYAML_FIELD_STRING_PTR(#name,                                          \
	    CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, name, 0,           \
	    CONF_VALUE_MAX),
#define SECTION(name, text)                                                    \
	static const cyaml_schema_field_t fields_##name[] = {
#define INT(section, name, def, min, max, unit, text)                          \
	VALUE(struct raw_##section, name)
#define BOOL(section, name, def, text) VALUE(struct raw_##section, name)
#define CHOICE(section, name, def, words, text)                                \
	VALUE(struct raw_##section, name)
#define TEXT(section, name, max, def, text) VALUE(struct raw_##section, name)
#define SECTION_END(name)                                                      \
	CYAML_FIELD_END                                                        \
	}                                                                      \
	;
#include "daemon/core/conf.def"
#undef SECTION
#undef SECTION_END
#undef INT
#undef BOOL
#undef CHOICE
#undef TEXT
static const cyaml_schema_field_t fields_gateway[] = {
#define TEXT(section, name, max, def, text) VALUE(struct raw_gateway, name)
#define INT(section, name, def, min, max, unit, text)                          \
	VALUE(struct raw_gateway, name)
#define BOOL(section, name, def, text) VALUE(struct raw_gateway, name)
#define CHOICE(section, name, def, words, text) VALUE(struct raw_gateway, name)
#include "daemon/core/conf_gateway.def"
#undef TEXT
#undef INT
#undef BOOL
#undef CHOICE
	CYAML_FIELD_END
};
static const cyaml_schema_value_t value_gateway = {
	CYAML_VALUE_MAPPING(
	    CYAML_FLAG_DEFAULT, struct raw_gateway, fields_gateway),
};
static const cyaml_schema_field_t fields_top[] = {
#define SECTION(name, text)                                                    \
	CYAML_FIELD_MAPPING(                                                   \
	    #name, CYAML_FLAG_OPTIONAL, struct raw, name, fields_##name),
#define INT(section, name, def, min, max, unit, text)
#define BOOL(section, name, def, text)
#define CHOICE(section, name, def, words, text)
#define TEXT(section, name, max, def, text)
#define SECTION_END(name)
#include "daemon/core/conf.def"
#undef SECTION
#undef INT
#undef BOOL
#undef CHOICE
#undef TEXT
#undef SECTION_END
	CYAML_FIELD_SEQUENCE("gateways",
	    CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw, gateways,
	    &value_gateway, 0, CONF_GATEWAYS_MAX),
	CYAML_FIELD_END
};
static const cyaml_schema_value_t value_top = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct raw, fields_top),
};

static void
opt_default(const struct conf_opt *o, char *base)
{
	bool b = o->def != 0;

	switch (o->type) {
	case CONF_INT:
	case CONF_CHOICE:
		memcpy(base + o->off, &o->def, sizeof(o->def));
		break;
	case CONF_BOOL:
		memcpy(base + o->off, &b, sizeof(b));
		break;
	case CONF_TEXT:
		memcpy(base + o->off, o->words, strlen(o->words) + 1);
		break;
	}
}

void
conf_defaults(struct conf *c)
{
	size_t i;

	*c = (struct conf){ 0 };
	for (i = 0; i < ARRAY_LEN(conf_opts); i++)
		opt_default(&conf_opts[i], (char *)c);
}

/* Line of "key:" below "section:" (the item-th entry of a list), or the
 * section's own line, or 1: libcyaml tells lines of parse errors only. */
static unsigned
line_of(const char *yaml, const char *section, size_t item, const char *key)
{
	unsigned line = 1, found = 1;
	bool in_section = section == NULL;
	size_t items = 0, n = strlen(key);
	const char *p, *q;

	for (p = yaml; *p != '\0'; line++) {
		q = p + strspn(p, " -");
		if (section != NULL && q == p && *p != '#' && *p != '\n') {
			in_section = strncmp(p, section, strlen(section)) == 0;
			if (in_section)
				found = line;
		}
		if (in_section && memchr(p, '-', (size_t)(q - p)) != NULL &&
		    ++items == item)
			found = line;
		if (in_section && items == item && strncmp(q, key, n) == 0 &&
		    q[n + strspn(q + n, " ")] == ':')
			return line;
		p += strcspn(p, "\n");
		p += *p == '\n';
	}
	return found;
}

static int
choice_of(const char *words, const char *value, int64_t *ret)
{
	size_t n = strlen(value);
	int64_t i = 0;
	const char *p;

	for (p = words; *p != '\0'; i++) {
		if (strcspn(p, "|") == n && memcmp(p, value, n) == 0) {
			*ret = i;
			return 0;
		}
		p += strcspn(p, "|");
		p += *p == '|';
	}
	return -EINVAL;
}

/* Why a value was refused, in the words that follow "name: ". */
static int
opt_set(
    const struct conf_opt *o, const char *value, char *base, struct diag *why)
{
	int64_t v = 0;
	char *end;
	bool b;

	switch (o->type) {
	case CONF_INT:
		errno = 0;
		v = strtoll(value, &end, 10);
		if (end == value || *end != '\0')
			return diag_set(
			    why, -EINVAL, "'%s' is not a whole number", value);
		if (errno == ERANGE || v < o->min || v > o->max)
			return diag_set(why, -EINVAL,
			    "%s is outside; write %lld to %lld%s%s", value,
			    (long long)o->min, (long long)o->max,
			    *o->unit != '\0' ? " " : "", o->unit);
		memcpy(base + o->off, &v, sizeof(v));
		return 0;
	case CONF_BOOL:
		if (choice_of("no|yes|false|true|off|on", value, &v) < 0)
			return diag_set(
			    why, -EINVAL, "'%s'; write yes or no", value);
		b = v % 2 != 0;
		memcpy(base + o->off, &b, sizeof(b));
		return 0;
	case CONF_CHOICE:
		if (choice_of(o->words, value, &v) < 0)
			return diag_set(why, -EINVAL, "'%s'; write one of %s",
			    value, o->words);
		memcpy(base + o->off, &v, sizeof(v));
		return 0;
	case CONF_TEXT:
		if (strlen(value) > (size_t)o->max)
			return diag_set(why, -EINVAL,
			    "longer than %lld characters", (long long)o->max);
		memcpy(base + o->off, value, strlen(value) + 1);
		return 0;
	}
	return -EINVAL;
}

struct loading {
	const char *path, *yaml;
	struct diag *diag;
	bool placed; /* the diagnosis has its file and line */
};

static int
opts_set(const struct loading *ld, const struct conf_opt *opts, size_t count,
    size_t item, const void *raw, void *ret)
{
	struct diag why;
	char *value;
	size_t i;

	for (i = 0; i < count; i++) {
		memcpy(
		    &value, (const char *)raw + opts[i].raw_off, sizeof(value));
		if (value == NULL || opt_set(&opts[i], value, ret, &why) == 0)
			continue;
		return diag_set(ld->diag, -EINVAL, "%s:%u: %s.%s: %s", ld->path,
		    line_of(ld->yaml, opts[i].section, item, opts[i].name),
		    opts[i].section, opts[i].name, why.text);
	}
	return 0;
}

struct objection {
	const char *key, *what; /* NULL: there is none */
};

bool
conf_price(const char *text, int64_t *ret_units)
{
	int64_t units = 0, unit = CONF_PRICE_UNITS;
	const char *p;

	for (p = text; *p >= '0' && *p <= '9'; p++)
		units = units * 10 + (*p - '0');
	if (p == text || p - text > 6)
		return false;
	units *= unit;
	if (*p == '.')
		for (p++; *p >= '0' && *p <= '9' && unit > 1; p++)
			units += (*p - '0') * (unit /= 10);
	if (*p != '\0' || p[-1] == '.')
		return false;
	*ret_units = units;
	return true;
}

static struct objection
price_check(const struct conf_gateway *g)
{
	int64_t units;

	if (g->price[0] == '\0' && g->currency[0] == '\0')
		return (struct objection){ 0 };
	if (!conf_price(g->price, &units))
		return (struct objection){ "price",
			"write what a part costs, as 0.85, with at most four "
			"digits behind the point" };
	if (strspn(g->currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3)
		return (struct objection){ "currency",
			"write three capital letters, as KGS" };
	return (struct objection){ 0 };
}

static struct objection
smpp_check(const struct conf_gateway *g)
{
	int64_t word;

	if (g->system_id[0] == '\0')
		return (struct objection){ "system_id",
			"write the name the operator gave you" };
	if (g->box_id[0] != '\0')
		return (struct objection){ "box_id", "only for kannel" };
	if (choice_of("transceiver|transmitter+receiver", g->bind, &word) < 0)
		return (struct objection){ "bind",
			"write transceiver or transmitter+receiver" };
	if (choice_of("same|decimal|hex", g->receipt_ids, &word) < 0)
		return (struct objection){ "receipt_ids",
			"write same, decimal or hex" };
	if (!g->tls && g->tls_ca[0] != '\0')
		return (struct objection){ "tls_ca", "write also tls: yes" };
	if (!g->tls && g->tls_name[0] != '\0')
		return (struct objection){ "tls_name", "write also tls: yes" };
	return (struct objection){ 0 };
}

static struct objection
driver_check(const struct conf_gateway *g)
{
	if (strcmp(g->driver, "smpp") == 0)
		return smpp_check(g);
	if (strcmp(g->driver, "kannel") != 0)
		return (struct objection){ "driver", "write kannel or smpp" };
	if (g->system_id[0] != '\0')
		return (struct objection){ "system_id", "only for smpp" };
	if (g->tls)
		return (struct objection){ "tls", "only for smpp" };
	return (struct objection){ 0 };
}

static struct objection
gateway_objection(const struct conf *c, size_t at)
{
	const struct conf_gateway *g = &c->gateways[at];
	struct objection driver = driver_check(g);
	int64_t country;
	size_t i;

	if (g->country[0] != '\0' &&
	    choice_of("kg|kz|ru|tj|uz", g->country, &country) < 0)
		return (struct objection){ "country",
			"write kg, kz, ru, tj or uz" };
	if (driver.key != NULL)
		return driver;
	for (i = 0; i < at; i++)
		if (strcmp(c->gateways[i].name, g->name) == 0)
			return (struct objection){ "name",
				"another gateway has this name" };
	if (strcmp(g->name, "phone") == 0)
		return (struct objection){ "name",
			"the test phone has this name; another" };
	if (g->name[0] == '\0' ||
	    strspn(g->name, "abcdefghijklmnopqrstuvwxyz0123456789-") !=
		strlen(g->name))
		return (struct objection){ "name",
			"write a name of a-z, 0-9 and -" };
	if (g->line[0] == '\0')
		return (struct objection){ "line",
			"write the number people send texts to" };
	return price_check(g);
}

static int
gateway_check(const struct loading *ld, const struct conf *c, size_t at)
{
	struct objection o = gateway_objection(c, at);

	if (o.key == NULL)
		return 0;
	return diag_set(ld->diag, -EINVAL, "%s:%u: gateways, entry %zu, %s: %s",
	    ld->path, line_of(ld->yaml, "gateways", at + 1, o.key), at + 1,
	    o.key, o.what);
}

static int
raw_read(const struct loading *ld, const struct raw *raw, struct conf *c)
{
	size_t i, k;
	int rc;

	rc = opts_set(ld, conf_opts, ARRAY_LEN(conf_opts), 0, raw, c);
	for (i = 0; rc == 0 && i < raw->gateways_count; i++) {
		for (k = 0; k < ARRAY_LEN(gateway_opts); k++)
			opt_default(&gateway_opts[k], (char *)&c->gateways[i]);
		rc = opts_set(ld, gateway_opts, ARRAY_LEN(gateway_opts), i + 1,
		    &raw->gateways[i], &c->gateways[i]);
		if (rc == 0)
			rc = gateway_check(ld, c, i);
		c->gateway_count = i + 1;
	}
	return rc;
}

/* libcyaml's faults in the words of settings; others as they are. */
static const char *
cyaml_fault(const char *said)
{
	static const char *const words[][2] = {
		{ "Expecting MAPPING", "`name: value` must stand here" },
		{ "Expecting SEQUENCE",
		    "a list must stand here; begin each entry with `- `" },
		{ "Expecting STRING", "one value must stand here" },
		{ "Mapping field already seen", "a name stands here twice" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(words); i++)
		if (strncmp(said, words[i][0], strlen(words[i][0])) == 0)
			return words[i][1];
	return said;
}

/* libcyaml's first message names the fault, the next lines its place. */
PRINTF(3, 0)
static void
on_cyaml_log(cyaml_log_t level, void *arg, const char *fmt, va_list args)
{
	struct loading *ld = arg;
	char line[256], *at;
	unsigned n;

	(void)level;
	if (vsnprintf(line, sizeof(line), fmt, args) < 0)
		return;
	line[strcspn(line, "\n")] = '\0';
	at = strstr(line, "(line: ");
	if (ld->diag->text[0] == '\0') {
		at = strstr(line, "Unexpected key: ");
		if (at == NULL) {
			at = strstr(line, "Load: ");
			(void)diag_set(ld->diag, 0, "%s",
			    cyaml_fault(
				at != NULL ? at + strlen("Load: ") : line));
			return;
		}
		at += strlen("Unexpected key: ");
		ld->placed = true;
		(void)diag_set(ld->diag, 0,
		    "%s:%u: unknown setting '%s'; `safarctl conf --explain` "
		    "lists all",
		    ld->path, line_of(ld->yaml, NULL, 0, at), at);
	} else if (at != NULL && !ld->placed) {
		struct diag what = *ld->diag;

		n = (unsigned)strtoul(at + strlen("(line: "), NULL, 10);
		ld->placed = true;
		(void)diag_set(
		    ld->diag, 0, "%s:%u: %s", ld->path, n, what.text);
	}
}

/* The usual slip, which libyaml names without its line. */
static int
tab_check(const struct loading *ld)
{
	const char *p = ld->yaml;
	unsigned line;

	for (line = 1; *p != '\0'; line++) {
		p += strspn(p, " ");
		if (*p == '\t')
			return diag_set(ld->diag, -EINVAL,
			    "%s:%u: a tab; indent with spaces", ld->path, line);
		p += strcspn(p, "\n");
		p += *p == '\n';
	}
	return 0;
}

int
conf_load(const char *path, struct conf *ret_conf, struct diag *reterr_diag)
{
	struct diag first = { "" };
	struct loading ld = { .path = path, .diag = &first };
	const cyaml_config_t cy = { .log_fn = on_cyaml_log,
		.log_ctx = &ld,
		.mem_fn = cyaml_mem,
		.log_level = CYAML_LOG_ERROR };
	struct raw *raw = NULL;
	struct conf c;
	char *text;
	size_t len;
	int rc;

	rc = file_read_text(path, CONF_FILE_MAX, &text, &len, reterr_diag);
	if (rc == -ENOENT)
		return diag_set(reterr_diag, rc,
		    "%s: no such file; make a data folder with `safarctl init "
		    "DIR`",
		    path);
	if (rc < 0)
		return rc;
	ld.yaml = text;
	conf_defaults(&c);
	/* a file of comments only has no document for libcyaml */
	rc = tab_check(&ld);
	if (rc == 0 && text[strspn(text, " \n")] != '\0' &&
	    cyaml_load_data((const uint8_t *)text, len, &cy, &value_top,
		(cyaml_data_t **)&raw, NULL) != CYAML_OK) {
		/* no place was told: the file as a whole is something else */
		rc = diag_set(reterr_diag, -EINVAL, "%s:1: %s", path,
		    first.text[0] != '\0' ? first.text : "not valid YAML");
		if (!ld.placed)
			first.text[0] = '\0';
	} else if (raw != NULL) {
		rc = raw_read(&ld, raw, &c);
	}
	if (rc < 0 && first.text[0] != '\0')
		*reterr_diag = first;
	(void)cyaml_free(&cy, &value_top, raw, 0);
	free(text);
	if (rc == 0)
		*ret_conf = c;
	return rc;
}

/* A comment, folded at spaces. */
static void
comment_write(FILE *f, const char *lead, const char *text)
{
	size_t n;

	while (*text != '\0') {
		n = strlen(text);
		if (n > COMMENT_COLUMNS) {
			n = COMMENT_COLUMNS;
			while (text[n] != ' ')
				n--;
		}
		fprintf(f, "%s# %.*s\n", lead, (int)n, text);
		text += n;
		text += strspn(text, " ");
	}
}

static void
opt_write(FILE *f, const struct conf_opt *o, int64_t value, const char *lead)
{
	const char *p = o->words;
	int64_t i;

	comment_write(f, lead, o->text);
	fputs(lead, f);
	switch (o->type) {
	case CONF_INT:
		fprintf(f, "%s: %lld  # %lld to %lld%s%s\n", o->name,
		    (long long)value, (long long)o->min, (long long)o->max,
		    *o->unit != '\0' ? " " : "", o->unit);
		break;
	case CONF_BOOL:
		fprintf(f, "%s: %s\n", o->name, value != 0 ? "yes" : "no");
		break;
	case CONF_CHOICE:
		for (i = 0; i < value; i++)
			p = strchr(p, '|') + 1;
		fprintf(f, "%s: %.*s  # %s\n", o->name, (int)strcspn(p, "|"), p,
		    o->words);
		break;
	case CONF_TEXT:
		fprintf(f, "%s: \"%s\"\n", o->name, o->words);
		break;
	}
}

static int64_t
production_value(const struct conf_opt *o)
{
	if (strcmp(o->name, "require_verified_days") == 0)
		return 180;
	if (strcmp(o->section, "phone") == 0)
		return 0;
	if (strcmp(o->name, "approval") == 0)
		return 1;
	return o->def;
}

void
conf_write(FILE *f, bool production)
{
	size_t i, k;

	fputs("# Settings of Safar.  A line that is taken out stands at its "
	      "default.\n# After a change: restart safard.\n",
	    f);
	for (i = 0; i < ARRAY_LEN(conf_sections); i++) {
		fprintf(f, "\n# %s\n%s:\n", conf_sections[i].text,
		    conf_sections[i].name);
		for (k = 0; k < ARRAY_LEN(conf_opts); k++)
			if (strcmp(conf_opts[k].section,
				conf_sections[i].name) == 0)
				opt_write(f, &conf_opts[k],
				    production ?
					production_value(&conf_opts[k]) :
					conf_opts[k].def,
				    "  ");
	}
	fputs("\n# SMS gateways: take the # away and fill in.\n#gateways:\n"
	      "#  -\n",
	    f);
	for (k = 0; k < ARRAY_LEN(gateway_opts); k++)
		opt_write(f, &gateway_opts[k], gateway_opts[k].def, "#    ");
}

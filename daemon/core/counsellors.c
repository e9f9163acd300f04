/* counsellors.c - who talks to callers, by language and hour. */
#include "daemon/core/counsellors.h"

enum { DAY_MIN = 24 * 60, HOURS_LEN = 9 /* "0900-1800" */ };

static const char target_chars[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789_.-+/@:";

static bool
read_langs(struct sv text, unsigned *ret_langs)
{
	unsigned langs = 0;
	enum lang lang;

	if (sv_eq(text, SV("any")))
		langs = (1u << LANG_COUNT) - 1;
	while (langs != (1u << LANG_COUNT) - 1 && text.n > 0) {
		lang = lang_of(sv_cut(&text, ','));
		if (lang == LANG_NONE)
			return false;
		langs |= 1u << lang;
		if (lang == LANG_UZ) /* both of its forms are spoken alike */
			langs |= 1u << LANG_UZ_CYRL;
	}
	*ret_langs = langs;
	return langs != 0;
}

/* Four digits.  False if they are no time of a day; 2400 is its end. */
static bool
read_time(const char *p, unsigned *ret_minute)
{
	unsigned value = 0, minute;
	size_t i;

	for (i = 0; i < 4; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		value = value * 10 + (unsigned)(p[i] - '0');
	}
	minute = value / 100 * 60 + value % 100;
	if (value % 100 > 59 || minute > DAY_MIN)
		return false;
	*ret_minute = minute % DAY_MIN;
	return true;
}

static bool
read_target(struct sv text, char ret_target[COUNSELLOR_TARGET_MAX + 1])
{
	size_t i;

	if (text.n == 0 || text.n > COUNSELLOR_TARGET_MAX)
		return false;
	for (i = 0; i < text.n; i++)
		if (text.p[i] == '\0' ||
		    strchr(target_chars, text.p[i]) == NULL)
			return false;
	memcpy(ret_target, text.p, text.n);
	ret_target[text.n] = '\0';
	return true;
}

/* NULL, or which part of it is wrong. */
static const char *
read_one(struct sv text, struct counsellor *c)
{
	struct sv langs = sv_cut(&text, '@');
	struct sv hours = sv_cut(&text, '=');

	if (!read_langs(langs, &c->langs))
		return "languages: write codes as ru,ky before the @, or any";
	if (hours.n != HOURS_LEN || hours.p[4] != '-' ||
	    !read_time(hours.p, &c->from) || !read_time(hours.p + 5, &c->to))
		return "hours: write them as 0900-1800";
	if (!read_target(text, c->target))
		return "target: write what Dial takes behind the =, of "
		       "letters, "
		       "digits and _.-+/@:";
	return NULL;
}

int
counsellors_read(const char *setting, struct counsellors *ret_counsellors,
    struct diag *reterr_diag)
{
	struct counsellors all = { .count = 0 };
	struct sv rest = sv_of(setting), one;
	const char *wrong;

	while (rest.n > 0) {
		one = sv_cut(&rest, ' ');
		if (one.n == 0)
			continue;
		if (all.count == COUNSELLORS_MAX)
			return diag_set(reterr_diag, -EINVAL,
			    "voice.counsellors: more than %d",
			    (int)COUNSELLORS_MAX);
		wrong = read_one(one, &all.list[all.count]);
		if (wrong != NULL)
			return diag_set(reterr_diag, -EINVAL,
			    "voice.counsellors, entry %zu, %s", all.count + 1,
			    wrong);
		all.count++;
	}
	*ret_counsellors = all;
	return 0;
}

static bool
is_there(const struct counsellor *c, unsigned minute)
{
	if (c->from == c->to)
		return true;
	if (c->from < c->to)
		return minute >= c->from && minute < c->to;
	return minute >= c->from || minute < c->to;
}

const struct counsellor *
counsellors_find(const struct counsellors *c, enum lang lang, unsigned minute)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		if ((c->list[i].langs >> lang & 1) != 0 &&
		    is_there(&c->list[i], minute))
			return &c->list[i];
	return NULL;
}

unsigned
counsellors_langs(const struct counsellors *c, unsigned minute)
{
	unsigned langs = 0;
	size_t i;

	for (i = 0; i < c->count; i++)
		if (is_there(&c->list[i], minute))
			langs |= c->list[i].langs;
	return langs;
}

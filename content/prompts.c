/* prompts.c - puts together what an edition has to be able to say. */
#include "content/prompts.h"

#include <stdarg.h>
#include <stdio.h>

#include "content/hours.h"
#include "content/names.h"
#include "content/numbers.h"

enum {
	BLOCK = 8 << 10,
	PROMPT_BYTES = 256 << 10,
	WHAT_MAX = 4, /* topics told of a listing */
};

static const char label_prefix[] = "label.", plain_suffix[] = ".plain";

struct list {
	const struct content *content;
	void (*fn)(void *arg, const struct prompt *prompt);
	void *arg;
	struct arena *arena; /* of one prompt */
	enum lang lang;
};

enum lang
prompts_lang(enum lang lang)
{
	return lang == LANG_UZ_CYRL ? LANG_UZ : lang;
}

static bool
starts_with(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

static bool
ends_with(const char *s, const char *with)
{
	size_t n = strlen(s), m = strlen(with);

	return n >= m && strcmp(s + n - m, with) == 0;
}

/* A text in the list's language, or the next one that has it. */
static struct sv
text_find(const struct list *l, const char *id, enum lang *ret_read)
{
	enum lang from = l->lang;

	while (from != LANG_NONE && !texts_has(l->content->texts, from, id))
		from = lang_fallback(from);
	if (from == LANG_NONE)
		return (struct sv){ 0 };
	*ret_read = from;
	return texts_get(l->content->texts, from, id);
}

static struct sv
text_of(const struct list *l, const char *id)
{
	enum lang read;

	return text_find(l, id, &read);
}

PRINTF(2, 3)
static const char *
name_id(const struct list *l, const char *fmt, ...)
{
	char *id = arena_get(l->arena, PROMPT_ID_MAX);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(id, PROMPT_ID_MAX, fmt, ap);
	va_end(ap);
	return id;
}

static void
put(struct list *l, const char *id, struct sv text, enum lang read)
{
	const struct prompt p = { l->lang, id, text, read };

	if (text.n > 0)
		l->fn(l->arg, &p);
	arena_reset(l->arena);
}

/* Fill in a text's one placeholder. */
static struct sv
filled(const struct list *l, struct sv text, const char *holder, struct sv in)
{
	size_t n = strlen(holder);
	const char *at = text.n > 0 ? memmem(text.p, text.n, holder, n) : NULL;
	struct sb b;

	if (at == NULL)
		return text;
	sb_init(&b, l->arena, PROMPT_TEXT_MAX);
	sb_put(&b, (struct sv){ text.p, (size_t)(at - text.p) });
	sb_put(&b, in);
	at += n;
	sb_put(&b, (struct sv){ at, (size_t)(text.p + text.n - at) });
	return sb_sv(&b);
}

/* Texts that are prompts as they stand. */
static void
on_text(void *arg, const char *id)
{
	struct list *l = arg;
	enum lang read = l->lang;
	struct sv text;

	if (!starts_with(id, "voice.") && !starts_with(id, "press."))
		return;
	text = text_find(l, id, &read);
	put(l, id, text, read);
}

/* A menu's line: a text of its own, else its label in SMS. */
static void
on_label(void *arg, const char *id)
{
	struct list *l = arg;
	enum lang read = l->lang;
	const char *name;
	struct sv text;

	if (!starts_with(id, label_prefix) || ends_with(id, plain_suffix))
		return;
	name = name_id(l, "for.%s", id + strlen(label_prefix));
	text = text_find(l, name, &read);
	if (text.n == 0 || read != l->lang) {
		text = text_find(l, id, &read);
		text = filled(l, text_of(l, "for"), "{label}", text);
	}
	put(l, name, text, read);
}

static void
digits_put(struct list *l)
{
	unsigned i;

	for (i = 0; i < 10; i++)
		put(l, name_id(l, "digit.%u", i),
		    sv_of(numbers_digit(l->lang, i)), l->lang);
}

static void
places_put(struct list *l)
{
	const struct places *places = l->content->places;
	uint16_t i;

	for (i = 0; i < places_count(places); i++) {
		const struct place *p = places_at(places, i);

		put(l, name_id(l, "place.%s", p->id), p->names[l->lang],
		    l->lang);
	}
}

static void
name_put(struct list *l, const struct listing *org)
{
	enum lang read = LANG_EN;
	struct sv name;

	if (org->names[l->lang].n > 0)
		read = l->lang;
	else if (org->names[LANG_RU].n > 0)
		read = LANG_RU;
	name = org->names[read];
	name = names_replace(
	    l->content->texts, read, "names.discreet", name, l->arena);
	name = names_without(name, org->short_code, l->arena);
	put(l, name_id(l, "org.%s.name", org->id), name, read);
}

/* The word for a topic, the listing's main one first. */
static bool
topic_put(const struct list *l, struct sb *b, uint16_t topic)
{
	const char *id = topics_at(l->content->topics, topic)->id;
	struct sv text = text_of(l, name_id(l, "what.%s", id));

	if (text.n == 0)
		text = text_of(l, name_id(l, "label.%s", id));
	if (text.n == 0)
		return false;
	if (b->n > 0)
		sb_puts(b, ", ");
	sb_put(b, text);
	return true;
}

static void
what_put(struct list *l, const struct listing *org)
{
	uint16_t i, count = topics_count(l->content->topics);
	unsigned told = 0;
	struct sb b;

	sb_init(&b, l->arena, PROMPT_TEXT_MAX);
	if (org->topics >> org->main_topic & 1)
		told += topic_put(l, &b, org->main_topic);
	for (i = 0; i < count && told < WHAT_MAX; i++)
		if (i != org->main_topic && org->topics >> i & 1)
			told += topic_put(l, &b, i);
	if (told > 0)
		put(l, name_id(l, "org.%s.what", org->id),
		    filled(l, text_of(l, "what"), "{topics}", sb_sv(&b)),
		    l->lang);
}

bool
prompts_says_hours(const struct listing *org)
{
	struct hours h;

	return hours_read(org->hours, &h) == 0;
}

/* "Every day", "Monday to Friday", "Monday, Wednesday". */
static void
days_put(const struct list *l, struct sb *b, unsigned days)
{
	static const unsigned weekdays = 0x1f, daily = 0x7f;
	unsigned i;

	if (days == daily || days == weekdays) {
		sb_put(b, text_of(l, days == daily ? "hours.daily" :
						     "hours.weekdays"));
		return;
	}
	for (i = 0; i < HOURS_DAYS; i++) {
		if ((days >> i & 1) == 0)
			continue;
		if (b->n > 0)
			sb_puts(b, ", ");
		sb_put(b, text_of(l, name_id(l, "day.%u", i + 1)));
	}
}

static struct sv
time_text(const struct list *l, unsigned minutes)
{
	return sv_of(name_id(l, "%u:%02u", minutes / 60, minutes % 60));
}

static void
hours_put(struct list *l, const struct listing *org)
{
	struct hours h;
	struct sv text;
	struct sb b, days;
	size_t i;

	if (hours_read(org->hours, &h) < 0)
		return;
	sb_init(&b, l->arena, PROMPT_TEXT_MAX);
	if (h.count == 0)
		sb_put(&b, text_of(l, "hours.always"));
	for (i = 0; i < h.count; i++) {
		sb_init(&days, l->arena, PROMPT_TEXT_MAX);
		days_put(l, &days, h.spans[i].days);
		if (days.n > 0)
			sb_puts(&days, ", ");
		sb_put(&days, text_of(l, "hours.span"));
		text = filled(
		    l, sb_sv(&days), "{from}", time_text(l, h.spans[i].from));
		text = filled(l, text, "{to}", time_text(l, h.spans[i].to));
		if (b.n > 0)
			sb_puts(&b, " ");
		sb_put(&b, text);
	}
	put(l, name_id(l, "org.%s.hours", org->id), sb_sv(&b), l->lang);
}

static void
org_put(struct list *l, const struct listing *org)
{
	name_put(l, org);
	what_put(l, org);
	hours_put(l, org);
}

static void
orgs_put(struct list *l)
{
	const struct listings *listings = l->content->listings;
	size_t i;

	for (i = 0; i < listings_count(listings); i++) {
		const struct listing *org = listings_at(listings, i);

		if (org->for_callers)
			org_put(l, org);
	}
}

void
prompts_listing_each(const struct content *c, const struct listing *listing,
    void (*fn)(void *arg, const struct prompt *prompt), void *arg)
{
	struct list l = { .content = c, .fn = fn, .arg = arg };
	unsigned lang;

	l.arena = arena_new(BLOCK, PROMPT_BYTES);
	for (lang = 0; lang < LANG_COUNT; lang++) {
		l.lang = (enum lang)lang;
		if (prompts_lang(l.lang) == l.lang)
			org_put(&l, listing);
	}
	arena_free(&l.arena);
}

void
prompts_each(const struct content *c,
    void (*fn)(void *arg, const struct prompt *prompt), void *arg)
{
	struct list l = { .content = c, .fn = fn, .arg = arg };
	unsigned lang;

	l.arena = arena_new(BLOCK, PROMPT_BYTES);
	for (lang = 0; lang < LANG_COUNT; lang++) {
		l.lang = (enum lang)lang;
		if (prompts_lang(l.lang) != l.lang)
			continue;
		texts_each(c->texts, on_text, &l);
		digits_put(&l);
		texts_each(c->texts, on_label, &l);
		places_put(&l);
		orgs_put(&l);
	}
	arena_free(&l.arena);
}

static bool
is_id(const char *id)
{
	size_t n = strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789._-");

	return n > 0 && n < PROMPT_ID_MAX && id[n] == '\0' && id[0] != '.';
}

int
prompts_name(const char *root, int64_t edition, enum lang lang, const char *id,
    char ret_name[PROMPT_PATH_MAX])
{
	int n;

	if (!is_id(id))
		return -EINVAL;
	n = snprintf(ret_name, PROMPT_PATH_MAX, "%s/%04lld/%s/%s", root,
	    (long long)edition, lang_code(prompts_lang(lang)), id);
	return n < 0 || n >= PROMPT_PATH_MAX ? -ENAMETOOLONG : 0;
}

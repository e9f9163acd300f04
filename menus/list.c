/* list.c - packs helpers into a reply that is never over its parts. */
#include "menus/render.h"

#include <ctype.h>
#include <stdio.h>

#include "content/names.h"

enum {
	CONTACTS_MAX = 2,
	HOURS_MAX = 24, /* longer ones are sentences, not hours */
};

/* How much of the listings is told. */
struct detail {
	size_t contacts; /* of each listing, at most */
	bool hours;
	bool town;
	bool head;
	bool short_names;
	size_t name_max;    /* bytes, 0: whole */
	size_t contact_max; /* the same, of what is not a phone number */
};

/* The only one left, shorter and shorter; the last always fits. */
static const struct detail shorter[] = {
	{ .contacts = 1, .head = true },
	{ .contacts = 1, .head = true, .short_names = true },
	{ .contacts = 1, .head = true, .name_max = 160 },
	{ .contacts = 1, .head = true, .name_max = 120 },
	{ .contacts = 1, .head = true, .name_max = 80 },
	{ .contacts = 1, .head = true, .name_max = 60, .contact_max = 160 },
	{ .contacts = 1, .head = true, .name_max = 40, .contact_max = 80 },
	{ .contacts = 1, .name_max = 60, .contact_max = 100 },
	{ .contacts = 1, .name_max = 20, .contact_max = 40 },
};

/* For any number of listings: one more of them, or one part less, is worth a
 * second phone of each, their hours and their long names. */
static const struct detail details[] = {
	{ .contacts = 2, .hours = true, .town = true, .head = true },
	{ .contacts = 1, .hours = true, .town = true, .head = true },
	{ .contacts = 1, .town = true, .head = true },
	{ .contacts = 1, .town = true, .head = true, .short_names = true },
};

struct packing {
	const struct renderer *r;
	const struct list_page *page;
	struct listing_caller who;
	struct sv head;
	struct list_shown shown;
	struct sb b;
};

/* True if it can be sent in the alphabet of GSM-7, its marks folded. */
static bool
is_gsm7_name(const struct renderer *r, struct sv name)
{
	struct sb b;

	sb_init(&b, r->arena, name.n);
	sb_put(&b, name);
	render_fold(r, &b);
	return sms_measure(sb_sv(&b)).encoding == SMS_GSM7;
}

/* Their own language where somebody has translated it; else English where that
 * saves the alphabet, else Russian; what there is. */
static enum lang
name_lang(const struct renderer *r, const struct listing *l)
{
	enum lang lang = r->lang;
	bool gsm7 = render_is_gsm7(lang);

	if (l->names[lang].n > 0 && (!gsm7 || is_gsm7_name(r, l->names[lang]) ||
					l->names[LANG_EN].n == 0))
		return lang;
	if (gsm7)
		return l->names[LANG_EN].n > 0 ? LANG_EN : LANG_RU;
	return l->names[LANG_RU].n > 0 ? LANG_RU : LANG_EN;
}

static struct sv
name_of(const struct renderer *r, const struct listing *l)
{
	return l->names[name_lang(r, l)];
}

struct sv
render_name(const struct renderer *r, const struct listing *l)
{
	struct sv name = name_of(r, l);

	if (r->plain)
		return name;
	return names_replace(r->e->content.texts, name_lang(r, l),
	    "names.discreet", name, r->arena);
}

/* They asked there: ", Москва" tells nobody in Moscow anything. */
static struct sv
name_at(struct sv name, const struct packing *k)
{
	const struct places *places = k->r->e->content.places;
	const char *comma = name.n > 0 ? memrchr(name.p, ',', name.n) : NULL;
	const struct place *place;
	struct sv tail, head;
	uint16_t at;
	size_t i;

	if (comma == NULL)
		return name;
	head = (struct sv){ name.p, (size_t)(comma - name.p) };
	tail = (struct sv){ comma + 1, name.n - head.n - 1 };
	while (tail.n > 0 && *tail.p == ' ')
		tail = (struct sv){ tail.p + 1, tail.n - 1 };
	for (at = k->page->at; at != PLACE_NONE; at = place->parent) {
		place = places_at(places, at);
		for (i = 0; i < LANG_COUNT; i++)
			if (sv_eq(tail, place->names[i]))
				return head;
	}
	return name;
}

/* Hours are kept in English; digits alone are read in every language. */
static struct sv
hours_of(const struct listing *l, enum lang lang)
{
	const char *p = l->hours.p;
	size_t i;

	if (sv_eq(l->hours, SV("24 hours")))
		return SV("24/7");
	if (l->hours.n > HOURS_MAX)
		return (struct sv){ 0 };
	for (i = 0; lang != LANG_EN && i < l->hours.n; i++)
		if (isalpha((unsigned char)p[i]))
			return (struct sv){ 0 };
	return l->hours;
}

static size_t
contacts_of(const struct listing *l, const struct listing_caller *who,
    struct listing_contact ret_contacts[CONTACTS_MAX])
{
	size_t i;

	if (listing_contact(l, who, &ret_contacts[0]) < 0)
		return 0;
	if (!ret_contacts[0].is_phone)
		return 1;
	for (i = 0; i < l->phone_count; i++) {
		/* a toll-free number is asked for by listing_contact only */
		if (l->tollfree[i] || sv_eq(l->phones[i], ret_contacts[0].text))
			continue;
		ret_contacts[1] = (struct listing_contact){
			.text = l->phones[i],
			.is_phone = true,
		};
		return 2;
	}
	return 1;
}

/* A contact as it can be written: false where it would cost the alphabet. */
static bool
contact_write(const struct renderer *r, struct listing_contact *c)
{
	if (r->latin && !c->is_phone && !render_is_gsm7(r->lang))
		return latin_address(r->arena, c->text, &c->text) == 0;
	return !render_is_gsm7(r->lang) ||
	       sms_measure(c->text).encoding == SMS_GSM7;
}

bool
render_can_give(const struct renderer *r, const struct listing *l,
    const struct listing_caller *who)
{
	struct listing_contact contact;

	if (listing_contact(l, who, &contact) < 0)
		return false;
	return contact_write(r, &contact);
}

/* The beginning of v, at most max bytes, cut between words if there are any,
 * never inside a character. */
static struct sv
cut_at_word(struct sv v, size_t max)
{
	size_t n = max, word;

	if (max == 0 || v.n <= max)
		return v;
	for (word = max; word > 0 && v.p[word] != ' '; word--)
		continue;
	if (word > max / 2)
		n = word;
	while (n > 0 && ((unsigned char)v.p[n] & 0xc0) == 0x80)
		n--;
	while (n > 0 && strchr(" ,;(", v.p[n - 1]) != NULL)
		n--;
	return (struct sv){ v.p, n };
}

static void
put_listing(struct packing *k, const struct listing *l, const struct detail *d)
{
	struct listing_contact contacts[CONTACTS_MAX];
	struct sv name = name_at(render_name(k->r, l), k);
	size_t i, count = contacts_of(l, &k->who, contacts);
	struct sv hours = hours_of(l, k->r->lang);

	if (d->short_names)
		name = name_at(
		    names_replace(k->r->e->content.texts, name_lang(k->r, l),
			"names.short", name, k->r->arena),
		    k);
	if (count > 0)
		name = names_without(name, contacts[0].text, k->r->arena);
	for (i = 0; i < count; i++)
		(void)contact_write(k->r, &contacts[i]); /* givable ones only */
	if (k->b.n > 0)
		sb_puts(&k->b, "\n");
	sb_put(&k->b, cut_at_word(name, d->name_max));
	if (d->hours && hours.n > 0) {
		sb_puts(&k->b, ", ");
		sb_put(&k->b, hours);
	}
	sb_puts(&k->b, ":");
	for (i = 0; i < count && i < d->contacts; i++) {
		sb_puts(&k->b, "\n");
		sb_put(
		    &k->b, contacts[i].is_phone ?
			       contacts[i].text :
			       cut_at_word(contacts[i].text, d->contact_max));
	}
}

static void
put_text(struct packing *k, const char *id)
{
	sb_puts(&k->b, "\n");
	sb_put(&k->b, texts_get(k->r->e->content.texts, k->r->lang, id));
}

/* Say how old the data is when a contact was never checked. */
static void
put_age(struct packing *k)
{
	const struct listing *l;
	unsigned year = 0;
	bool unverified = false;
	char text[16];
	size_t i;

	for (i = 0; i < k->shown.count; i++) {
		l = k->shown.listings[i];
		if (l->checked_ms != 0 || l->general)
			continue;
		unverified = true;
		if (l->year != 0 && (year == 0 || l->year < year))
			year = l->year;
	}
	if (!unverified)
		return;
	if (year == 0) {
		put_text(k, "list.unverified-undated");
		return;
	}
	snprintf(text, sizeof(text), "%u", year);
	sb_puts(&k->b, "\n");
	sb_put(&k->b,
	    render_filled(k->r, "list.unverified", "{year}", sv_of(text)));
}

/* The lines below the helpers: what to write next. */
static void
put_asking(struct packing *k, bool town)
{
	if (town)
		put_text(k, "list.town");
	if (!k->page->alone && k->page->start + k->shown.count < k->page->count)
		put_text(k, "list.more");
}

bool
render_only_health(const struct renderer *r, const struct listing *l)
{
	const struct topics *topics = r->e->content.topics;
	uint64_t other = l->topics;
	uint16_t i;

	for (i = 0; i < topics_count(topics); i++)
		if (topics_at(topics, i)->health)
			other &= ~(UINT64_C(1) << i);
	return l->topics != 0 && other == 0;
}

/* Choose the first count listings of the page and their order. */
static void
choose(struct packing *k, size_t count)
{
	const struct listing *const *from = k->page->found + k->page->start;
	bool hidden = render_chars(k->head) >= PREVIEW_CHARS;
	size_t i;

	k->shown.count = 0;
	for (i = 0; i < count; i++)
		if (hidden || !render_only_health(k->r, from[i]))
			k->shown.listings[k->shown.count++] = from[i];
	for (i = 0; i < count; i++)
		if (!hidden && render_only_health(k->r, from[i]))
			k->shown.listings[k->shown.count++] = from[i];
}

/* Nobody else to come first: a longer head hides who it is. */
static struct sv
head_of(const struct packing *k)
{
	if (k->r->plain || render_chars(k->head) >= PREVIEW_CHARS ||
	    !render_only_health(k->r, k->shown.listings[0]))
		return k->head;
	return render_text(k->r, "list.hidden");
}

static unsigned
parts_of(const struct packing *k)
{
	return sms_measure(sb_sv(&k->b)).parts;
}

static bool
pack(struct packing *k, size_t count, const struct detail *d)
{
	const struct list_page *page = k->page;
	size_t i;

	choose(k, count);
	sb_cut(&k->b, 0);
	if (d->head)
		sb_put(&k->b, head_of(k));
	for (i = 0; i < k->shown.count; i++)
		put_listing(k, k->shown.listings[i], d);
	put_age(k);
	put_asking(k, page->ask_town && d->town);
	render_fold(k->r, &k->b);
	return !k->b.full && parts_of(k) <= REPLY_PARTS_MAX;
}

/* So many helpers in at most so many parts, with as much of them as those
 * hold. */
static bool
pack_into(struct packing *k, size_t count, unsigned parts)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(details); i++)
		if (pack(k, count, &details[i]) && parts_of(k) <= parts)
			return true;
	return false;
}

/* Two helpers, or all there are, in the fewest parts that hold them; a third
 * where it costs no part. */
static void
pack_best(struct packing *k)
{
	size_t left = k->page->count - k->page->start, count, i;
	size_t enough = left < LIST_PAGE_ENOUGH ? left : LIST_PAGE_ENOUGH;
	size_t most = left < LIST_PAGE_MAX ? left : LIST_PAGE_MAX;
	unsigned parts;

	for (parts = 1; parts <= REPLY_PARTS_MAX; parts++)
		for (count = most; count >= enough; count--)
			if (pack_into(k, count, parts))
				return;
	for (parts = 1; parts <= REPLY_PARTS_MAX; parts++)
		if (pack_into(k, 1, parts))
			return;
	for (i = 0; i < ARRAY_LEN(shorter); i++)
		if (pack(k, 1, &shorter[i]))
			return;
}

/* What it is about, by its name, before the head. */
static struct sv
head_plain(const struct renderer *r, const char *label, struct sv head)
{
	struct renderer discreet = *r;
	struct sv name = render_text(r, label);
	struct sb b;

	discreet.plain = false;
	if (sv_eq(name, render_text(&discreet, label)))
		return head;
	sb_init(&b, r->arena, REPLY_BYTES_MAX);
	sb_put(&b, name);
	sb_puts(&b, head.n > 0 ? ". " : ":");
	sb_put(&b, head);
	return sb_sv(&b);
}

static struct packing
packing_begin(const struct renderer *r, const struct list_page *page)
{
	struct packing k = { .r = r,
		.page = page,
		.who = { page->from, r->e->content.places, page->at } };

	if (page->head != NULL)
		k.head = render_text(r, page->head);
	if (r->plain && page->topic != NULL)
		k.head = head_plain(r, page->topic, k.head);
	sb_init(&k.b, r->arena, REPLY_BYTES_MAX);
	return k;
}

/* The helpers that a page in Cyrillic would show, in as few parts as need be:
 * the pages are the same, only cheaper. */
static void
pack_latin(struct packing *k)
{
	struct renderer cyrillic = *k->r;
	struct packing same;
	unsigned parts;

	cyrillic.latin = false;
	same = packing_begin(&cyrillic, k->page);
	pack_best(&same);
	for (parts = 1; parts <= REPLY_PARTS_MAX; parts++)
		if (pack_into(k, same.shown.count, parts))
			return;
	pack_best(k);
}

/* Whatever the seed has, reachable from there or not. */
static void
put_all_contacts(struct packing *k, const struct listing *l)
{
	struct listing_contact contact;
	size_t i;

	for (i = 0; i < l->phone_count; i++) {
		sb_puts(&k->b, "\n");
		sb_put(&k->b, l->phones[i]);
	}
	if (l->short_code.n > 0) {
		sb_puts(&k->b, "\n");
		sb_put(&k->b, l->short_code);
	}
	if (l->phone_count > 0 || l->short_code.n > 0 ||
	    listing_contact(l, &k->who, &contact) < 0)
		return;
	sb_puts(&k->b, "\n");
	sb_put(&k->b, contact.text);
}

struct sv
render_list(const struct renderer *r, const struct list_page *page,
    struct list_shown *ret_shown)
{
	struct packing k = packing_begin(r, page);

	ASSERT(page->start < page->count);
	if (r->latin && !render_is_gsm7(r->lang))
		pack_latin(&k);
	else
		pack_best(&k);
	*ret_shown = k.shown;
	return sb_sv(&k.b);
}

struct sv
render_list_stored(const struct renderer *r, const struct list_page *page,
    const struct list_shown *shown)
{
	struct packing k = packing_begin(r, page);
	const struct listing *l;
	size_t i;

	k.shown = *shown;
	sb_put(&k.b, k.head);
	for (i = 0; i < shown->count; i++) {
		l = shown->listings[i];
		sb_puts(&k.b, k.b.n > 0 ? "\n" : "");
		sb_put(&k.b, name_of(r, l));
		sb_puts(&k.b, l->hours.n > 0 ? ", " : "");
		sb_put(&k.b, l->hours);
		sb_puts(&k.b, ":");
		put_all_contacts(&k, l);
	}
	put_age(&k);
	put_asking(&k, page->ask_town);
	return sb_sv(&k.b);
}

/* api_preview.c - a listing as callers would get it, before it is given out. */
#include <stdio.h>

#include "content/content.h"
#include "content/prompts.h"
#include "content/speech.h"
#include "daemon/core/conf.h"
#include "daemon/phone/phone.h"
#include "daemon/web/desk.h"
#include "menus/render.h"

enum { SPOKEN_MAX = 8192 };

/* --- a number --- */

static const char *
kind_name(enum phone_kind kind)
{
	switch (kind) {
	case PHONE_MOBILE:
		return "mobile";
	case PHONE_FIXED:
		return "fixed";
	case PHONE_TOLLFREE:
		return "tollfree";
	case PHONE_SHORT:
		return "short";
	case PHONE_ALPHA:
		return "alpha";
	}
	return "";
}

void
api_phone(struct web_request *q)
{
	struct sv raw = web_text(q->json, "number");
	struct sv country = web_text(q->json, "country");
	struct listing_known known;
	struct phone phone;
	char shown[PHONE_GROUPED_MAX];
	int rc;

	if (!desk_known(q, &known))
		return;
	rc = phone_parse_typed(known.phones, raw,
	    arena_dup(q->arena, country.n > 0 ? country.p : "", country.n),
	    &phone);
	if (rc < 0) {
		web_json(q, 200,
		    json_pack("{s:b, s:s}", "ok", false, "why",
			rc == -EXDEV ? "phone_home" : "phone"));
		return;
	}
	if (phone.kind == PHONE_SHORT) {
		web_json(q, 200,
		    json_pack("{s:b, s:s, s:s}", "ok", false, "why",
			"short_code_there", "kind", "short"));
		return;
	}
	phone_group(phone_reveal(&phone).p, shown);
	web_json(q, 200,
	    json_pack("{s:b, s:s, s:s, s:s, s:s}", "ok", true, "e164",
		phone_reveal(&phone).p, "shown", shown, "kind",
		kind_name(phone.kind), "country", phone.country));
}

/* --- a listing --- */

struct previewing {
	struct web_request *q;
	const struct edition *e;
	const struct listing *l;
	const char *from; /* country of the caller's number */
	struct sb spoken[LANG_COUNT];
};

static void
on_prompt(void *arg, const struct prompt *prompt)
{
	struct previewing *p = arg;
	struct sb *b = &p->spoken[prompt->lang];

	if (b->n > 0)
		sb_puts(b, " ");
	speech_words(b, prompt->read, prompt->text);
	if (b->n > 0 && strchr(".!?", b->p[b->n - 1]) == NULL)
		sb_puts(b, ".");
}

/* Its head as a list of its main topic has it. */
static const char *
head_of(const struct edition *e, const struct listing *l)
{
	uint16_t at = tree_of_topic(e->tree, l->main_topic);
	const struct node *node = at != NODE_NONE ? tree_at(e->tree, at) : NULL;

	return node != NULL && node->kind == NODE_DIRECTORY ? node->text : NULL;
}

static void
contact_say(
    struct previewing *p, enum lang lang, const struct listing_contact *contact)
{
	const struct texts *texts = p->e->content.texts;
	struct sb *b = &p->spoken[lang];

	sb_puts(b, " ");
	if (!contact->is_phone) {
		speech_words(b, lang, texts_get(texts, lang, "voice.written"));
		return;
	}
	speech_words(b, lang, texts_get(texts, lang, "voice.number"));
	sb_puts(b, " ");
	speech_words(b, lang, contact->text);
}

static json_t *
lang_preview(struct previewing *p, enum lang lang)
{
	struct renderer r = { .e = p->e, .lang = lang, .arena = p->q->arena };
	const struct listing_caller who = { p->from, p->e->content.places,
		p->l->places[0] };
	const struct list_page page = { .head = head_of(p->e, p->l),
		.found = &p->l,
		.count = 1,
		.from = p->from,
		.at = p->l->places[0],
		.alone = true };
	struct sb *spoken = &p->spoken[prompts_lang(lang)];
	const char *why = NULL;
	struct listing_contact contact;
	struct list_shown shown;
	struct sms_size size;
	struct sv text;

	if (!p->l->for_callers)
		why = "not_for_callers";
	else if (listing_contact(p->l, &who, &contact) < 0)
		why = "no_contact";
	else if (!render_can_give(&r, p->l, &who))
		why = "no_contact_in_letters";
	if (why != NULL)
		return json_pack("{s:s, s:i, s:s, s:s, s:s}", "sms", "",
		    "parts", 0, "encoding", "", "spoken", "", "why", why);
	text = render_list(&r, &page, &shown);
	size = sms_measure(text);
	if (prompts_lang(lang) == lang)
		contact_say(p, lang, &contact);
	return json_pack("{s:s%, s:i, s:s, s:i, s:s%}", "sms", text.p, text.n,
	    "parts", (int)size.parts, "encoding",
	    size.encoding == SMS_GSM7 ? "GSM-7" : "UCS-2", "units",
	    (int)size.units, "spoken", spoken->p, spoken->n);
}

/* Checked today, where only what is checked is given out. */
static json_t *
previews(struct web_request *q, struct listing *l)
{
	struct previewing p = { .q = q, .e = web_edition(q->web), .l = l };
	json_t *langs = json_object();
	struct sv reach = l->reachable_from;
	int lang;

	if (web_conf(q->web)->directory.require_verified_days > 0)
		l->checked_ms = q->now_ms;
	p.from = l->country;
	if (p.from[0] == '\0' && reach.n >= 2)
		p.from = arena_dup(q->arena, reach.p, 2);
	for (lang = 0; lang < LANG_COUNT; lang++)
		sb_init(&p.spoken[lang], q->arena, SPOKEN_MAX);
	prompts_listing_each(&p.e->content, l, on_prompt, &p);
	for (lang = 0; lang < LANG_COUNT; lang++)
		(void)json_object_set_new(langs, lang_code((enum lang)lang),
		    lang_preview(&p, (enum lang)lang));
	return langs;
}

void
api_preview(struct web_request *q)
{
	const json_t *in = json_object_get(q->json, "listing");
	json_t *wrong = json_object();
	struct listing_known known;
	struct directory_row row;
	struct listing l;

	if (!desk_known(q, &known)) {
		json_decref(wrong);
		return;
	}
	listing_json_read(in, q->arena, &row, wrong);
	listing_phones_settle(&row, &known, q->arena);
	row.id = SV("preview");
	listing_check(&row, &known, true, wrong);
	if (json_object_size(wrong) == 0 &&
	    desk_listing(&row, &known, &l) == 0) {
		web_json(q, 200,
		    json_pack("{s:o, s:o}", "langs", previews(q, &l),
			"warnings", desk_warnings(q, &row, &known)));
		json_decref(wrong);
		return;
	}
	web_error(q, 422, "invalid", json_pack("{s:o}", "fields", wrong));
}

/* lexicon_load.c - compiles the "words" entries into a lexicon. */
#include <stdio.h>
#include <stdlib.h>

#include "menus/endings.h"
#include "menus/lexicon_inner.h"
#include "menus/match.h"

enum { PATTERN_STEPS = 10000, PATTERN_DEPTH = 100, LINE_MAX_BYTES = 512 };

struct loading {
	struct lexicon *l;
	const struct fold *fold;
	const struct content *content;
	const struct texts_word *line; /* being read */
	struct diag *diag;
	int rc;
	struct spelling *spellings;
	size_t spelling_count, spelling_max;
};

/* One keyword line, taken apart. */
struct keyword {
	uint16_t parts[LEX_PARTS_MAX];
	size_t count;
	bool weak, any_order;
};

static const struct {
	const char *id;
	uint8_t name;
} fixed_names[] = {
	{ "menu", LEX_COMMAND + CMD_MENU },
	{ "back", LEX_COMMAND + CMD_BACK },
	{ "more", LEX_COMMAND + CMD_MORE },
	{ "language", LEX_COMMAND + CMD_LANGUAGE },
	{ "stop", LEX_COMMAND + CMD_STOP },
	{ "forget", LEX_COMMAND + CMD_FORGET },
	{ "counsellor", LEX_COMMAND + CMD_COUNSELLOR },
	{ "callback", LEX_COMMAND + CMD_CALLBACK },
	{ "emergency", LEX_COMMAND + CMD_EMERGENCY },
	{ "help", LEX_COMMAND + CMD_HELP },
	{ "latin", LEX_COMMAND + CMD_LATIN },
	{ "cyrillic", LEX_COMMAND + CMD_CYRILLIC },
	{ "start", LEX_COMMAND + CMD_START },
	{ "plain", LEX_COMMAND + CMD_PLAIN },
	{ "plain.always", LEX_COMMAND + CMD_PLAIN_ALWAYS },
	{ "discreet", LEX_COMMAND + CMD_DISCREET },
	{ "offices", LEX_COMMAND + CMD_OFFICES },
	{ "decoy", LEX_COMMAND + CMD_DECOY },
	{ "filler", LEX_FILLER },
	{ "common", LEX_COMMON },
	{ "offtopic", LEX_OFFTOPIC },
	{ "settled", LEX_SETTLED },
	{ "urgent", LEX_URGENT },
	{ "place.weak", LEX_PLACE_WEAK },
	{ "place.in", LEX_PLACE_IN },
	{ "place.from", LEX_PLACE_FROM },
	{ "place.to", LEX_PLACE_TO },
	{ "state", LEX_STATE },
	{ "aside", LEX_ASIDE },
	{ "asks", LEX_ASKS },
	{ "unsettled", LEX_UNSETTLED },
};

#define GROW(array, count, max)                                                \
	do {                                                                   \
		if ((count) == (max)) {                                        \
			(max) = (max) == 0 ? 64 : (max)*2;                     \
			(array) =                                              \
			    reallocarray((array), (max), sizeof((array)[0]));  \
			ASSERT((array) != NULL);                               \
		}                                                              \
	} while (0)

static void
refuse(struct loading *ld, const char *what, const char *instead)
{
	const struct texts_word *w = ld->line;

	if (ld->rc == 0)
		ld->rc = diag_set(ld->diag, -EINVAL,
		    "%s:%u: %s: \"" SV_FMT "\" %s; %s", w->file, w->line,
		    w->name, SV_ARG(w->word), what, instead);
}

/* ---- names ---- */

static unsigned
class_of(struct loading *ld, const char *name)
{
	struct lexicon *l = ld->l;
	size_t i = 0;

	while (i < l->class_count && strcmp(l->classes[i].name, name) != 0)
		i++;
	if (i < l->class_count)
		return (unsigned)i;
	if (i == CLASSES_MAX || strlen(name) >= sizeof(l->classes[0].name)) {
		refuse(ld, "needs one class too many",
		    "at most 64, of 23 letters");
		return 0;
	}
	(void)snprintf(
	    l->classes[i].name, sizeof(l->classes[i].name), "%s", name);
	(void)snprintf(l->classes[i].where, sizeof(l->classes[i].where),
	    "%s:%u", ld->line->file, ld->line->line);
	l->class_count++;
	return (unsigned)i;
}

/* LEX_NAME_MAX: unknown. */
static unsigned
name_of(struct loading *ld, const char *name)
{
	uint16_t topic = topics_find(ld->content->topics, sv_of(name));
	enum lang lang;

	if (topic != TOPIC_NONE)
		return topic;
	for (size_t i = 0; i < ARRAY_LEN(fixed_names); i++) {
		if (strcmp(fixed_names[i].id, name) == 0)
			return fixed_names[i].name;
	}
	if (strncmp(name, "number.", 7) == 0 && name[7] >= '1' &&
	    name[7] <= '9' && name[8] == '\0')
		return LEX_NUMBER + (unsigned)(name[7] - '0');
	if (strncmp(name, "class.", 6) == 0 && name[6] != '\0') {
		unsigned class = class_of(ld, name + 6);

		ld->l->classes[class].defined = true;
		return LEX_CLASS + class;
	}
	if (strncmp(name, "lang.", 5) == 0) {
		lang = lang_of(sv_of(name + 5));
		if (lang != LANG_NONE)
			return LEX_LANG + (unsigned)lang;
	}
	return LEX_NAME_MAX;
}

void
lexicon_name(
    const struct lexicon *l, unsigned name, char *ret_text, size_t size)
{
	const char *text = "?";

	for (size_t i = 0; i < ARRAY_LEN(fixed_names); i++) {
		if (fixed_names[i].name == name)
			text = fixed_names[i].id;
	}
	if (name > LEX_NUMBER && name < LEX_NUMBER + 10)
		(void)snprintf(ret_text, size, "number.%u", name - LEX_NUMBER);
	else if (name >= LEX_LANG && name < LEX_LANG + LANG_COUNT)
		(void)snprintf(ret_text, size, "lang.%s",
		    lang_code((enum lang)(name - LEX_LANG)));
	else if (name >= LEX_CLASS && name - LEX_CLASS < l->class_count)
		(void)snprintf(ret_text, size, "class.%s",
		    l->classes[name - LEX_CLASS].name);
	else
		(void)snprintf(ret_text, size, "%s", text);
}

/* ---- atoms ---- */

static void
slot_take(struct lexicon *l, size_t key)
{
	size_t i = l->keys[key].hash & l->slot_mask;

	while (l->slots[i] != 0)
		i = (i + 1) & l->slot_mask;
	l->slots[i] = (uint16_t)(key + 1);
}

/* A small table stays in the cache; at most half of it is taken. */
static void
slots_grow(struct lexicon *l)
{
	if (l->slots != NULL && (l->key_count + 1) * 2 <= l->slot_mask)
		return;
	free(l->slots);
	l->slot_mask = l->slot_mask * 2 + 1;
	l->slots = calloc(l->slot_mask + 1, sizeof(*l->slots));
	ASSERT(l->slots != NULL);
	for (size_t i = 0; i < l->key_count; i++)
		slot_take(l, i);
}

static void
key_add(struct lexicon *l, const char *p, size_t n, bool star, uint16_t atom)
{
	uint32_t hash = lexicon_hash(p, n);
	struct key *k;
	ASSERT(l->key_count < KEYS_MAX);
	slots_grow(l);
	while (l->pool_n + n > l->pool_max) {
		l->pool_max = l->pool_max == 0 ? 4096 : l->pool_max * 2;
		l->pool = realloc(l->pool, l->pool_max);
		ASSERT(l->pool != NULL);
	}
	GROW(l->keys, l->key_count, l->key_max);
	k = &l->keys[l->key_count++];
	*k = (struct key){ .hash = star ? hash ^ HASH_STAR : hash,
		.at = (uint32_t)l->pool_n,
		.atom = atom,
		.n = (uint8_t)n,
		.star = star };
	memcpy(l->pool + l->pool_n, p, n);
	l->pool_n += n;
	if (star)
		l->stem_lengths[start_of(p)] |= 1u << n;
	slot_take(l, l->key_count - 1);
}

/* Uzbek is one language in two alphabets, with one skeleton. */
static uint8_t
lang_bits(enum lang lang)
{
	if (lang == LANG_UZ || lang == LANG_UZ_CYRL)
		return 1u << LANG_UZ | 1u << LANG_UZ_CYRL;
	return (uint8_t)(1u << lang);
}

static uint16_t
atom_of(struct loading *ld, const char *p, size_t n, bool star)
{
	struct lexicon *l = ld->l;
	const struct key *k = lexicon_key(l, p, n, lexicon_hash(p, n), star);

	if (k != NULL) {
		l->atoms[k->atom].langs |= lang_bits(ld->line->lang);
		return k->atom;
	}
	if (l->atom_count == ATOMS_MAX || l->key_count >= KEYS_MAX / 2) {
		refuse(ld, "is one word too many", "shorten the lexicon");
		return 0;
	}
	GROW(l->atoms, l->atom_count, l->atom_max);
	l->atoms[l->atom_count] = (struct atom){
		.langs = lang_bits(ld->line->lang),
		.n = (uint8_t)n,
		.star = star,
	};
	key_add(l, p, n, star, (uint16_t)l->atom_count);
	return (uint16_t)l->atom_count++;
}

/* ---- keyword lines ---- */

static void
part_add(struct loading *ld, struct keyword *kw, uint16_t part)
{
	if (kw->count == LEX_PARTS_MAX)
		refuse(ld, "has too many words", "write at most 6");
	else
		kw->parts[kw->count++] = part;
}

/* "паспорт*", "по-русски", "@boss" */
static void
part_read(struct loading *ld, struct keyword *kw, struct sv part)
{
	struct folded t;
	bool star = part.p[part.n - 1] == '*';
	char name[32];

	if (part.p[0] == '@') {
		(void)snprintf(
		    name, sizeof(name), SV_FMT, (int)(part.n - 1), part.p + 1);
		part_add(
		    ld, kw, (uint16_t)(LEX_PART_CLASS + class_of(ld, name)));
		return;
	}
	part.n -= star;
	fold_text(ld->fold, part, FOLD_AS_TYPED, &t);
	if (t.count == 0)
		refuse(ld, "has a word without letters", "leave it out");
	for (size_t i = 0; i < t.count; i++) {
		const struct fold_word *w = &t.words[i];
		bool stem = star && i + 1 == t.count;
		uint16_t atom;

		if (w->n == 0 || (stem && (w->n < 2 || w->n > STEM_MAX))) {
			refuse(ld, "has a word that cannot be found",
			    "shorten it or leave it out");
			continue;
		}
		atom = atom_of(ld, t.codes + w->at, w->n, stem);
		if (w->script == FOLD_LATIN)
			ld->l->atoms[atom].latin |= lang_bits(ld->line->lang);
		part_add(ld, kw, atom);
	}
}

static void
keyword_read(struct loading *ld, struct sv line, struct keyword *ret)
{
	struct sv part;

	*ret = (struct keyword){ 0 };
	if (line.n > 5 && memcmp(line.p, "weak:", 5) == 0) {
		ret->weak = true;
		line.p += 5;
		line.n -= 5;
	}
	if (line.n > LINE_MAX_BYTES) {
		refuse(ld, "is too long", "write a shorter phrase");
		return;
	}
	while (line.n > 0 && ld->rc == 0) {
		part = sv_cut(&line, ' ');
		if (part.n == 1 && part.p[0] == '+')
			ret->any_order = true;
		else if (part.n > 0)
			part_read(ld, ret, part);
	}
	if (ret->count == 0)
		refuse(ld, "is no keyword", "write at least one word");
}

static bool
name_is_meaning(unsigned name)
{
	return name < LEX_COMMAND + CMD_COUNT;
}

static void
owner_add(struct loading *ld, unsigned name, bool weak, uint16_t atom)
{
	struct lexicon *l = ld->l;
	uint8_t bit = lang_bits(ld->line->lang);
	uint16_t *link = &l->atoms[atom].owner;

	for (; *link != 0; link = &l->owners[*link].next) {
		struct lex_owner *o = &l->owners[*link];

		if (o->name == name && o->weak == weak) {
			o->langs |= bit;
			return;
		}
		if (o->name != name && (o->langs & bit) != 0 &&
		    name_is_meaning(name) && name_is_meaning(o->name) &&
		    !(o->weak && weak))
			refuse(ld, "has another owner in this language",
			    "write \"weak:\" before it in both");
	}
	if (l->owner_count == UINT16_MAX) {
		refuse(ld, "is one word too many", "shorten the lexicon");
		return;
	}
	*link = (uint16_t)l->owner_count;
	GROW(l->owners, l->owner_count, l->owner_max);
	l->owners[l->owner_count++] = (struct lex_owner){
		.name = (uint8_t)name, .langs = bit, .weak = weak
	};
}

static void
phrase_add(struct loading *ld, unsigned name, const struct keyword *kw)
{
	struct lexicon *l = ld->l;
	struct lex_phrase p = { .count = (uint8_t)kw->count,
		.name = (uint8_t)name,
		.langs = lang_bits(ld->line->lang),
		.weak = kw->weak,
		.any_order = kw->any_order };
	uint16_t *first =
	    kw->parts[0] >= LEX_PART_CLASS ?
		&l->classes[kw->parts[0] - LEX_PART_CLASS].phrase :
		&l->atoms[kw->parts[0]].phrase;

	if (l->phrase_count == UINT16_MAX) {
		refuse(ld, "is one phrase too many", "shorten the lexicon");
		return;
	}
	memcpy(p.parts, kw->parts, sizeof(p.parts));
	for (size_t i = 0; i < kw->count; i++)
		lex_need(&p.needs, kw->parts[i]);
	p.next = *first;
	*first = (uint16_t)l->phrase_count;
	GROW(l->phrases, l->phrase_count, l->phrase_max);
	l->phrases[l->phrase_count++] = p;
}

/* An ASCII letter has a capital and perhaps a look-alike: not one byte. */
static int
pattern_first(const pcre2_code *code)
{
	uint32_t known = 0, first = 0;

	if (pcre2_pattern_info(code, PCRE2_INFO_FIRSTCODETYPE, &known) != 0 ||
	    known != 1 ||
	    pcre2_pattern_info(code, PCRE2_INFO_FIRSTCODEUNIT, &first) != 0 ||
	    (first | 0x20) - 'a' < 26)
		return -1;
	return (int)first;
}

/* "/pattern/": for what words cannot say, such as addresses of sites. */
static void
pattern_add(struct loading *ld, unsigned name, struct sv source)
{
	struct lexicon *l = ld->l;
	PCRE2_UCHAR text[128];
	char what[192];
	PCRE2_SIZE at;
	int rc;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)source.p, source.n,
	    PCRE2_UTF | PCRE2_UCP | PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C,
	    &rc, &at, NULL);

	if (code == NULL) {
		(void)pcre2_get_error_message(rc, text, sizeof(text));
		(void)snprintf(what, sizeof(what), "at character %zu: %s",
		    at + 1, (const char *)text);
		refuse(ld, what, "correct the pattern");
		return;
	}
	if (l->pattern_count == PATTERNS_MAX) {
		pcre2_code_free(code);
		refuse(ld, "is one pattern too many", "at most 64");
		return;
	}
	l->patterns[l->pattern_count++] =
	    (struct pattern){ code, pattern_first(code), (uint8_t)name };
}

static void
keyword_add(struct loading *ld, unsigned name, const struct keyword *kw)
{
	bool single = kw->count == 1 && kw->parts[0] < LEX_PART_CLASS;
	bool mark = name >= LEX_URGENT && name < LEX_MARK_END;
	struct atom *a = single ? &ld->l->atoms[kw->parts[0]] : NULL;

	if (single && a->star && a->n < STEM_MIN)
		refuse(ld, "is too short for any ending",
		    "write the forms it has");
	else if (name >= LEX_CLASS && !single)
		refuse(ld, "is a phrase in a class", "write single words");
	else if (name >= LEX_CLASS)
		a->classes |= UINT64_C(1) << (name - LEX_CLASS);
	else if (mark && single)
		a->marks |= lex_mark(name);
	else if (single)
		owner_add(ld, name, kw->weak, kw->parts[0]);
	else
		phrase_add(ld, name, kw);
}

static void
on_word(void *arg, const struct texts_word *line)
{
	struct loading *ld = arg;
	struct sv word = line->word;
	struct keyword kw;
	unsigned name;

	if (ld->rc < 0)
		return;
	ld->line = line;
	name = name_of(ld, line->name);
	if (name == LEX_NAME_MAX) {
		refuse(ld, "stands under an unknown name",
		    "see menus/words.md for the names");
		return;
	}
	if (word.n > 2 && word.p[0] == '/' && word.p[word.n - 1] == '/') {
		pattern_add(ld, name, (struct sv){ word.p + 1, word.n - 2 });
		return;
	}
	keyword_read(ld, word, &kw);
	if (ld->rc < 0)
		return;
	keyword_add(ld, name, &kw);
}

/* ---- other spellings of the same keywords ---- */

static void
spelling_add(struct loading *ld, const struct folded *t,
    const struct fold_word *w, unsigned reading, const struct key *k)
{
	struct atom *a = &ld->l->atoms[k->atom];
	const uint16_t *raw = t->raw + w->raw;
	struct spelling *s;

	a->joined = a->joined || letters_joined(raw, w->raw_n);
	GROW(ld->spellings, ld->spelling_count, ld->spelling_max);
	s = &ld->spellings[ld->spelling_count++];
	*s = (struct spelling){ .n = w->raw_n,
		.script = w->script,
		.reading = (uint8_t)reading,
		.key = (uint16_t)(k - ld->l->keys) };
	memcpy(s->raw, raw, w->raw_n * sizeof(s->raw[0]));
}

static void
variants_of(struct loading *ld, struct sv part)
{
	char codes[2 * FOLD_WORD_MAX], other[2 * FOLD_WORD_MAX];
	bool star = part.p[part.n - 1] == '*';
	const struct key *k;
	struct folded t;
	uint16_t atom;

	part.n -= star;
	fold_text(ld->fold, part, FOLD_AS_TYPED, &t);
	for (size_t i = 0; i < t.count; i++) {
		const struct fold_word *w = &t.words[i];
		bool stem = star && i + 1 == t.count;

		memcpy(codes, t.codes + w->at, w->n);
		k = lexicon_key(
		    ld->l, codes, w->n, lexicon_hash(codes, w->n), stem);
		if (k == NULL)
			continue;
		atom = k->atom;
		spelling_add(ld, &t, w, 0, k);
		for (unsigned r = FOLD_PLAIN_O; r < FOLD_READINGS; r += 2) {
			size_t n = fold_again(&t, w, r, other);

			if (n < 1 + (size_t)stem || n > STEM_MAX ||
			    ld->l->key_count >= KEYS_MAX - 1 ||
			    lexicon_key(ld->l, other, n, lexicon_hash(other, n),
				stem) != NULL)
				continue;
			key_add(ld->l, other, n, stem, atom);
			spelling_add(
			    ld, &t, w, r, &ld->l->keys[ld->l->key_count - 1]);
		}
	}
}

/* A second pass, so that a variant never takes a skeleton from a keyword. */
static void
on_variant(void *arg, const struct texts_word *line)
{
	struct loading *ld = arg;
	struct sv rest = line->word, part;

	if (ld->rc < 0 || rest.p[0] == '/')
		return;
	if (rest.n > 5 && memcmp(rest.p, "weak:", 5) == 0) {
		rest.p += 5;
		rest.n -= 5;
	}
	while (rest.n > 0) {
		part = sv_cut(&rest, ' ');
		if (part.n > 0 && part.p[0] != '@' && part.p[0] != '+')
			variants_of(ld, part);
	}
}

static int
classes_check(const struct lexicon *l, struct diag *diag)
{
	for (size_t i = 0; i < l->class_count; i++) {
		if (!l->classes[i].defined)
			return diag_set(diag, -EINVAL,
			    "%s: nothing defines @%s; add the entry class.%s",
			    l->classes[i].where, l->classes[i].name,
			    l->classes[i].name);
	}
	return 0;
}

static struct lexicon *
lexicon_empty(void)
{
	struct lexicon *l = calloc(1, sizeof(*l));

	ASSERT(l != NULL);
	l->endings = endings_new();
	l->slot_mask = 511;
	slots_grow(l);
	GROW(l->owners, l->owner_count, l->owner_max);
	GROW(l->phrases, l->phrase_count, l->phrase_max);
	GROW(l->atoms, l->atom_count, l->atom_max);
	l->owner_count = l->phrase_count = 1;
	l->pattern_data = pcre2_match_data_create(1, NULL);
	l->pattern_limits = pcre2_match_context_create(NULL);
	ASSERT(l->pattern_data != NULL && l->pattern_limits != NULL);
	(void)pcre2_set_match_limit(l->pattern_limits, PATTERN_STEPS);
	(void)pcre2_set_depth_limit(l->pattern_limits, PATTERN_DEPTH);
	return l;
}

int
lexicon_new(const struct content *c, const struct fold *f,
    struct lexicon **ret_lexicon, struct diag *reterr_diag)
{
	CLEANUP(lexicon_free) struct lexicon *l = lexicon_empty();
	struct loading ld = {
		.l = l, .fold = f, .content = c, .diag = reterr_diag
	};

	texts_words_each(c->texts, on_word, &ld);
	if (ld.rc == 0)
		ld.rc = classes_check(l, reterr_diag);
	if (ld.rc < 0)
		return ld.rc;
	texts_words_each(c->texts, on_variant, &ld);
	lexicon_near_build(l, ld.spellings, ld.spelling_count);
	free(ld.spellings);
	*ret_lexicon = l;
	l = NULL; /* ownership moves to the caller */
	return 0;
}

void
lexicon_free(struct lexicon **lp)
{
	struct lexicon *l = *lp;

	if (l == NULL)
		return;
	for (size_t i = 0; i < l->pattern_count; i++)
		pcre2_code_free(l->patterns[i].code);
	pcre2_match_data_free(l->pattern_data);
	pcre2_match_context_free(l->pattern_limits);
	endings_free(&l->endings);
	free(l->pool);
	free(l->keys);
	free(l->slots);
	free(l->atoms);
	free(l->owners);
	free(l->phrases);
	free(l->nears);
	free(l->near_slots);
	free(l);
	*lp = NULL;
}

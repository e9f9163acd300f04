/* texts.c - reads the PO files of all languages through libgettextpo. */
#include "content/texts.h"

#include <gettext-po.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "content/file.h"
#include "daemon/base/arena.h"

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define LEAKS_ARE_COUNTED 1 /* clang */
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define LEAKS_ARE_COUNTED 1 /* gcc */
#endif
#ifdef LEAKS_ARE_COUNTED
#include <sanitizer/lsan_interface.h>
#endif

enum {
	PO_BYTES_MAX = 2 << 20, /* of a file */
	TEXTS_MAX = 1000,
	TEXT_BYTES_MAX = 2000,
	WORDS_MAX = 40000,
	WORD_BYTES_MAX = 100,
	ID_BYTES_MAX = 64,
	PATH_BYTES_MAX = 1024,
	ARENA_BLOCK = 64 << 10,
	ARENA_LIMIT = 64 << 20,
};

struct text {
	const char *id;
	struct sv forms[LANG_COUNT]; /* fallbacks filled in */
	unsigned own;		     /* bit per form: not a fallback */
};

struct texts {
	struct arena *arena;
	struct text items[TEXTS_MAX];
	size_t count;
	uint16_t by_id[TEXTS_MAX]; /* sorted once English is read */
	struct texts_word *words;
	size_t word_count, word_cap;
};

/* One PO file while it is read. */
struct po {
	const char *path;
	enum lang lang;
	bool words_only; /* CODE.words.po, CODE.taught.po: no texts */
	struct texts *texts;
	struct diag *diag;
	int rc; /* what the library complained about */
	jmp_buf on_fatal;
	unsigned *lines; /* of each msgid, in file order */
	size_t line_count;
};

/*
 * The library's handlers take no argument of ours, so the file being read
 * has to be found here.  Set only inside po_parse().
 */
static _Thread_local struct po *reading;

PRINTF(3, 4)
static int
refuse(const struct po *po, unsigned line, const char *fmt, ...)
{
	char what[384];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return diag_set(po->diag, -EINVAL, "%s:%u: %s", po->path, line, what);
}

/* NOLINTBEGIN(readability-function-size): the library chose the arguments */
static void
on_xerror(int severity, po_message_t message, const char *filename, size_t line,
    size_t column, int multiline, const char *what)
{
	struct po *po = reading;

	(void)message, (void)filename, (void)column, (void)multiline;
	if (po->rc == 0)
		po->rc = refuse(po, line == (size_t)-1 ? 1 : (unsigned)line,
		    "PO error (%.*s); correct it as the gettext manual shows",
		    (int)strcspn(what, "\n"), what);
	/* the library forbids a return here and would end the process */
	if (severity == PO_SEVERITY_FATAL_ERROR)
		longjmp(po->on_fatal, 1);
}

static void
on_xerror2(int severity, po_message_t message1, const char *filename1,
    size_t line1, size_t column1, int multiline1, const char *what1,
    po_message_t message2, const char *filename2, size_t line2, size_t column2,
    int multiline2, const char *what2)
{
	(void)message2, (void)filename2, (void)line2, (void)column2;
	(void)multiline2, (void)what2;
	on_xerror(
	    severity, message1, filename1, line1, column1, multiline1, what1);
}
/* NOLINTEND(readability-function-size) */

/*
 * The library loses its copy of the file's name at every read (gettext 0.21,
 * some 20 bytes) and tokens of a broken file.  Editions are loaded a few times
 * a day, so nothing is done about it but to keep it out of our own leak check.
 */
static void
count_leaks(bool on)
{
#ifdef LEAKS_ARE_COUNTED
	if (on)
		__lsan_enable();
	else
		__lsan_disable();
#else
	(void)on;
#endif
}

/* Returns the parsed file, or NULL with po->rc set. */
static po_file_t
po_parse(struct po *po)
{
	static const struct po_xerror_handler handler = { on_xerror,
		on_xerror2 };
	po_file_t volatile file = NULL;

	reading = po;
	errno = 0;
	count_leaks(false);
	if (setjmp(po->on_fatal) == 0)
		file = po_file_read(po->path, &handler);
	count_leaks(true);
	reading = NULL;
	if (file == NULL && po->rc == 0)
		po->rc = refuse(po, 1, "cannot be read (%s)", strerror(errno));
	if (file != NULL && po->rc < 0) {
		po_file_free(file);
		file = NULL;
	}
	return file;
}

static bool
starts_entry(struct sv line)
{
	if (line.n > 2 && memcmp(line.p, "#~", 2) == 0) {
		line.p += 2;
		line.n -= 2;
	}
	while (line.n > 0 && (line.p[0] == ' ' || line.p[0] == '\t')) {
		line.p++;
		line.n--;
	}
	return line.n > 5 && memcmp(line.p, "msgid", 5) == 0 &&
	       line.p[5] != '_';
}

/*
 * The library does not tell where an entry stands.  It keeps their order, so
 * the nth entry is the nth line that begins with "msgid".
 */
static void
find_lines(struct po *po, struct sv text)
{
	size_t cap = 0;
	unsigned line;

	for (line = 1; text.n > 0; line++) {
		if (!starts_entry(sv_cut(&text, '\n')))
			continue;
		if (po->line_count == cap) {
			cap = cap > 0 ? cap * 2 : 256;
			po->lines =
			    reallocarray(po->lines, cap, sizeof(*po->lines));
			ASSERT(po->lines != NULL);
		}
		po->lines[po->line_count++] = line;
	}
}

static bool
is_id(const char *id)
{
	size_t n = strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789.-_@");

	return n > 0 && n <= ID_BYTES_MAX && id[n] == '\0';
}

/*
 * Find the next placeholder.
 *
 * rest  cut behind it
 *
 * Returns 1, 0 at the end, -EINVAL for a brace that belongs to none.
 */
static int
next_placeholder(struct sv *rest, struct sv *ret_name)
{
	size_t i = 0, n = 0;

	while (i < rest->n && rest->p[i] != '{' && rest->p[i] != '}')
		i++;
	if (i == rest->n)
		return 0;
	if (rest->p[i] == '}')
		return -EINVAL;
	rest->p += i + 1;
	rest->n -= i + 1;
	while (n < rest->n && rest->p[n] >= 'a' && rest->p[n] <= 'z')
		n++;
	if (n == 0 || n == rest->n || rest->p[n] != '}')
		return -EINVAL;
	*ret_name = (struct sv){ rest->p, n };
	rest->p += n + 1;
	rest->n -= n + 1;
	return 1;
}

static bool
has_placeholder(struct sv text, struct sv wanted)
{
	struct sv name;

	while (next_placeholder(&text, &name) > 0)
		if (sv_eq(name, wanted))
			return true;
	return false;
}

/* Refuse a placeholder of text that other does not have, and loose braces. */
static int
check_placeholders(const struct po *po, unsigned line, struct sv text,
    struct sv other, const char *where)
{
	struct sv name;
	int rc;

	while ((rc = next_placeholder(&text, &name)) > 0)
		if (!has_placeholder(other, name))
			return refuse(po, line,
			    "{" SV_FMT "} is missing in %s; both need the "
			    "same placeholders",
			    SV_ARG(name), where);
	if (rc < 0)
		return refuse(po, line,
		    "a brace without its pair; write {name} in small letters");
	return 0;
}

/* Index of a text, or TEXTS_MAX. */
static size_t
text_find(const struct texts *t, const char *id)
{
	size_t low = 0, high = t->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = strcmp(id, t->items[t->by_id[mid]].id);

		if (order == 0)
			return t->by_id[mid];
		if (order > 0)
			low = mid + 1;
		else
			high = mid;
	}
	return TEXTS_MAX;
}

static int
compare_texts(const void *a, const void *b, void *arg)
{
	const struct text *items = arg;

	return strcmp(
	    items[*(const uint16_t *)a].id, items[*(const uint16_t *)b].id);
}

static void
index_texts(struct texts *t)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		t->by_id[i] = (uint16_t)i;
	qsort_r(
	    t->by_id, t->count, sizeof(t->by_id[0]), compare_texts, t->items);
}

static int
add_english(struct po *po, unsigned line, const char *id, struct sv form)
{
	struct texts *t = po->texts;
	struct text *item;

	if (form.n == 0)
		return refuse(po, line, "\"%s\" has no text; write it", id);
	if (t->count == TEXTS_MAX)
		return refuse(
		    po, line, "more than %d texts; remove some", TEXTS_MAX);
	item = &t->items[t->count];
	item->id = arena_dup(t->arena, id, strlen(id));
	item->forms[LANG_EN] = form;
	item->own = 1u << LANG_EN;
	t->count++;
	return check_placeholders(po, line, form, form, "English");
}

static int
add_translation(struct po *po, unsigned line, const char *id, struct sv form)
{
	size_t at = text_find(po->texts, id);
	struct text *item;
	int rc;

	if (at == TEXTS_MAX)
		return refuse(po, line,
		    "English has no text \"%s\"; remove it or add it to en.po",
		    id);
	if (form.n == 0)
		return 0; /* not translated yet: the fallback is used */
	item = &po->texts->items[at];
	rc = check_placeholders(
	    po, line, form, item->forms[LANG_EN], "the English text");
	if (rc == 0)
		rc = check_placeholders(
		    po, line, item->forms[LANG_EN], form, "this translation");
	if (rc < 0)
		return rc;
	item->forms[po->lang] = form;
	item->own |= 1u << po->lang;
	return 0;
}

static int
add_text(struct po *po, unsigned line, const char *id, const char *str)
{
	size_t len = strlen(str);
	struct sv form = SV("");

	if (!is_id(id))
		return refuse(po, line,
		    "msgid must be the id of a text: small letters, digits "
		    "and . - _ @");
	if (len > TEXT_BYTES_MAX)
		return refuse(po, line,
		    "\"%s\" is longer than %d bytes; shorten it", id,
		    TEXT_BYTES_MAX);
	if (len > 0)
		form =
		    (struct sv){ arena_dup(po->texts->arena, str, len), len };
	return po->lang == LANG_EN ? add_english(po, line, id, form) :
				     add_translation(po, line, id, form);
}

static struct sv
trim(struct sv v)
{
	while (v.n > 0 && strchr(" \t\r", v.p[0]) != NULL) {
		v.p++;
		v.n--;
	}
	while (v.n > 0 && strchr(" \t\r", v.p[v.n - 1]) != NULL)
		v.n--;
	return v;
}

static void
push_word(struct texts *t, const struct texts_word *word)
{
	if (t->word_count == t->word_cap) {
		t->word_cap = t->word_cap > 0 ? t->word_cap * 2 : 512;
		t->words =
		    reallocarray(t->words, t->word_cap, sizeof(*t->words));
		ASSERT(t->words != NULL);
	}
	t->words[t->word_count++] = *word;
}

static int
add_words(struct po *po, unsigned line, const char *name, const char *str)
{
	struct texts *t = po->texts;
	struct texts_word word = { .lang = po->lang, .line = line };
	struct sv rest;

	if (!is_id(name))
		return refuse(po, line,
		    "msgid must name a topic or a command: small letters, "
		    "digits and . - _ @");
	rest = sv_of(arena_dup(t->arena, str, strlen(str)));
	word.name = arena_dup(t->arena, name, strlen(name));
	word.file = arena_dup(t->arena, po->path, strlen(po->path));
	while (rest.n > 0) {
		word.word = trim(sv_cut(&rest, '\n'));
		if (word.word.n == 0)
			continue;
		if (word.word.n > WORD_BYTES_MAX)
			return refuse(po, line,
			    "a word of \"%s\" is longer than %d bytes; write "
			    "one word or short phrase per line",
			    name, WORD_BYTES_MAX);
		if (t->word_count == WORDS_MAX)
			return refuse(po, line,
			    "more than %d words; remove some", WORDS_MAX);
		push_word(t, &word);
	}
	return 0;
}

static int
add_entry(struct po *po, po_message_t message, unsigned line)
{
	const char *context = po_message_msgctxt(message);
	const char *id = po_message_msgid(message);
	const char *str = po_message_msgstr(message);

	if (po_message_is_obsolete(message) || po_message_is_fuzzy(message))
		return 0;
	if (context == NULL && id[0] == '\0')
		return 0; /* the header */
	if (po_message_msgid_plural(message) != NULL)
		return refuse(
		    po, line, "plural forms are not used; write one msgstr");
	if (context == NULL && po->words_only)
		return refuse(po, line,
		    "texts belong into the file without \"words\"; move this "
		    "one, or write msgctxt \"words\" above it");
	if (context == NULL)
		return add_text(po, line, id, str);
	if (strcmp(context, "words") == 0)
		return add_words(po, line, id, str);
	return refuse(po, line,
	    "context \"%.64s\" is not known; write \"words\" or none", context);
}

static int
add_entries(struct po *po, po_file_t file)
{
	po_message_iterator_t it = po_message_iterator(file, NULL);
	po_message_t message;
	size_t n = 0;
	int rc = 0;

	while (rc == 0 && (message = po_next_message(it)) != NULL) {
		if (n < po->line_count)
			rc = add_entry(po, message, po->lines[n]);
		n++;
	}
	po_message_iterator_free(it);
	if (rc == 0 && n != po->line_count)
		rc = refuse(po, 1,
		    "%zu entries, but %zu lines begin with msgid; begin a line "
		    "with every msgid and use no domains",
		    n, po->line_count);
	return rc;
}

/* The text is read once to check it and find lines, then by the library. */
static int
po_read(struct po *po)
{
	size_t len;
	po_file_t file;
	char *buf;
	int rc;

	rc = file_read_text(po->path, PO_BYTES_MAX, &buf, &len, po->diag);
	if (rc < 0)
		return rc;
	if (strstr(buf, "charset=UTF-8\\n\"") == NULL) {
		free(buf);
		return refuse(po, 1,
		    "the header must say \"Content-Type: text/plain; "
		    "charset=UTF-8\\n\"");
	}
	find_lines(po, (struct sv){ buf, len });
	free(buf);
	file = po_parse(po);
	rc = po->rc;
	if (rc == 0) {
		rc = add_entries(po, file);
		po_file_free(file);
	}
	free(po->lines);
	return rc;
}

/* Read DIR/CODE.SUFFIX; a missing file is fine unless it is required. */
static int
read_file(struct texts *t, const char *dir, enum lang lang, const char *suffix,
    struct diag *d)
{
	char path[PATH_BYTES_MAX];
	struct diag why;
	struct po po = {
		.path = path,
		.lang = lang,
		.words_only = strcmp(suffix, "po") != 0,
		.texts = t,
		.diag = &why,
	};
	int n, rc;

	n = snprintf(
	    path, sizeof(path), "%s/%s.%s", dir, lang_code(lang), suffix);
	if (n < 0 || (size_t)n >= sizeof(path))
		return diag_set(
		    d, -EINVAL, "%s: the path is too long; shorten it", dir);
	rc = po_read(&po);
	if (rc == -ENOENT &&
	    (po.words_only || (lang != LANG_EN && lang != LANG_RU)))
		return 0;
	if (rc < 0)
		*d = why;
	return rc;
}

static void
fill_fallbacks(struct texts *t)
{
	unsigned lang;
	size_t i;

	for (i = 0; i < t->count; i++)
		for (lang = 0; lang < LANG_COUNT; lang++) {
			struct text *item = &t->items[i];
			enum lang from = (enum lang)lang;

			while ((item->own & 1u << from) == 0)
				from = lang_fallback(from);
			item->forms[lang] = item->forms[from];
		}
}

static int
read_all(struct texts *t, const char *dir, struct diag *d)
{
	unsigned lang;
	int rc;

	/* English first: it says which texts there are */
	rc = read_file(t, dir, LANG_EN, "po", d);
	if (rc < 0)
		return rc;
	index_texts(t);
	for (lang = 0; rc == 0 && lang < LANG_COUNT; lang++) {
		if (lang != LANG_EN)
			rc = read_file(t, dir, (enum lang)lang, "po", d);
		if (rc == 0)
			rc = read_file(t, dir, (enum lang)lang, "words.po", d);
		if (rc == 0)
			rc = read_file(t, dir, (enum lang)lang, "taught.po", d);
	}
	return rc;
}

int
texts_load(const char *dir, struct texts **ret_texts, struct diag *reterr_diag)
{
	struct texts *t = calloc(1, sizeof(*t));
	int rc;

	ASSERT(t != NULL);
	t->arena = arena_new(ARENA_BLOCK, ARENA_LIMIT);
	rc = read_all(t, dir, reterr_diag);
	if (rc < 0) {
		texts_free(&t);
		return rc;
	}
	fill_fallbacks(t);
	*ret_texts = t;
	return 0;
}

void
texts_free(struct texts **tp)
{
	if (*tp == NULL)
		return;
	arena_free(&(*tp)->arena);
	free((*tp)->words);
	free(*tp);
	*tp = NULL;
}

struct sv
texts_get(const struct texts *t, enum lang lang, const char *id)
{
	size_t at = text_find(t, id);

	if (at == TEXTS_MAX)
		return SV("");
	return t->items[at].forms[lang < LANG_COUNT ? lang : LANG_EN];
}

bool
texts_has(const struct texts *t, enum lang lang, const char *id)
{
	size_t at = text_find(t, id);

	return at != TEXTS_MAX && lang < LANG_COUNT &&
	       (t->items[at].own & 1u << lang) != 0;
}

void
texts_each(
    const struct texts *t, void (*fn)(void *arg, const char *id), void *arg)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		fn(arg, t->items[i].id);
}

void
texts_words_each(const struct texts *t,
    void (*fn)(void *arg, const struct texts_word *word), void *arg)
{
	size_t i;

	for (i = 0; i < t->word_count; i++)
		fn(arg, &t->words[i]);
}

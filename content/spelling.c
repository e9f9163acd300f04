/* spelling.c - respells words for the voices that misread them. */
#include "content/spelling.h"

#include <unicode/uchar.h>

#include "daemon/proto/utf8.h"

enum { WORD_MAX = 64 /* characters; longer ones stay as they are */ };

/* A word in small letters. */
struct word {
	UChar32 c[WORD_MAX];
	size_t n;
};

static bool
word_read(struct word *w, struct sv text)
{
	size_t i = 0;
	UChar32 c;

	w->n = 0;
	while (i < text.n) {
		c = utf8_next(text, &i);
		if (c < 0 || w->n == WORD_MAX)
			return false;
		w->c[w->n++] = u_tolower(c);
	}
	return true;
}

/* The character there, 0 outside. */
static UChar32
at(const struct word *w, size_t i)
{
	return i < w->n ? w->c[i] : 0;
}

static UChar32
before(const struct word *w, size_t i)
{
	return i > 0 ? w->c[i - 1] : 0;
}

static bool
is_in(UChar32 c, const char *letters)
{
	struct sv all = sv_of(letters);
	size_t i = 0;

	while (i < all.n)
		if (utf8_next(all, &i) == c)
			return true;
	return false;
}

/* Sounds of letters, for the tables below. */
struct sound {
	const char *letter, *sound;
};

static const char *
sound_of(const struct sound *table, size_t count, UChar32 c)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (is_in(c, table[i].letter))
			return table[i].sound;
	return NULL;
}

/* Words that the Russian voice stresses elsewhere; most are names of towns. */
static const struct sound russian[] = {
	{ "нарын", "nar'yn_" },
	{ "талас", "tal'As" },
	{ "тараз", "tar'As" },
	{ "баткен", "batk;'en_" },
	{ "каракол", "kVrak'ol" },
	{ "узген", "uzg;'en_" },
	{ "балыкчы", "bVlyktS;'y" },
	{ "андижан", "and;iZ'An_" },
	{ "наманган", "nVmang'An_" },
	{ "фергана", "f;irgan'A" },
	{ "бухара", "buxar'A" },
	{ "термез", "t;irm;'es" },
	{ "хива", "x;iv'A" },
	{ "гулистан", "gul;ist'An_" },
	{ "маргилан", "mVrg;il'An_" },
	{ "ангрен", "ang@-r;'en_" },
	{ "нурафшон", "nurafS'on_" },
	{ "исфара", "Isfar'A" },
	{ "истаравшан", "IstVrafS'An_" },
	{ "бохтар", "baxt'Ar" },
	{ "дангара", "dVngar'A" },
	{ "турсунзаде", "tursunzad;'e" },
	{ "актобе", "aktab;'e" },
	{ "кызылорда", "kyzylard'A" },
	{ "атырау", "atyra'u" },
	{ "костанай", "kVstan'Aj" },
	{ "кокшетау", "kVkSyt'Au" },
	{ "экибастуз", "E#k;ibast'us" },
	{ "жанаозен", "ZVnVaz;'en_" },
	{ "туркменбаши", "turkm;inbaS'I" },
	{ "туркменабад", "turkm;inab'At" },
	{ "баку", "bak'u" },
	{ "дубай", "dub'Aj" },
	{ "семьи", "s;im;j'I" },
	{ "душе", "duS'E" },
	{ "перезвоним", "p;ir;izvan;'im" },
};

static bool
russian_put(struct sb *b, struct sv text)
{
	char buf[WORD_MAX * U8_MAX_LENGTH + 1];
	struct sb small;
	struct word w;
	size_t i;

	if (!word_read(&w, text))
		return false;
	sb_wrap(&small, buf, sizeof(buf));
	for (i = 0; i < w.n; i++)
		utf8_put(&small, w.c[i]);
	for (i = 0; i < ARRAY_LEN(russian); i++)
		if (strcmp(buf, russian[i].letter) == 0) {
			sb_printf(b, "[[%s]]", russian[i].sound);
			return true;
		}
	return false;
}

static void
uzbek_put(struct sb *b, const struct word *w)
{
	size_t i;

	for (i = 0; i < w->n; i++) {
		if (!is_in(at(w, i + 1), "'`ʻʼ‘’")) {
			utf8_put(b, is_in(w->c[i], "`ʻʼ‘’") ? '\'' : w->c[i]);
		} else if (w->c[i] == 'o' || w->c[i] == 'g') {
			sb_puts(b, w->c[i] == 'o' ? "ў" : "ғ");
			i++;
		} else {
			utf8_put(b, w->c[i]);
		}
	}
}

static const char ky_vowels[] = "аоуыэеиөүёюя", ky_back[] = "аоуыёюя";

/* True if the voice drops the letter: its rules have к, г and л beside a
 * vowel only, and weaken в before one. */
static bool
ky_is_lost(const struct word *w, size_t i)
{
	UChar32 next = at(w, i + 1);

	if (w->c[i] == L'в')
		return i > 0 && is_in(next, ky_vowels);
	if (!is_in(w->c[i], "кгл") || is_in(next, "аоуыэеиөү"))
		return false;
	return !is_in(before(w, i), ky_vowels);
}

/* Back and front sounds of к, г, л, by the vowel beside them. */
static const char *
ky_by_vowel(const struct word *w, size_t i)
{
	UChar32 next = at(w, i + 1), c = w->c[i];
	bool back =
	    is_in(is_in(next, ky_vowels) ? next : before(w, i), ky_back);

	if (c == L'к')
		return back ? "q" : "k";
	if (c == L'г')
		return back ? "G" : "g";
	return back ? "L" : "l";
}

static const char *
ky_sound(const struct word *w, size_t i)
{
	static const struct sound table[] = {
		{ "а", "a" },
		{ "о", "o" },
		{ "у", "u" },
		{ "ы", "I" },
		{ "э", "e" },
		{ "и", "i" },
		{ "ө", "O" },
		{ "ү", "y" },
		{ "ё", "jo" },
		{ "ю", "ju" },
		{ "я", "ja" },
		{ "б", "b" },
		{ "в", "v" },
		{ "д", "d" },
		{ "ж", "dZ" },
		{ "з", "z" },
		{ "й", "j" },
		{ "м", "m" },
		{ "н", "n" },
		{ "ң", "N" },
		{ "п", "p" },
		{ "р", "r" },
		{ "с", "s" },
		{ "т", "t" },
		{ "ф", "f" },
		{ "х", "X" },
		{ "ц", "ts" },
		{ "ч", "tS" },
		{ "шщ", "S" },
		{ "ъь-", "" },
	};
	UChar32 c = w->c[i];

	if (c == L'е')
		return i == 0 || is_in(before(w, i), ky_vowels) ? "je" : "e";
	if (is_in(c, "кгл"))
		return ky_by_vowel(w, i);
	return sound_of(table, ARRAY_LEN(table), c);
}

/* Stress is on the last vowel. */
static size_t
ky_stress(const struct word *w)
{
	size_t i, last = w->n;

	for (i = 0; i < w->n; i++)
		if (is_in(w->c[i], ky_vowels) && w->c[i] != before(w, i))
			last = i;
	return last;
}

static bool
kyrgyz_put(struct sb *b, const struct word *w)
{
	size_t i, stress = ky_stress(w);
	bool lost = false;

	for (i = 0; i < w->n; i++) {
		lost = lost || ky_is_lost(w, i);
		if (ky_sound(w, i) == NULL)
			return false;
	}
	if (!lost)
		return false;
	sb_puts(b, "[[");
	for (i = 0; i < w->n; i++) {
		bool is_long =
		    is_in(w->c[i], ky_vowels) && w->c[i] == before(w, i);

		if (i == stress)
			sb_puts(b, "'");
		sb_puts(b, is_long ? ":" : ky_sound(w, i));
	}
	sb_puts(b, "]]");
	return true;
}

static const char tg_vowels[] = "аеёиоуэюяӣӯ", tg_before_ye[] = "аеёиоуэюяӣӯъ";

static const char *
tg_sound(const struct word *w, size_t i)
{
	static const struct sound table[] = {
		{ "а", "a" },
		{ "б", "b" },
		{ "в", "v" },
		{ "г", "g" },
		{ "ғ", "gh" },
		{ "д", "d" },
		{ "з", "z" },
		{ "иӣы", "i" },
		{ "й", "y" },
		{ "к", "k" },
		{ "қ", "q" },
		{ "л", "l" },
		{ "м", "m" },
		{ "н", "n" },
		{ "о", "aa" },
		{ "п", "p" },
		{ "р", "r" },
		{ "с", "s" },
		{ "т", "t" },
		{ "у", "u" },
		{ "ӯ", "o" },
		{ "ф", "f" },
		{ "х", "kh" },
		{ "ц", "ts" },
		{ "ч", "ch" },
		{ "ҷ", "j" },
		{ "шщ", "sh" },
		{ "э", "e" },
		{ "ё", "yaa" },
		{ "ю", "yu" },
		{ "я", "ya" },
		{ "ъь", "" },
		{ "-", "-" },
	};
	UChar32 c = w->c[i];

	/* the voice takes "th" and the like for one sound, perhaps English,
	 * and has "zh" before a vowel only */
	if (c == L'ҳ')
		return is_in(before(w, i), "гжзкстчш") ? "-h" : "h";
	if (c == L'ж')
		return is_in(at(w, i + 1), tg_vowels) ? "zh" : "j";
	/* "аъ" is long */
	if (c == L'ъ' && before(w, i) == L'а')
		return "a";
	if (c == L'е')
		return i == 0 || is_in(before(w, i), tg_before_ye) ? "ye" : "e";
	return sound_of(table, ARRAY_LEN(table), c);
}

static bool
tajik_put(struct sb *b, const struct word *w)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (tg_sound(w, i) == NULL)
			return false;
	for (i = 0; i < w->n; i++)
		sb_puts(b, tg_sound(w, i));
	return true;
}

void
spelling_put(struct sb *b, enum lang lang, struct sv text)
{
	struct word w;
	bool done = false;

	if (word_read(&w, text)) {
		if (lang == LANG_UZ || lang == LANG_UZ_CYRL) {
			uzbek_put(b, &w);
			done = true;
		} else if (lang == LANG_RU) {
			done = russian_put(b, text);
		} else if (lang == LANG_KY) {
			done = kyrgyz_put(b, &w);
		} else if (lang == LANG_TG) {
			done = tajik_put(b, &w);
		}
	}
	if (!done)
		sb_put(b, text);
}

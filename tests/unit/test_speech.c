/* test_speech.c - numbers, times, signs in words; respelling for the voices. */
#include "content/speech.h"

#include "content/hours.h"
#include "content/numbers.h"
#include "tests/tap.h"

struct row {
	enum lang lang;
	const char *in, *out;
};

static void
test_words(void)
{
	static const struct row rows[] = {
		{ LANG_RU, "Звоните 112, это бесплатно.",
		    "Звоните сто двенадцать, это бесплатно." },
		{ LANG_EN, "Call 112 or 103.",
		    "Call one one two or one zero three." },
		{ LANG_EN, "180 days", "one hundred eighty days" },
		{ LANG_RU, "Роструд (2023)",
		    "Роструд, две тысячи двадцать три" },
		{ LANG_RU, "Линия 1899, Кыргызстан",
		    "Линия один восемь девять девять, Кыргызстан" },
		{ LANG_RU, "служба 051", "служба ноль пять один" },
		{ LANG_RU, "штраф 15 000 рублей",
		    "штраф пятнадцать тысяч рублей" },
		{ LANG_RU, "5000 сомов", "пять тысяч сомов" },
		{ LANG_RU, "2 100 500", "два миллиона сто тысяч пятьсот" },
		{ LANG_EN, "+7 495 777-77-77",
		    "plus seven, four nine five, seven seven seven, seven "
		    "seven, seven seven" },
		{ LANG_UZ, "8 (495) 777-77-77",
		    "sakkiz, toʻrt toʻqqiz besh, yetti yetti yetti, yetti "
		    "yetti, yetti yetti" },
		{ LANG_UZ, "25 kun", "yigirma besh kun" },
		{ LANG_KY, "саат 9:00", "саат тогуз" },
		{ LANG_KK, "18:30", "он сегіз отыз" },
		{ LANG_EN, "from 9:00 to 18:30",
		    "from nine a m to six thirty p m" },
		{ LANG_EN, "12:00, 24:00, 0:15, 12:05",
		    "noon, midnight, twelve fifteen a m, twelve zero five p "
		    "m" },
		{ LANG_RU, "10:05", "десять ноль пять" },
		{ LANG_RU, "2-3 дня", "два, три дня" },
		{ LANG_RU, "МОМ / ВИЧ", "МОМ, ВИЧ" },
		{ LANG_RU, "«Дом» — это №5", "Дом, это номер пять" },
		{ LANG_RU, "ОФ «Плюс»", "общественный фонд Плюс" },
		{ LANG_RU, "Язык/Til", "Язык, Til" },
		{ LANG_TG, "5%", "панҷ фоиз" },
		{ LANG_KK, "СМС-пен алу", "эсэмэспен алу" },
		{ LANG_UZ, "SMS orqali", "esemes orqali" },
		{ LANG_RU, "СМСка, СМС", "СМСка, эсэмэс" },
		{ LANG_EN, "  Don't   pay!  Ask...\nThen go",
		    "Don't pay! Ask. "
		    "Then go" },
		{ LANG_EN, "[[inject]] <b> {x} \\", "inject b x" },
		{ LANG_EN, "", "" },
		{ LANG_EN, "?!,", "" },
		{ LANG_RU, "123456789012345678901234567890 да",
		    "один два три четыре пять шесть семь восемь девять ноль "
		    "один два три четыре пять шесть семь восемь девять ноль "
		    "один два три четыре пять шесть семь восемь девять ноль "
		    "да" },
		{ LANG_EN, "bad \xff byte", "bad byte" },
	};
	char buf[1024];
	struct sb b;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		sb_wrap(&b, buf, sizeof(buf));
		speech_words(&b, rows[i].lang, sv_of(rows[i].in));
		OK(strcmp(buf, rows[i].out) == 0, rows[i].in);
		if (strcmp(buf, rows[i].out) != 0)
			printf("# got \"%s\"\n", buf);
	}
}

static void
test_spelling(void)
{
	static const struct row rows[] = {
		{ LANG_UZ, "qo'ng'iroq", "qўnғiroq" },
		{ LANG_UZ, "Qoʻngʻiroq", "qўnғiroq" },
		{ LANG_UZ, "maʼlumot sanʼat", "ma'lumot san'at" },
		{ LANG_UZ, "4 oy", "tўrt oy" },
		{ LANG_KY, "Москва", "[[moskv'a]]" },
		{ LANG_KY, "банк", "[[b'ank]]" },
		{ LANG_KY, "клиника", "[[kliniq'a]]" },
		{ LANG_KY, "Оренбург", "[[orenb'urg]]" },
		{ LANG_KY, "Ереван", "[[jerev'an]]" },
		{ LANG_KY, "жардам керек", "жардам керек" },
		{ LANG_KY, "25", "жыйырма беш" },
		{ LANG_KY, "Келди. Банк жок! 5...",
		    "Келди.\n\n[[b'ank]] жок!\n\n"
		    "беш." },
		{ LANG_TG,
		    "Салом. Барои гузоштани паём рақами якро пахш "
		    "кунед",
		    "salaam.\n\nbaraai guzaashtani payaam raqami yakraa pakhsh "
		    "kuned" },
		{ LANG_TG, "ҷавоб, ғоз, ҳаққи меҳнат, рӯз, сӣ",
		    "javaab, ghaaz, haqqi mehnat, roz, si" },
		{ LANG_TG, "Ереван, маълумот, оё",
		    "yerevan, maalumaat, aayaa" },
		{ LANG_TG, "ҳуҷҷатҳо, манъи, исҳоқ, шаҳр, ҳаждаҳ, жола",
		    "hujjat-haa, mani, is-haaq, shahr, hajdah, zhaala" },
		{ LANG_TG, "37", "siyu haft" },
		{ LANG_TG, "SIM корт", "SIM kaart" },
		{ LANG_RU, "Москва, Бухара", "Москва, [[buxar'A]]" },
		{ LANG_KK, "қырық", "қырық" },
	};
	char buf[1024];
	struct sb b;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		sb_wrap(&b, buf, sizeof(buf));
		speech_put(&b, rows[i].lang, sv_of(rows[i].in));
		OK(strcmp(buf, rows[i].out) == 0, rows[i].in);
		if (strcmp(buf, rows[i].out) != 0)
			printf("# got \"%s\"\n", buf);
	}
}

static void
test_numbers(void)
{
	static const struct {
		uint32_t number;
		const char *words[LANG_COUNT]; /* ru ky tg uz uz kk en */
	} rows[] = {
		{ 0, { "ноль", "нөл", "нол", "nol", "nol", "нөл", "zero" } },
		{ 7, { "семь", "жети", "ҳафт", "yetti", "yetti", "жеті",
			 "seven" } },
		{ 10, { "десять", "он", "даҳ", "oʻn", "oʻn", "он", "ten" } },
		{ 15, { "пятнадцать", "он беш", "понздаҳ", "oʻn besh",
			  "oʻn besh", "он бес", "fifteen" } },
		{ 31, { "тридцать один", "отуз бир", "сию як", "oʻttiz bir",
			  "oʻttiz bir", "отыз бір", "thirty one" } },
		{ 100, { "сто", "жүз", "сад", "yuz", "yuz", "жүз",
			   "one hundred" } },
		{ 249, { "двести сорок девять", "эки жүз кырк тогуз",
			   "дусаду чилу нуҳ", "ikki yuz qirq toʻqqiz",
			   "ikki yuz qirq toʻqqiz", "екі жүз қырық тоғыз",
			   "two hundred forty nine" } },
		{ 1000, { "тысяча", "миң", "ҳазор", "ming", "ming", "мың",
			    "one thousand" } },
		{ 2001, { "две тысячи один", "эки миң бир", "ду ҳазору як",
			    "ikki ming bir", "ikki ming bir", "екі мың бір",
			    "two thousand one" } },
		{ 11014,
		    { "одиннадцать тысяч четырнадцать", "он бир миң он төрт",
			"ёздаҳ ҳазору чордаҳ", "oʻn bir ming oʻn toʻrt",
			"oʻn bir ming oʻn toʻrt", "он бір мың он төрт",
			"eleven thousand fourteen" } },
		{ 21000, { "двадцать одна тысяча", "жыйырма бир миң",
			     "бисту як ҳазор", "yigirma bir ming",
			     "yigirma bir ming", "жиырма бір мың",
			     "twenty one thousand" } },
		{ 1000000, { "один миллион", "бир миллион", "як миллион",
			       "bir million", "bir million", "бір миллион",
			       "one million" } },
		{ 999999999,
		    { "девятьсот девяносто девять миллионов девятьсот "
		      "девяносто девять тысяч девятьсот девяносто девять",
			"тогуз жүз токсон тогуз миллион тогуз жүз токсон "
			"тогуз миң тогуз жүз токсон тогуз",
			"нӯҳсаду наваду нуҳ миллиону нӯҳсаду наваду нуҳ "
			"ҳазору нӯҳсаду наваду нуҳ",
			"toʻqqiz yuz toʻqson toʻqqiz million toʻqqiz yuz "
			"toʻqson toʻqqiz ming toʻqqiz yuz toʻqson toʻqqiz",
			"toʻqqiz yuz toʻqson toʻqqiz million toʻqqiz yuz "
			"toʻqson toʻqqiz ming toʻqqiz yuz toʻqson toʻqqiz",
			"тоғыз жүз тоқсан тоғыз миллион тоғыз жүз тоқсан "
			"тоғыз мың тоғыз жүз тоқсан тоғыз",
			"nine hundred ninety nine million nine hundred ninety "
			"nine thousand nine hundred ninety nine" } },
	};
	char buf[512];
	struct sb b;
	size_t i, lang;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		for (lang = 0; lang < LANG_COUNT; lang++) {
			sb_wrap(&b, buf, sizeof(buf));
			numbers_put(&b, (enum lang)lang, rows[i].number);
			OK(strcmp(buf, rows[i].words[lang]) == 0,
			    rows[i].words[lang]);
			if (strcmp(buf, rows[i].words[lang]) != 0)
				printf("# got \"%s\"\n", buf);
		}
}

/* Whatever an editor writes: no read outside, as the sanitizers see, and no
 * digit or bracket that was not meant for the voice. */
static void
test_any(void)
{
	static const char *const pieces[] = { "7", "0", " ", "-", "+", "(", ")",
		".", ":", "\n", "[[", "№", "%", "ʻ", "'", "ўқ", "Банк", "СМС-",
		"ngʻ", "аъо", "\xd0", "\xff", "\xe2\x80", "<x>", "\u00a0", "12",
		"09:30", "000", "e", "Ж", "ҳ" };
	char text[64], buf[4096];
	unsigned seed = 7, try, n, lang;
	struct sb in, out;
	int bad = 0;
	size_t i;

	for (try = 0; try < 20000; try++) {
		sb_wrap(&in, text, sizeof(text));
		for (n = 0; n < 12; n++) {
			seed = seed * 1103515245 + 12345;
			sb_puts(&in, pieces[seed / 65536 % ARRAY_LEN(pieces)]);
		}
		lang = try % LANG_COUNT;
		sb_wrap(&out, buf, sizeof(buf));
		speech_words(&out, (enum lang)lang, sb_sv(&in));
		for (i = 0; i < out.n; i++)
			bad += strchr("0123456789[]<>\\", buf[i]) != NULL;
		sb_wrap(&out, buf, sizeof(buf));
		speech_put(&out, (enum lang)lang, sb_sv(&in));
		for (i = 0; i < out.n; i++)
			bad += strchr("<>\\", buf[i]) != NULL;
	}
	EQ(bad, 0, "any text: words and marks only");
}

static void
test_hours(void)
{
	static const struct {
		const char *text;
		int count; /* -1: not understood */
	} rows[] = {
		{ "24 hours", 0 },
		{ "Mon-Fri 09:00-18:00", 1 },
		{ "Mon, Wed-Fri 09:00-18:00; Sat 10:00-24:00", 2 },
		{ "daily 08:00-20:00", 1 },
		{ "09:00-18:00", 1 },
		{ "20:00-08:00", 1 },
		{ "", -1 },
		{ "Mon", -1 },
		{ "09:00", -1 },
		{ "09:60-10:00", -1 },
		{ "09:00-24:01", -1 },
		{ "09:00-09:00", -1 },
		{ "Fri-Mon 09:00-18:00", -1 },
		{ "Mon-Fri 09:00-18:00 and by appointment", -1 },
		{ "09:00-18:00 Moscow time", -1 },
		{ "daily 1:00-2:00", -1 },
		{ "Mon 01:00-02:00;Tue 01:00-02:00;Wed 01:00-02:00;"
		  "Thu 01:00-02:00;Fri 01:00-02:00",
		    -1 },
	};
	struct hours h;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		h.count = 99;
		if (hours_read(sv_of(rows[i].text), &h) < 0)
			EQ(rows[i].count, h.count == 99 ? -1 : 0, rows[i].text);
		else
			EQ(h.count, rows[i].count, rows[i].text);
	}
	EQ(hours_read(SV("Mon, Wed-Fri 09:00-18:30"), &h), 0, "days");
	EQ(h.spans[0].days, 1 | 4 | 8 | 16, "Monday, Wednesday to Friday");
	EQ(h.spans[0].from, 9 * 60, "from");
	EQ(h.spans[0].to, 18 * 60 + 30, "to");
}

int
main(void)
{
	test_numbers();
	test_words();
	test_spelling();
	test_any();
	test_hours();
	return tap_done();
}

/* test_match.c - what texts mean: with the project's own words. */
#include "menus/match.h"

#include "tests/tap.h"
#include "tests/tmpdir.h"

static struct content content;
static struct matcher *matcher;

static const char *const commands[CMD_COUNT] = { "menu", "back", "more",
	"language", "stop", "forget", "counsellor", "callback", "emergency",
	"help", "latin", "cyrillic" };

/* "wages", "stop", "number:3", "place", "none", "ask wages" */
static const char *
said(const struct match *m, char *buf, size_t size)
{
	switch (m->kind) {
	case MATCH_COMMAND:
		return commands[m->command];
	case MATCH_NUMBER:
		(void)snprintf(buf, size, "number:%u", m->number);
		return buf;
	case MATCH_TOPIC:
		return topics_at(content.topics, m->topic)->id;
	case MATCH_PLACE:
		return "place";
	case MATCH_NONE:
		break;
	}
	if (m->choice_count == 0)
		return "none";
	(void)snprintf(
	    buf, size, "ask %s", topics_at(content.topics, m->choices[0])->id);
	return buf;
}

static const char *
place_of(const struct match *m)
{
	return m->place == PLACE_NONE ? "" :
					places_at(content.places, m->place)->id;
}

struct text_case {
	const char *text, *want, *place;
};

static void
check(const struct text_case *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct match m;
		char buf[64];
		bool good;

		match_text(matcher, sv_of(c[i].text), &m);
		good = strcmp(said(&m, buf, sizeof(buf)), c[i].want) == 0 &&
		       strcmp(place_of(&m), c[i].place) == 0;
		OK(good, c[i].text);
		if (!good)
			printf("# got %s %s, want %s %s\n",
			    said(&m, buf, sizeof(buf)), place_of(&m), c[i].want,
			    c[i].place);
	}
}

/* What is told, and what no longer hurts, gets no answer as if it were asked
 * for; danger does, whatever stands beside it. */
static void
test_stories(void)
{
	static const struct text_case cases[] = {
		{ "зарплату дали, спасибо", "none", "" },
		{ "salary is fine thanks", "none", "" },
		{ "маошро гирифтам, раҳмат", "none", "" },
		{ "oyligimni oldim rahmat", "none", "" },
		{ "айлыгымды алдым, баары жакшы", "none", "" },
		{ "зарплату не дали", "wages", "" },
		{ "с документами все нормально", "none", "" },
		{ "все нормально, но паспорт хозяин забрал", "trafficking",
		    "" },
		{ "нас никто не бьет", "none", "" },
		{ "все хорошо, но муж бьет меня", "violence", "" },
		{ "the hospital behind that bridge looked pretty", "ask health",
		    "" },
		{ "where is the hospital in this big city", "health", "" },
		{ "паспорт получил наконец, спасибо", "none", "" },
		{ "спасибо, а где больница", "health", "" },
		{ "зарплату дали", "none", "" },
		{ "зарплату половину дали", "wages", "" },
		{ "муж не бьет меня", "none", "" },
		{ "муж не бьет, но запирает дома", "violence", "" },
		{ "в полиции не помогли муж бьет", "violence", "" },
		{ "не шутка, бьет", "violence", "" },
		{ "все хорошо только паспорт забрали", "trafficking", "" },
		{ "нужна нормальная работа", "jobs", "" },
		{ "паспорт не готов", "documents", "" },
		{ "passport is not ready", "documents", "" },
		{ "паспорт тайёр нест", "documents", "" },
		{ "pasport tayyor emas", "documents", "" },
		{ "паспорт даяр эмес", "documents", "" },
		{ "құжат дайын емес", "documents", "" },
		{ "никто нас не бьет, документы готовы", "none", "" },
		{ "хозяин получил наши деньги", "wages", "" },
		{ "boss received my salary", "wages", "" },
		{ "foreman got our money", "wages", "" },
		{ "boss paid us, thank you", "none", "" },
		{ "мне помогли, теперь требуют отработать долг", "trafficking",
		    "" },
		{ "эми керек эмес, өлөм", "emergency", "" },
		{ "енді керек емес, өлемін", "emergency", "" },
		{ "зарплату дали, муж избевает меня", "violence", "" },
		{ "зарплату дали, ходим в кинотиатр", "none", "" },
		{ "раҳмат маро маҳкам карданд", "trafficking", "" },
		{ "шукр зинда гурехтам куҷо равам", "shelter", "" },
		{ "the movie about trafficking was sad", "none", "" },
		{ "they sold me to another man", "trafficking", "" },
		{ "they looked at us", "none", "" },
		{ "they locked us in a room", "trafficking", "" },
		{ "көз карандысыздык майрамы менен", "none", "" },
		{ "не удалось отправить информацию", "none", "" },
		/* one corrected word, and nothing beside it bears it out */
		{ "файлы сарая", "ask family", "" },
		{ "нужна рабта", "jobs", "" },
	};

	check(cases, ARRAY_LEN(cases));
}

static void
test_no_spaces(void)
{
	static const struct text_case cases[] = {
		{ "потерялпаспорт", "documents", "" },
		{ "неплатятзарплату", "wages", "" },
		{ "гдебольница", "ask health", "" },
		{ "неоплатонизм", "none", "" },
	};

	check(cases, ARRAY_LEN(cases));
}

static void
test_topics(void)
{
	static const struct text_case cases[] = {
		/* ru */
		{ "потеряла документы", "documents", "" },
		{ "не платят зарплату", "wages", "" },
		{ "zarplatu ne platyat", "wages", "" },
		{ "pfhgkfne yt gkfnzn", "wages", "" },
		{ "зарплта", "wages", "" },
		{ "врача в Казани", "health", "ru-kazan" },
		/* ky */
		{ "айлыгымды бербейт", "wages", "" },
		{ "ailygymdy berbeit", "wages", "" },
		{ "Бишкекте дарыгер", "health", "kg-bishkek" },
		{ "кургак учук", "tb", "" },
		/* tg */
		{ "маоши маро надоданд", "wages", "" },
		{ "хуччатхоямро гум кардам", "documents", "" },
		{ "дар Душанбе духтур", "health", "tj-dushanbe" },
		/* uz, both alphabets */
		{ "oyligimni bermayapti", "wages", "" },
		{ "ойлигимни бермаяпти", "wages", "" },
		{ "Toshkentda shifokor", "health", "uz-tashkent" },
		{ "yurist kerak", "legal", "" },
		/* kk */
		{ "айлығымды бермейді", "wages", "" },
		{ "Алматыда дәрігер", "health", "kz-almaty" },
		{ "заңгер керек", "legal", "" },
		/* en */
		{ "my boss did not pay me", "wages", "" },
		{ "doctor in Moscow", "health", "ru-moscow" },
		/* papers that somebody keeps */
		{ "хозяин не отдаёт паспорт", "trafficking", "" },
		{ "начальник не возвращает документы", "trafficking", "" },
		{ "паспортумду бербей жатат", "trafficking", "" },
		{ "шиносномаро намедиҳад", "trafficking", "" },
		{ "pasportimni qaytarmayapti", "trafficking", "" },
		{ "паспортимни қайтармаяпти", "trafficking", "" },
		{ "төлқұжатымды қайтармайды", "trafficking", "" },
		{ "boss keeps my passport", "trafficking", "" },
		{ "консульство паспортумду бербей жатат", "documents", "" },
		{ "паспортум жок", "documents", "" },
		{ "owner does not return my documents", "trafficking", "" },
		/* people that somebody keeps */
		{ "маро озод намекунанд", "trafficking", "" },
		{ "меня не отпускают", "trafficking", "" },
		{ "мени коё беришпейт", "trafficking", "" },
		{ "meni qo'yib yuborishmayapti", "trafficking", "" },
		{ "мени қўйиб юборишмаяпти", "trafficking", "" },
		{ "мені жібермейді", "trafficking", "" },
		{ "they dont let me go", "trafficking", "" },
		/* which of two */
		{ "хозяин забрал паспорт", "trafficking", "" },
		{ "потерял паспорт", "documents", "" },
		{ "xo'jayin pasportimni olib qo'ygan", "trafficking", "" },
		{ "врач по туберкулёзу", "tb", "" },
		{ "консульство Кыргызстана в Москве", "consulate",
		    "ru-moscow" },
	};

	check(cases, ARRAY_LEN(cases));
}

static void
test_commands(void)
{
	static const struct text_case cases[] = {
		{ "МЕНЮ", "menu", "" },
		{ "назад", "back", "" },
		{ "дагы", "more", "" },
		{ "MORE", "more", "" },
		{ "СТОП", "stop", "" },
		{ "STOP", "stop", "" },
		{ "UNSUBSCRIBE", "stop", "" },
		{ "ТОКТОТ", "stop", "" },
		{ "ТЎХТА", "stop", "" },
		{ "ИСТ", "stop", "" },
		{ "БАС", "stop", "" },
		{ "ТОҚТАТ", "stop", "" },
		{ "QUIT", "stop", "" },
		{ "000", "forget", "" },
		{ "УНУТ", "forget", "" },
		{ "language", "language", "" },
		{ "HELP", "help", "" },
		{ "ПОМОЩЬ", "help", "" },
		{ "ЖАРДАМ", "help", "" },
		{ "ЁРӢ", "help", "" },
		{ "YORDAM", "help", "" },
		{ "КӨМЕК", "help", "" },
		{ "help, they are killing us", "emergency", "" },
		{ "помогите, убивают!", "emergency", "" },
		{ "боюсь", "emergency", "" },
		{ "мне страшно", "emergency", "" },
		{ "коркуп жатам", "emergency", "" },
		{ "метарсам", "emergency", "" },
		{ "тарсидам", "emergency", "" },
		{ "ман метарсам", "emergency", "" },
		{ "qo'rqyapman", "emergency", "" },
		{ "қўрқяпман", "emergency", "" },
		{ "қорқып тұрмын", "emergency", "" },
		{ "i am scared", "emergency", "" },
		{ "01", "emergency", "" },
		{ "02", "emergency", "" },
		{ "03", "emergency", "" },
		{ "101", "emergency", "" },
		{ "102", "emergency", "" },
		{ "103", "emergency", "" },
		{ "112", "emergency", "" },
		{ "911", "emergency", "" },
		{ "SOS", "emergency", "" },
		{ "🆘", "emergency", "" },
		{ "боюсь потерять работу", "jobs", "" },
		{ "оператор", "counsellor", "" },
		{ "позвоните мне", "callback", "" },
		{ "pozvonite mne", "callback", "" },
		{ "ЧАЛЫП КОЮҢУЗЧУ", "callback", "" },
		{ "ЗАНГ ЗАНЕД", "callback", "" },
		{ "QOʻNGʻIROQ QILING", "callback", "" },
		{ "кунгирок килинг", "callback", "" },
		{ "ҚОҢЫРАУ ШАЛЫҢЫЗ", "callback", "" },
		{ "call me please", "callback", "" },
		{ "do not call me", "stop", "" },
		{ "не звоните мне", "stop", "" },
		{ "мага чалбагыла", "stop", "" },
		{ "ба ман занг назанед", "stop", "" },
		{ "menga qo'ng'iroq qilmang", "stop", "" },
		{ "маған қоңырау шалмаңыз", "stop", "" },
		{ "куда позвонить", "none", "" },
		{ "муж не звонит", "none", "" },
		{ "REVOKE", "stop", "" },
	};

	check(cases, ARRAY_LEN(cases));
}

static void
test_numbers(void)
{
	static const struct text_case cases[] = {
		{ "3", "number:3", "" },
		{ " 3. ", "number:3", "" },
		{ "(3)", "number:3", "" },
		{ "№3", "number:3", "" },
		{ "③", "number:3", "" },
		{ "３", "number:3", "" },
		{ "3️⃣", "number:3", "" },
		{ "٣", "number:3", "" },
		{ "۳", "number:3", "" },
		{ "0", "number:0", "" },
		{ "три", "number:3", "" },
		{ "үч", "number:3", "" },
		{ "се", "number:3", "" },
		{ "uch", "number:3", "" },
		{ "үш", "number:3", "" },
		{ "three", "number:3", "" },
		{ "Ўш", "place", "kg-osh" },
		{ "12", "none", "" },
		{ "00", "none", "" },
		{ "3 4", "none", "" },
	};

	check(cases, ARRAY_LEN(cases));
}

static void
test_places(void)
{
	static const struct text_case cases[] = {
		{ "Питер", "place", "ru-saint-petersburg" },
		{ "Екб", "place", "ru-yekaterinburg" },
		{ "в Нижнем Новгороде", "place", "ru-nizhny-novgorod" },
		{ "Москвадамын", "place", "ru-moscow" },
		{ "дар Маскав", "place", "ru-moscow" },
		{ "Toshkentdan", "place", "uz-tashkent" },
		{ "Жалал-Абаддан", "place", "kg-jalal-abad" },
		{ "Нур-Султан", "place", "kz-astana" },
		{ "Курган-Тюбе", "place", "tj-bokhtar" },
		{ "Россия", "place", "ru" },
		{ "Екатеринбрг", "place", "ru-yekaterinburg" },
		{ "Ош", "place", "kg-osh" },
		{ "Ош юрист", "legal", "kg-osh" },
		{ "юрист Ош", "legal", "kg-osh" },
		{ "Osh lawyer", "legal", "kg-osh" },
		{ "для семей", "none", "" },
		{ "СКО", "place", "kz-north-kazakhstan-region" },
		{ "в СҚО", "place", "kz-north-kazakhstan-region" },
		{ "ЗКО", "place", "kz-west-kazakhstan-region" },
		{ "скоро", "none", "" },
		{ "они придут скоро", "none", "" },
		{ "в Уфе", "place", "ru-ufa" },
		{ "Оште", "place", "kg-osh" },
	};

	check(cases, ARRAY_LEN(cases));
}

static void
test_none(void)
{
	static const struct text_case cases[] = {
		{ "", "none", "" },
		{ "?!", "none", "" },
		{ "привет", "none", "" },
		{ "салам, кандайсың", "none", "" },
		{ "rahmat", "none", "" },
		{ "ывапролд", "none", "" },
		{ "ВЫ ВЫИГРАЛИ ПРИЗ!", "none", "" },
		{ "курс доллара на сегодня", "none", "" },
		{ "what time is the match", "none", "" },
		{ "деньги", "none", "" },
	};
	static const char *const talk[] = { "", "🙂 !", "спасибо!",
		"салам, кандайсың", "assalomu alaykum", "thank you very much" };
	struct match m;

	check(cases, ARRAY_LEN(cases));
	for (size_t i = 0; i < ARRAY_LEN(talk); i++) {
		match_text(matcher, sv_of(talk[i]), &m);
		OK(m.kind == MATCH_NONE && strcmp(m.how, "filler") == 0,
		    talk[i]);
	}
	match_text(matcher, SV("ывапролд"), &m);
	OK(strcmp(m.how, "none") == 0, "what nobody understands");
}

static void
test_languages(void)
{
	static const struct {
		const char *text;
		enum lang wanted, lang;
	} cases[] = {
		{ "кыргызча", LANG_KY, LANG_KY },
		{ "пиши по-таджикски", LANG_TG, LANG_RU },
		{ "o'zbekcha yozing", LANG_UZ, LANG_UZ },
		{ "ўзбекча ёзинг", LANG_UZ_CYRL, LANG_UZ_CYRL },
		{ "қазақша", LANG_KK, LANG_KK },
		{ "change language", LANG_NONE, LANG_EN },
	};
	static const struct {
		const char *text;
		enum lang lang;
	} help[] = {
		{ "HELP", LANG_EN },
		{ "ПОМОЩЬ", LANG_RU },
		{ "ЖАРДАМ", LANG_KY },
		{ "ЁРӢ", LANG_TG },
		{ "YORDAM", LANG_UZ },
		{ "ЁРДАМ", LANG_UZ_CYRL },
		{ "КӨМЕК", LANG_KK },
	};
	struct match m;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		match_text(matcher, sv_of(cases[i].text), &m);
		OK(m.kind == MATCH_COMMAND && m.command == CMD_LANGUAGE,
		    cases[i].text);
		EQ(m.wanted, cases[i].wanted, "the language wanted");
		EQ(m.lang, cases[i].lang, "the language written");
	}
	for (size_t i = 0; i < ARRAY_LEN(help); i++) {
		match_text(matcher, sv_of(help[i].text), &m);
		OK(m.kind == MATCH_COMMAND && m.command == CMD_HELP,
		    help[i].text);
		EQ(m.lang, help[i].lang, "and its language");
	}
	match_text(matcher, SV("мне нужен врач"), &m);
	EQ(m.lang, LANG_RU, "Russian");
	match_text(matcher, SV("менга иш керак"), &m);
	EQ(m.lang, LANG_UZ_CYRL, "Uzbek, Cyrillic");
	match_text(matcher, SV("qqq"), &m);
	EQ(m.lang, LANG_NONE, "no language");
}

static void
test_urgent(void)
{
	static const struct {
		const char *text, *topic;
	} cases[] = {
		{ "не хочу больше жить", "mental-health" },
		{ "өлгүм келет", "mental-health" },
		{ "друг укололся и не дышит", "harm-reduction" },
		{ "нас держат под замком", "trafficking" },
	};
	struct match m;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		match_text(matcher, sv_of(cases[i].text), &m);
		OK(m.kind == MATCH_TOPIC && m.urgent &&
			strcmp(topics_at(content.topics, m.topic)->id,
			    cases[i].topic) == 0,
		    cases[i].text);
	}
	match_text(matcher, SV("потеряла паспорт"), &m);
	OK(!m.urgent, "not everything is");
}

static void
test_bytes(void)
{
	static char big[1 << 20];
	struct match m;

	memset(big, 'a', sizeof(big));
	match_text(matcher, (struct sv){ big, sizeof(big) }, &m);
	EQ(m.kind, MATCH_NONE, "a megabyte of one letter");
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char)(i * 37);
	match_text(matcher, (struct sv){ big, sizeof(big) }, &m);
	OK(m.kind <= MATCH_PLACE, "a megabyte of any bytes");
	match_text(matcher, (struct sv){ "xq\0zzkv\xff", 8 }, &m);
	EQ(m.kind, MATCH_NONE, "NUL and broken UTF-8");
}

#define PO_HEAD                                                                \
	"msgid \"\"\nmsgstr \"\"\n\"Language: en\\n\"\n"                       \
	"\"Content-Type: text/plain; charset=UTF-8\\n\"\n\n"
#define WORDS(name, text)                                                      \
	"msgctxt \"words\"\nmsgid \"" name "\"\nmsgstr \"" text "\"\n\n"

/* Keywords that must be refused, and where the message must point. */
static void
test_refused(const struct tmpdir *tmp)
{
	static const struct {
		const char *name, *words, *want;
	} bad[] = {
		{ "unknown name", WORDS("jbos", "work"), "unknown name" },
		{ "two owners", WORDS("jobs", "work") WORDS("wages", "work"),
		    "another owner" },
		{ "bad pattern", WORDS("jobs", "/(/"), "at character" },
		{ "no letters", WORDS("jobs", "!!!"), "without letters" },
		{ "short stem", WORDS("jobs", "ab*"), "too short" },
		{ "unknown class", WORDS("jobs", "a @nobody"), "@nobody" },
		{ "phrase in a class", WORDS("class.x", "a b"), "in a class" },
		{ "too many words", WORDS("jobs", "a b c d e f g"),
		    "too many words" },
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct content c = content;
		struct matcher *m = NULL;
		struct diag d = { "" };
		char text[1024];

		tmp_puts(tmp, "ru.po", PO_HEAD);
		tmp_puts(tmp, "en.po", PO_HEAD);
		(void)snprintf(
		    text, sizeof(text), "%s%s", PO_HEAD, bad[i].words);
		tmp_puts(tmp, "en.words.po", text);
		EQ(texts_load(tmp->path, &c.texts, &d), 0, bad[i].name);
		EQ(matcher_new(&c, &m, &d), -EINVAL, "is refused");
		OK(m == NULL && strstr(d.text, bad[i].want) != NULL &&
			strstr(d.text, "en.words.po:") != NULL,
		    d.text);
		texts_free(&c.texts);
	}
}

int
main(void)
{
	struct tmpdir tmp;
	struct diag d = { "" };

	EQ(topics_load("content/topics.csv", &content.topics, &d), 0, d.text);
	EQ(places_load("content/gazetteer.csv", &content.places, &d), 0,
	    d.text);
	EQ(texts_load("content/lang", &content.texts, &d), 0, d.text);
	EQ(matcher_new(&content, &matcher, &d), 0, "the words load");
	if (matcher == NULL) {
		printf("# %s\n", d.text);
		return tap_done();
	}
	test_topics();
	test_stories();
	test_no_spaces();
	test_commands();
	test_numbers();
	test_places();
	test_none();
	test_languages();
	test_urgent();
	test_bytes();
	tmp_init(&tmp);
	test_refused(&tmp);
	tmp_done(&tmp);
	matcher_free(&matcher);
	texts_free(&content.texts);
	places_free(&content.places);
	topics_free(&content.topics);
	return tap_done();
}

/* What is kept of a person while they talk: language, citizenship. */
#include "menus/step.h"
#include "tests/tap.h"

static struct edition *edition;
static struct arena *arena;

static void
turn(struct menu_session *s, const char *country, const char *text,
    struct menu_result *ret_result)
{
	const struct menu_input in = {
		.text = sv_of(text), .country = country, .now_ms = 1
	};

	menu_step(edition, s, &in, arena, ret_result);
	*s = ret_result->next;
}

/* Whose consulate they ask for is said beside the word, not where they are. */
static void
test_state(void)
{
	static const char *const asks[] = {
		"посольство таджикистана в москве",
		"сафорати Тоҷикистон дар Маскав",
		"Tajikistan embassy in Moscow",
	};
	struct menu_session s;
	struct menu_result out;
	size_t i, k;

	for (i = 0; i < ARRAY_LEN(asks); i++) {
		s = menu_session_new();
		turn(&s, "ru", asks[i], &out);
		OK(out.listing_count > 0 &&
			strcmp(out.listings[0]->id, "tj-embassy-moscow") == 0,
		    asks[i]);
		for (k = 0; k < out.listing_count; k++)
			OK(out.listings[k]->serves[0] == '\0' ||
				strcmp(out.listings[k]->serves, "tj") == 0,
			    "no other state's");
	}
}

/* What language a talk is in is not shaken by a name or by three words. */
static void
test_language_stays(void)
{
	static const struct {
		const char *text;
		enum lang lang;
	} talk[] = {
		{ "где найти врача", LANG_RU },
		{ "санкт петербург", LANG_RU },
		{ "больница без полиса", LANG_RU },
		{ "ыыы эээ", LANG_RU },
		{ "жумуш керек", LANG_KY },
		{ "Москва", LANG_KY },
		{ "адвокат лоер help", LANG_KY },
	};
	struct menu_session s = menu_session_new();
	struct menu_result out;
	size_t i;

	for (i = 0; i < ARRAY_LEN(talk); i++) {
		turn(&s, "ru", talk[i].text, &out);
		EQ(s.lang, talk[i].lang, talk[i].text);
	}
}

int
main(void)
{
	struct diag why = { "" };

	arena = arena_new(65536, 4 << 20);
	EQ(edition_load(".", 0, &edition, &why), 0, "the project's own menus");
	if (edition != NULL) {
		test_language_stays();
		test_state();
	}
	edition_free(&edition);
	arena_free(&arena);
	return tap_done();
}

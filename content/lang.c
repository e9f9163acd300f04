/* lang.c - codes and fallbacks of the written forms. */
#include "content/lang.h"

#include <unicode/uloc.h>

static const char *const codes[LANG_COUNT + 1] = {
	[LANG_RU] = "ru",
	[LANG_KY] = "ky",
	[LANG_TG] = "tg",
	[LANG_UZ] = "uz",
	[LANG_UZ_CYRL] = "uz@cyrillic",
	[LANG_KK] = "kk",
	[LANG_EN] = "en",
	[LANG_NONE] = "",
};

const char *
lang_code(enum lang lang)
{
	ASSERT(lang <= LANG_NONE);
	return codes[lang];
}

enum lang
lang_of(struct sv code)
{
	unsigned i;

	for (i = 0; i < LANG_COUNT; i++)
		if (sv_eq(sv_of(codes[i]), code))
			return (enum lang)i;
	return LANG_NONE;
}

enum lang
lang_fallback(enum lang lang)
{
	switch (lang) {
	case LANG_UZ_CYRL:
		return LANG_UZ;
	case LANG_KY:
	case LANG_TG:
	case LANG_UZ:
	case LANG_KK:
		return LANG_RU;
	case LANG_RU:
		return LANG_EN;
	case LANG_EN:
	case LANG_NONE:
		break;
	}
	return LANG_NONE;
}

enum lang
lang_of_country(const char *country)
{
	static const struct {
		const char *country;
		enum lang lang;
	} homes[] = {
		{ "kg", LANG_KY },
		{ "tj", LANG_TG },
		{ "uz", LANG_UZ },
		{ "kz", LANG_KK },
		/* the rest of the former Union */
		{ "ru", LANG_RU },
		{ "tm", LANG_RU },
		{ "by", LANG_RU },
		{ "ua", LANG_RU },
		{ "md", LANG_RU },
		{ "am", LANG_RU },
		{ "az", LANG_RU },
		{ "ge", LANG_RU },
		{ "lv", LANG_RU },
		{ "lt", LANG_RU },
		{ "ee", LANG_RU },
	};
	size_t i;

	for (i = 0; country != NULL && i < ARRAY_LEN(homes); i++)
		if (strcmp(homes[i].country, country) == 0)
			return homes[i].lang;
	return LANG_EN;
}

bool
lang_is_code(struct sv code)
{
	char text[4];
	size_t i;

	if (lang_of(code) != LANG_NONE)
		return code.n > 0;
	if (code.n < 2 || code.n >= sizeof(text))
		return false;
	for (i = 0; i < code.n; i++)
		if (code.p[i] < 'a' || code.p[i] > 'z')
			return false;
	memcpy(text, code.p, code.n);
	text[code.n] = '\0';
	return uloc_getISO3Language(text)[0] != '\0';
}

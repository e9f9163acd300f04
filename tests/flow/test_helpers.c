/* Who is given to whom: by number, place and topic, as people see it. */
#include "tests/flow/kit.h"

static struct kit *k;
static unsigned people;

/* Somebody never seen, with a number of this beginning. */
static const char *
stranger(const char *code)
{
	static char number[32];

	(void)snprintf(number, sizeof(number), "%s%04u", code, 1000 + people++);
	return number;
}

#define FROM_RU "+7926123"
#define FROM_KG "+99655512"

static const char *
answer(const char *from, const char *text)
{
	EQ(kit_say(k, from, text), 0, text);
	return kit_last(k)->text;
}

static void
has(const char *text, const char *part, const char *name)
{
	OK(strstr(text, part) != NULL, name);
	if (strstr(text, part) == NULL)
		printf("# %s\n", text);
}

static void
lacks(const char *text, const char *part, const char *name)
{
	OK(strstr(text, part) == NULL, name);
	if (strstr(text, part) != NULL)
		printf("# %s\n", text);
}

/* 051 can be dialled in Moscow and nowhere else. */
static void
test_number_of_a_town(void)
{
	const char *from = stranger(FROM_RU);

	lacks(answer(from, "психолог"), "051", "no town: not 051");
	lacks(answer(from, "ещё"), "051", "nor on the next page");
	lacks(answer(from, "Казань"), "051", "in Kazan: not 051");
	lacks(answer(from, "ещё"), "051", "nor on the next page there");
	has(answer(from, "Москва"), "051", "in Moscow: 051");
	lacks(answer(stranger(FROM_KG), "психолог Москва"), "051",
	    "a Kyrgyz number in Moscow: not 051");
}

/* Whom somebody is sent to who asks for a lawyer after that. */
static void
lawyer(const char *code, const char *said, const char *want, const char *name)
{
	const char *from = stranger(code);

	(void)answer(from, said);
	(void)answer(from, "меню");
	has(answer(from, "юрист"), want, name);
}

static void
test_country_asked_about(void)
{
	lawyer(FROM_KG, "can I enter Russia?", "1899", "in: they only ask");
	lawyer(FROM_KG, "могу ли я въехать в Россию", "1899", "to, in Russian");
	lawyer(FROM_KG, "Россияга кире аламбы", "1899", "to, in Kyrgyz");
	lawyer(FROM_KG, "еду в Россию", "1899", "they want to go there");
	lawyer(FROM_KG, "Ba Rusiya raftan mekhoham", "1899", "to, in Tajik");
	lawyer(FROM_RU, "я из Таджикистана", "+74991267571",
	    "from there is not there");
	lawyer(
	    FROM_RU, "хочу домой в Таджикистан", "+74991267571", "nor is home");
	lawyer(FROM_KG, "я в России", "+79037922279", "who is there is there");
	lawyer(FROM_KG, "работа в России", "+79037922279", "with a topic, too");
	lawyer(FROM_KG, "еду в Москву", "+74991267571",
	    "a town they go to is where they need help");
}

/* They answer the question where they are, however they put it. */
static void
test_country_answered(void)
{
	const char *from = stranger(FROM_KG);

	has(answer(from, "6"), "?", "help near me: where?");
	lacks(answer(from, "Россияга"), "1899", "asked, they are there");
}

/* A line for people in danger is not the first for who is not paid. */
static void
test_wages(void)
{
	const char *text = answer(stranger(FROM_KG), "не платят зарплату");
	const char *general = strstr(text, "\n1899");
	const char *violence = strstr(text, "\n117");

	OK(general != NULL && violence != NULL && general < violence,
	    "1899 before 117");
	text = answer(stranger(FROM_KG), "муж бьёт");
	general = strstr(text, "\n1899");
	violence = strstr(text, "\n117");
	OK(violence != NULL && (general == NULL || violence < general),
	    "but not for who is beaten");
}

/* An ambulance does not answer what they asked; that is said first. */
static void
test_nobody_for_health(void)
{
	const char *text =
	    answer(stranger(FROM_KG), "where can I get an HIV test");

	has(text, "We have no number for your question yet.",
	    "HIV in Kyrgyzstan: nobody is known");
	has(text, "\n103", "but the doctor whom everybody can call");
	lacks(text, "HIV", "and what they asked is not named");
	text = answer(stranger(FROM_KG), "ВИЧ, где сдать анализ");
	has(text, "у нас пока нет номера", "the same in Russian");
	lacks(answer(stranger(FROM_RU), "заболел, нужен врач"), "нет номера",
	    "a doctor is what an ambulance is for");
}

int
main(int argc, char **argv)
{
	(void)argc;
	k = calloc(1, sizeof(*k));
	ASSERT(k != NULL);
	kit_new(k, argv[0]);
	test_number_of_a_town();
	test_country_asked_about();
	test_country_answered();
	test_wages();
	test_nobody_for_health();
	kit_end(k);
	free(k);
	return tap_done();
}

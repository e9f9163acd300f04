/* callback.c - who asked to be called: by the running safard, which alone may
 * change it. */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/ctl/service.h"

enum { ID_DIGITS = 6 };

/* What safard could not do, for who has a telephone in their hand. */
static const char *
trouble(int64_t code)
{
	switch (code) {
	case ENOENT:
		return "there is no such request, or not any more: it is done, "
		       "too old, or they do not want it any more; do not call";
	case ESTALE:
		return "this request is done";
	case EALREADY:
		return "they are being asked, or were within 12 hours; wait "
		       "for what they say";
	case EDQUOT:
		return "they were asked twice: once more would be a nuisance";
	case ENOTSUP:
		return "callback.number is not set; write it into safar.yaml "
		       "and restart safard";
	case ENOSYS:
		return "safard is of an older version; restart it";
	case EAGAIN:
		return "safard has much to do; try again";
	default:
		return NULL;
	}
}

/* The answer, or NULL after saying why there is none. */
static json_t *
ask(const char *dir, const char *act, int64_t id)
{
	struct diag why = { "" };
	json_t *all = NULL;
	const char *said;
	int rc = service_get(dir,
	    json_pack("{s:s, s:s, s:I, s:s}", "do", "callback", "act", act,
		"id", (json_int_t)id, "who", service_who()),
	    &all, &why);

	if (rc == -ENOENT) {
		(void)ctl_fail("no safard runs on %s; start it first", dir);
		return NULL;
	}
	if (rc < 0) {
		(void)ctl_fail("%s", why.text);
		return NULL;
	}
	if (json_is_true(json_object_get(all, "ok")))
		return all;
	said = trouble(json_integer_value(json_object_get(all, "code")));
	if (said == NULL)
		said = json_string_value(json_object_get(all, "why"));
	(void)ctl_fail("%s", said != NULL ? said : "safard does not say why");
	json_decref(all);
	return NULL;
}

static const char *
text_of(const json_t *call, const char *name)
{
	const char *text = json_string_value(json_object_get(call, name));

	return text != NULL && *text != '\0' ? text : "-";
}

static int64_t
int_of(const json_t *call, const char *name)
{
	return json_integer_value(json_object_get(call, name));
}

static void
call_print(const json_t *call)
{
	time_t at = (time_t)(int_of(call, "since_ms") / 1000);
	int utc = (int)int_of(call, "utc_min");
	char since[32], hours[40];
	struct tm tm = { 0 };

	(void)gmtime_r(&at, &tm);
	(void)strftime(since, sizeof(since), "%Y-%m-%dT%H:00Z", &tm);
	(void)snprintf(hours, sizeof(hours), "%s %c%02d:%02d%s",
	    text_of(call, "hours"), utc < 0 ? '-' : '+', abs(utc) / 60,
	    abs(utc) % 60,
	    json_is_true(json_object_get(call, "now")) ? " now" : "");
	printf("%-6" PRId64 "  %-17s  %-11s  %-16s  %-14s  %-24s  %s\n",
	    int_of(call, "id"), since, text_of(call, "lang"), hours,
	    text_of(call, "topic"), text_of(call, "place"),
	    text_of(call, "state"));
}

static int
list(const char *dir, bool json)
{
	const json_t *call;
	bool more = true;
	int64_t n = 0;
	json_t *all;
	size_t i;

	while (more) {
		all = ask(dir, "list", n);
		if (all == NULL)
			return CTL_FAILED;
		if (n == 0 && !json)
			printf("%-6s  %-17s  %-11s  %-16s  %-14s  %-24s  %s\n",
			    "ID", "SINCE", "LANGUAGE", "THEIR HOURS", "TOPIC",
			    "PLACE", "STATE");
		json_array_foreach(json_object_get(all, "calls"), i, call)
		{
			n++;
			if (json)
				ctl_json(json_deep_copy(call));
			else
				call_print(call);
		}
		more = json_is_true(json_object_get(all, "more"));
		json_decref(all);
	}
	return CTL_OK;
}

static int
number(const char *dir, int64_t id)
{
	json_t *all = ask(dir, "number", id);

	if (all == NULL)
		return CTL_FAILED;
	printf("%s\n", text_of(all, "number"));
	json_decref(all);
	return CTL_OK;
}

static int
message(const char *dir, int64_t id)
{
	json_t *all = ask(dir, "message", id);

	if (all == NULL)
		return CTL_FAILED;
	printf("They are asked whether it is still them, %s.  Nothing else is "
	       "told before they say so.\n",
	    json_is_true(json_object_get(all, "now")) ? "now" :
							"in their hours");
	json_decref(all);
	return CTL_OK;
}

static int
done(const char *dir, int64_t id)
{
	json_t *all = ask(dir, "done", id);

	if (all == NULL)
		return CTL_FAILED;
	printf("Done.  In 24 h their number is wiped.\n");
	json_decref(all);
	return CTL_OK;
}

static const struct {
	const char *name;
	int (*run)(const char *dir, int64_t id);
} acts[] = {
	{ "number", number },
	{ "message", message },
	{ "done", done },
};

/* Six digits; 0 if it is something else. */
static int64_t
id_of(const char *text)
{
	size_t n = strspn(text, "0123456789");

	return n == ID_DIGITS && text[n] == '\0' ? strtoll(text, NULL, 10) : 0;
}

static int
act_run(const char *dir, const char *name, const char *id)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(acts); i++) {
		if (strcmp(name, acts[i].name) != 0)
			continue;
		if (id == NULL || id_of(id) == 0)
			return ctl_wrong(&ctl_callback,
			    "write the id of a request behind %s; `safarctl "
			    "callback list` shows them",
			    name);
		return acts[i].run(dir, id_of(id));
	}
	return ctl_wrong(&ctl_callback,
	    "there is no 'callback %s'; write list, number, message or done",
	    name);
}

static int
run(const struct ctl *ctl, int argc, char **argv)
{
	bool json = false, lists;
	const struct ctl_opt opts[] = { { .name = "json", .flag = &json } };
	const struct ctl_opts all = { &ctl_callback, opts, ARRAY_LEN(opts), 1,
		2, "what to do: list, number, message or done" };
	const char *dir = NULL, *id;
	int at = ctl_args(&all, argc, argv), rc;

	if (at < 0)
		return -at;
	id = at + 1 < argc ? argv[at + 1] : NULL;
	lists = strcmp(argv[at], "list") == 0;
	if (lists ? id != NULL : json)
		return ctl_wrong(&ctl_callback, "%s stands alone",
		    lists ? "list" : "--json with a list");
	rc = ctl_data(ctl, true, &dir);
	if (rc != CTL_OK)
		return rc;
	return lists ? list(dir, json) : act_run(dir, argv[at], id);
}

const struct ctl_command ctl_callback = {
	.name = "callback",
	.help = "who asked to be called; their number; done",
	.usage =
	    "usage: safarctl [--data DIR] callback list [--json]\n"
	    "       safarctl [--data DIR] callback number ID\n"
	    "       safarctl [--data DIR] callback message ID\n"
	    "       safarctl [--data DIR] callback done ID\n"
	    "\n"
	    "People who asked to be called, and said that their phone is "
	    "theirs "
	    "alone; safard\n"
	    "must run.  Who calls says nothing but «Safar» before they know "
	    "who "
	    "answers.\n"
	    "\n"
	    "  list     oldest first, without numbers: since when, language, "
	    "their hours (now:\n"
	    "           it is the time), what they had asked about, where "
	    "they are\n"
	    "  number   the number to call; the audit notes who saw it\n"
	    "  message  they could not be reached: a text asks whether it is "
	    "still them, in\n"
	    "           their hours, twice at most; if they say so they are "
	    "told "
	    "when you try\n"
	    "           again, and callback.number\n"
	    "  done     close it; the number is wiped 24 h later, or 7 days "
	    "after they asked\n",
	.run = run,
};

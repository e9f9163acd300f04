/*
 * slow.h - gateways that take answers and say only later what became of them.
 *
 * Two of them, told apart by their names in the settings.  Include kit.h
 * first.
 */
#ifndef TESTS_FLOW_SLOW_H
#define TESTS_FLOW_SLOW_H

#include "tests/flow/kit.h"

struct slow {
	const char *name;
	struct gw *gw;
	struct kit_answer answers[KIT_ANSWERS_MAX];
	size_t count;
	bool full; /* takes nothing now */
};

static struct slow slow_a = { .name = "a" }, slow_b = { .name = "b" };

static inline int
slow_start(struct gw *gw, struct event_base *base,
    const struct conf_gateway *conf, void **ret_self)
{
	struct slow *s = strcmp(conf->name, "a") == 0 ? &slow_a : &slow_b;

	(void)base;
	s->gw = gw;
	s->count = 0;
	s->full = false;
	*ret_self = s;
	return 0;
}

static inline int
slow_send(void *self, const struct gw_out *out)
{
	struct slow *s = self;
	struct kit_answer *a = &s->answers[s->count];

	if (s->full)
		return -EAGAIN;
	ASSERT(s->count < KIT_ANSWERS_MAX);
	a->id = out->id;
	a->parts = out->parts;
	(void)snprintf(a->to, sizeof(a->to), SV_FMT, SV_ARG(out->to));
	(void)snprintf(a->from, sizeof(a->from), SV_FMT, SV_ARG(out->from));
	(void)snprintf(a->text, sizeof(a->text), SV_FMT, SV_ARG(out->text));
	s->count++;
	return 0;
}

static inline void
slow_stop(void *self)
{
	(void)self;
}

static const struct gw_ops slow_ops = {
	.name = "slow",
	.start = slow_start,
	.send = slow_send,
	.stop = slow_stop,
};

static inline void
slow_add_paced(
    struct kit *k, const char *line, struct slow *s, int64_t parts_per_s)
{
	struct conf_gateway conf = { .driver = "slow",
		.country = "kg",
		.reports = true,
		.window = 1000,
		.parts_per_s = parts_per_s };

	(void)snprintf(conf.name, sizeof(conf.name), "%s", s->name);
	(void)snprintf(conf.line, sizeof(conf.line), "%s", line);
	EQ(hotline_gateway_add(k->h, &slow_ops, &conf), 0, "a gateway");
	gw_up(s->gw);
	kit_run(k);
}

static inline void
slow_add(struct kit *k, const char *line, struct slow *s)
{
	slow_add_paced(k, line, s, 0);
}

/* A text to this gateway.  Returns what it was told. */
static inline int
slow_say(struct kit *k, struct slow *s, const char *from, const char *text)
{
	struct gw_in in = { .from = sv_of(from), .text = sv_of(text) };
	int told = KIT_NOT_YET;
	char id[32];

	(void)snprintf(id, sizeof(id), "s-%u", ++k->serial);
	in.id = sv_of(id);
	gw_inbound(s->gw, &in, kit_done, &told);
	kit_run(k);
	return told;
}

/* The answer it was last given. */
static inline const struct kit_answer *
slow_last(const struct slow *s)
{
	static const struct kit_answer none;

	return s->count > 0 ? &s->answers[s->count - 1] : &none;
}

static inline void
slow_sent(struct kit *k, struct slow *s, int64_t id, enum gw_result result)
{
	gw_sent(s->gw, id, result);
	kit_run(k);
}

static inline int
slow_report(struct kit *k, struct slow *s, const char *name, bool delivered)
{
	int told = KIT_NOT_YET;

	gw_report_named(s->gw, sv_of(name), delivered, kit_done, &told);
	kit_run(k);
	return told;
}

/* The counter of this name in the status. */
static inline long
kit_counter(struct kit *k, const char *name)
{
	char status[16384], key[32];
	const char *at;
	struct sb b;

	sb_wrap(&b, status, sizeof(status));
	hotline_status(k->h, &b);
	(void)snprintf(key, sizeof(key), "\"%s\":", name);
	at = strstr(status, key);
	ASSERT(at != NULL);
	return strtol(at + strlen(key), NULL, 10);
}

#endif

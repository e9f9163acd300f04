/* gateway.c - settings become sockets, a spool and a trunk; the loop. */
#include "daemon/sip/gateway_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/sip/re.h"

#include "daemon/base/log.h"
#include "daemon/core/sandbox.h"
#include "daemon/sip/notify.h"

enum {
	SOUNDS_BYTES = 64 * 1024 * 1024, /* prompts kept in memory */
	BEEP_HZ = 800,
	BEEP_MS = 300,
	TONE_HZ = 425, /* as networks of the region say "not now" */
	TONE_MS = 1000,
	BEAT_MS = 5000, /* the watchdog is told so often */
	STOP_MS = 700,	/* for the last BYE to be answered */
	FDS_MOST = 16384,
	MB = 1000 * 1000,
};

/* --- settings --- */

static int
ip_of(const char *name, const char *value, int64_t port, struct addr *ret,
    struct diag *why)
{
	if (addr_parse(sv_of(value), (uint16_t)port, ret) < 0 ||
	    addr_is_any(ret))
		return diag_set(why, -EINVAL,
		    "%s: '%s'; write one IP address of this machine", name,
		    value);
	return 0;
}

static int
registration_read(
    struct gateway *g, const char *dir, struct trunk_conf *t, struct diag *why)
{
	const struct conf *c = g->conf;

	t->user = c->sip.user;
	t->domain = c->sip.domain;
	t->password = g->password;
	t->register_s = c->sip.register_s;
	if (c->sip.user[0] == '\0')
		return 0;
	if (c->sip.domain[0] == '\0' ||
	    strpbrk(c->sip.domain, " <>;?\"\r\n") != NULL ||
	    strpbrk(c->sip.user, " <>;?@\"\r\n") != NULL)
		return diag_set(why, -EINVAL,
		    "sip.user, sip.domain: write both as the trunk gave them, "
		    "without sip:");
	if (addr_parse(sv_of(c->sip.registrar), 5060, &t->registrar) < 0)
		return diag_set(why, -EINVAL,
		    "sip.registrar: '%s'; write its IP address",
		    c->sip.registrar);
	return conf_password_of(
	    dir, "sip", g->password, sizeof(g->password), why);
}

/* Each NAME=sip:... of sip.transfer; it goes into a header as it is. */
static int
transfer_check(const char *list, struct diag *why)
{
	struct sv rest = sv_of(list), uri, name;

	while (rest.n > 0) {
		uri = sv_cut(&rest, ' ');
		if (uri.n == 0)
			continue;
		name = sv_cut(&uri, '=');
		if (name.n == 0 || uri.n < 5 || memcmp(uri.p, "sip:", 4) != 0 ||
		    strcspn(uri.p, "<>\"\r\n\t") < uri.n)
			return diag_set(why, -EINVAL,
			    "sip.transfer: '%.*s'; write NAME=sip:USER@HOST",
			    SV_ARG(name));
	}
	return 0;
}

static int
trunk_read(
    struct gateway *g, const char *dir, struct trunk_conf *t, struct diag *why)
{
	const struct conf *c = g->conf;
	struct diag what = { "" };
	int rc;

	*t = (struct trunk_conf){
		.tcp = c->sip.tcp,
		.calls = c->voice.calls,
		.calls_per_s = c->sip.calls_per_s,
	};
	rc = ip_of("sip.listen", c->sip.listen, c->sip.port, &t->listen, why);
	if (rc == 0 && c->sip.external[0] != '\0')
		rc = ip_of("sip.external", c->sip.external, c->sip.port,
		    &t->external, why);
	if (rc == 0 && guard_parse(sv_of(c->sip.trunks), &t->guard, &what) < 0)
		rc = diag_set(why, -EINVAL, "sip.trunks: %s", what.text);
	if (rc == 0)
		rc = transfer_check(c->sip.transfer, why);
	return rc == 0 ? registration_read(g, dir, t, why) : rc;
}

static void
folder_of(const char *dir, const char *setting, const char *name,
    char ret_folder[FOLDER_MAX])
{
	if (setting[0] != '\0')
		(void)snprintf(ret_folder, FOLDER_MAX, "%s", setting);
	else
		(void)snprintf(ret_folder, FOLDER_MAX, "%s/%s", dir, name);
}

/* --- the loop --- */

static void
on_clock(int flags, void *arg)
{
	struct gateway *g = arg;

	(void)flags;
	rtp_pool_look(&g->pool);
	ticker_run(g->ticker);
	rtp_pool_send(&g->pool);
}

static void
on_spool(int flags, void *arg)
{
	(void)flags;
	spool_done(((struct gateway *)arg)->spool);
}

/* The thread that writes recordings needs their folder alone. */
static int
confine_writer(void *arg)
{
	const struct gateway *g = arg;
	const char *const folders[] = { g->spool_dir, NULL };
	const struct sandbox_plan plan = { .folders = folders };
	struct sandbox box;
	struct diag why;

	return sandbox_enter(&plan, &box, &why);
}

int
gateway_confine(struct gateway *g, struct diag *reterr_diag)
{
	const char *const folders[] = { g->spool_dir, NULL };
	const char *const readable[] = { g->prompts, NULL };
	const uint16_t port =
	    g->target.is_path ? 0 : addr_port(&g->target.u.addr);
	const struct sandbox_plan plan = {
		.folders = folders,
		.readable = readable,
		.ports = &port,
		.port_count = port != 0,
		/* a trunk by TCP is called back where it says */
		.any_port = g->conf->sip.tcp,
		.speech = true,
	};
	struct sandbox box;
	int rc;

	/* it may be before the first edition */
	if (mkdir(g->prompts, 0755) < 0 && errno != EEXIST)
		return diag_set(reterr_diag, -errno,
		    "%s: %s; prompts are read from there", g->prompts,
		    strerror(errno));
	rc = sandbox_enter(&plan, &box, reterr_diag);
	if (rc == 0 && box.why.text[0] != '\0')
		log_kv(LOG_WARN, "sandbox", "why=\"%s\"", box.why.text);
	return rc;
}

static int
spool_start(struct gateway *g, const char *dir, struct diag *why)
{
	int rc;

	folder_of(dir, g->conf->voice.spool_dir, "spool", g->spool_dir);
	if (mkdir(g->spool_dir, 0770) < 0 && errno != EEXIST)
		return diag_set(why, -errno,
		    "%s: %s; recordings are made there", g->spool_dir,
		    strerror(errno));
	rc = spool_open(g->spool_dir, g->conf->sip.record_mb * MB,
	    confine_writer, g, &g->spool);
	if (rc < 0)
		return diag_set(why, rc, "%s: %s; recordings are made there",
		    g->spool_dir, strerror(-rc));
	return 0;
}

static int
open_all(struct gateway *g, const char *dir, struct diag *why)
{
	struct trunk_conf trunk;
	int rc = trunk_read(g, dir, &trunk, why);

	if (rc == 0)
		rc = agi_target(g->conf->voice.listen, dir, &g->target, why);
	if (rc < 0)
		return rc;
	folder_of(dir, g->conf->voice.prompts_dir, "prompts", g->prompts);
	g->pool = (struct rtp_pool){ .listen = trunk.listen,
		.first = (uint16_t)g->conf->sip.rtp_port,
		.count = (uint16_t)g->conf->sip.rtp_ports };
	rtp_pool_open(&g->pool);
	rc = spool_start(g, dir, why);
	if (rc == 0)
		rc = trunk_open(&trunk, &call_leg_ops, g, &g->trunk, why);
	if (rc == 0 &&
	    (fd_listen(ticker_fd(g->ticker), FD_READ, on_clock, g) != 0 ||
		fd_listen(spool_fd(g->spool), FD_READ, on_spool, g) != 0))
		rc = diag_set(why, -EIO, "the loop cannot be made");
	return rc;
}

int
gateway_open(const char *dir, const struct conf *conf,
    struct gateway **ret_gateway, struct diag *reterr_diag)
{
	struct gateway *g = calloc(1, sizeof(*g));
	int rc;

	ASSERT(g != NULL);
	g->conf = conf;
	g->notify_fd = notify_open();
	g->ticker = ticker_new();
	g->pool.poll_fd = -1;
	g->sounds = sounds_new(SOUNDS_BYTES);
	g->beep = sound_tone(BEEP_HZ, BEEP_MS);
	g->tone = sound_tone(TONE_HZ, TONE_MS);
	/* the library polls so many files at most */
	(void)fd_setsize(0);
	if (libre_init() != 0 || fd_setsize(FDS_MOST) != 0)
		rc = diag_set(reterr_diag, -EIO, "libre cannot be used");
	else
		rc = open_all(g, dir, reterr_diag);
	if (rc < 0) {
		gateway_close(&g);
		return rc;
	}
	*ret_gateway = g;
	return 0;
}

/* A loop has one object, and libre's signal handler no argument. */
static struct gateway *running;

static void
on_signal(int number)
{
	log_kv(LOG_INFO, "stopping", "signal=%d", number);
	gateway_stop(running);
}

/* The library's timers follow the clock on the wall: where that was set back
 * and they stand still, the watchdog ends it all and it starts anew. */
static void
on_beat(void *arg)
{
	struct gateway *g = arg;

	notify_say(g->notify_fd, "WATCHDOG=1");
	tmr_start(g->beat, BEAT_MS, on_beat, g);
}

void
gateway_run(struct gateway *g)
{
	static struct tmr beat; /* of the one that runs */

	running = g;
	g->beat = &beat;
	tmr_init(&beat);
	notify_say(g->notify_fd, "READY=1");
	on_beat(g);
	(void)re_main(on_signal);
	tmr_cancel(&beat);
	running = NULL;
}

static void
on_end_tick(void *arg, int64_t now_ms)
{
	if (now_ms >= ((struct gateway *)arg)->end_ms)
		re_cancel();
}

void
gateway_stop(struct gateway *g)
{
	if (g->stopping) {
		re_cancel();
		return;
	}
	g->stopping = true;
	trunk_stop(g->trunk);
	calls_stop(g);
	g->end_ms = ticker_now_ms() + STOP_MS;
	g->end = (struct tick){ .on_tick = on_end_tick, .arg = g };
	ticker_add(g->ticker, &g->end);
}

void
gateway_close(struct gateway **gp)
{
	struct gateway *g = *gp;

	if (g == NULL)
		return;
	calls_drop(g);
	if (g->trunk != NULL) {
		fd_close(ticker_fd(g->ticker));
		fd_close(spool_fd(g->spool));
	}
	trunk_close(&g->trunk);
	spool_close(&g->spool);
	ticker_free(&g->ticker);
	rtp_pool_close(&g->pool);
	sounds_free(&g->sounds);
	sound_unref(&g->beep);
	sound_unref(&g->tone);
	if (g->notify_fd >= 0)
		(void)close(g->notify_fd);
	explicit_bzero(g->password, sizeof(g->password));
	free(g);
	*gp = NULL;
	libre_close();
}

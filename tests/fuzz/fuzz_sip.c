/*
 * fuzz_sip.c - everything strangers and trunks send to safar-voice.
 *
 * The first byte says what the rest is: a SIP message through the chain of
 * handlers, an SDP, the body of an INFO, RTP packets, AGI lines, a WAV file, a
 * list of networks.
 */
#include <stdlib.h>

#include "daemon/sip/sip_inner.h"

#include "daemon/sip/quiet.h"
#include "daemon/sip/sdp.h"
#include "daemon/sip/wav.h"

enum { RENEW = 500, PACKET = 48, CALLS_MAX = 8, FDS_MOST = 256 };

static struct trunk *trunk;
static struct leg *legs[CALLS_MAX];
static size_t leg_count;

/* --- the world of libre, in place of its own: no time, no names --- */

static uint64_t clock_ms = 1000000;

/* Seen by the library, too. */
uint64_t tmr_jiffies(void) __attribute__((visibility("default")));

uint64_t
tmr_jiffies(void)
{
	return clock_ms;
}

/* A Contact may name a host: nobody is asked for it. */
int
dns_srv_get(char *domain, size_t dsize, struct sa *srvv, uint32_t *n)
{
	(void)srvv;
	if (dsize > 0)
		domain[0] = '\0';
	*n = 0;
	return ENOENT;
}

/* A Contact may be any address: what goes there stays on this machine. */
static void
keep_here(void)
{
	int fd;

	for (fd = 0; fd < FDS_MOST; fd++)
		(void)setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3);
}

static void
stop(void *arg)
{
	(void)arg;
	re_cancel();
}

/* What waits for an answer waits in vain, and is let go. */
static void
time_out(void)
{
	enum { LONGEST_MS = 200000, ROUNDS = 4 };
	struct tmr end;
	unsigned i;

	tmr_init(&end);
	for (i = 0; i < ROUNDS; i++) {
		tmr_start(&end, LONGEST_MS, stop, NULL);
		clock_ms += LONGEST_MS;
		ASSERT(tmr_get_expire(&end) == 0); /* it is our clock */
		ASSERT(re_main(NULL) == 0);
	}
}

/* --- a gateway that takes every call and forgets it --- */

static int
invite(void *gateway, struct leg *leg, const struct leg_call *call,
    void **ret_arg, uint16_t *ret_port)
{
	size_t i;

	(void)gateway;
	if (leg_count == CALLS_MAX)
		return -EBUSY;
	for (i = 0; i < call->caller.n; i++)
		if (call->caller.p[i] < '+' || call->caller.p[i] > '9')
			abort();
	for (i = 0; i < call->called.n; i++)
		if (call->called.p[i] <= ' ' || call->called.p[i] > 'z')
			abort();
	legs[leg_count++] = leg;
	*ret_arg = NULL;
	*ret_port = 4000;
	return 0;
}

static void
nothing(void *arg)
{
	(void)arg;
}

static void
agreed(void *arg, const struct media_format *format)
{
	(void)arg;
	if (format->types[format->law] < 0)
		abort();
}

static void
key(void *arg, char k)
{
	(void)arg;
	if (k == '\0')
		abort();
}

static void
referred(void *arg, enum dial_end end)
{
	(void)arg;
	(void)end;
}

static const struct leg_ops ops = {
	.invite = invite,
	.ringing = nothing,
	.agreed = agreed,
	.established = nothing,
	.key = key,
	.referred = referred,
	.closed = nothing,
};

/* The loop runs here only, so this is when all ends that waits. */
static void
trunk_renew(void)
{
	struct trunk_conf conf = { .calls = 1000000,
		.calls_per_s = 1000000,
		.user = "",
		.password = "",
		.domain = "" };
	struct diag why;
	uint16_t port;

	time_out();
	trunk_close(&trunk);
	ASSERT(guard_parse(SV("127.0.0.1"), &conf.guard, &why) == 0);
	for (port = 45000; trunk == NULL && port < 46000; port++) {
		ASSERT(addr_parse(SV("127.0.0.1"), port, &conf.listen) == 0);
		(void)!trunk_open(&conf, &ops, NULL, &trunk, &why);
	}
	ASSERT(trunk != NULL);
	keep_here();
}

static void
fuzz_message(const uint8_t *data, size_t size)
{
	static unsigned count;
	struct mbuf *mb;
	struct sip_msg *msg = NULL;

	if (count++ % RENEW == 0)
		trunk_renew();
	mb = mbuf_alloc(size + 1);
	ASSERT(mb != NULL && mbuf_write_mem(mb, data, size) == 0);
	mbuf_set_pos(mb, 0);
	if (sip_msg_decode(&msg, mb) == 0 && msg->req) {
		(void)sa_set_str(&msg->src, "127.0.0.1", 9);
		(void)sa_set_str(&msg->dst, "127.0.0.1", 45000);
		msg->tp = SIP_TRANSP_UDP;
		if (!trunk_on_request(msg, trunk)) {
			if (pl_strcmp(&msg->met, "INVITE") == 0)
				trunk_on_invite(msg, trunk);
			else
				(void)trunk_on_other(msg, trunk);
		}
	}
	while (leg_count > 0) {
		struct leg *leg = legs[--leg_count];

		if (size % 2 != 0)
			leg_answer(leg);
		leg_close(&leg);
	}
	mem_deref(msg);
	mem_deref(mb);
}

/* --- the others --- */

static void
fuzz_sdp(const uint8_t *data, size_t size)
{
	struct addr local;
	struct sdp *s;
	struct mbuf *mb = mbuf_alloc(size + 1), *answer;
	struct media_format format;

	ASSERT(addr_parse(SV("127.0.0.1"), 4000, &local) == 0);
	ASSERT(mb != NULL && mbuf_write_mem(mb, data, size) == 0);
	mbuf_set_pos(mb, 0);
	s = sdp_new(&local);
	if (sdp_read(s, mb, true) == 0) {
		sdp_agreed(s, &format);
		agreed(NULL, &format);
		answer = sdp_write(s, false);
		mem_deref(answer);
	}
	mbuf_set_pos(mb, 0);
	if (sdp_read(s, mb, false) == 0)
		sdp_agreed(s, &format);
	sdp_free(&s);
	mem_deref(mb);
}

static void
fuzz_info(struct sv in)
{
	struct sv subtype = sv_cut(&in, '\n');

	(void)dtmf_info(subtype, in);
}

static void
fuzz_rtp(struct sv in)
{
	struct rtp_latch latch = { .closed = false };
	struct dtmf_event event = { .any = false };
	struct addr from;
	struct rtp_packet p;
	bool moved = false;
	int64_t now_ms = 0;

	ASSERT(addr_parse(SV("127.0.0.1"), 4000, &from) == 0);
	latch.allowed[0] = from;
	for (; in.n > 0; now_ms += 20) {
		struct sv one = { in.p, in.n < PACKET ? in.n : PACKET };

		in.p += one.n;
		in.n -= one.n;
		if (rtp_parse(one, &p) &&
		    rtp_latch_take(&latch, &from, &p, &moved))
			(void)dtmf_event(
			    &event, p.payload, p.timestamp, p.marker, now_ms);
	}
}

/* --- AGI: lines of a daemon, on a call where everything ends at once --- */

static void
op_reply(void *arg, struct sv line)
{
	(void)arg;
	if (line.n == 0 || line.p[line.n - 1] != '\n')
		abort();
}

static void
op_cause(void *arg, int cause)
{
	(void)arg;
	(void)cause;
}

static int
op_play(void *arg, struct sv path, size_t from)
{
	(void)arg;
	return path.n % 3 == 0 ? -ENOENT : (int)(from * 0);
}

static int
op_path(void *arg, struct sv path)
{
	(void)arg;
	return path.n % 3 == 0 ? -ENOENT : 0;
}

static size_t
op_samples(void *arg)
{
	(void)arg;
	return 8000;
}

static size_t
op_end(void *arg, size_t cut)
{
	(void)arg;
	return cut;
}

static const struct exec_ops exec_ops = {
	.reply = op_reply,
	.answer = nothing,
	.hang_up = op_cause,
	.play = op_play,
	.say = op_path,
	.beep = nothing,
	.stop = op_samples,
	.record = op_path,
	.silent = op_samples,
	.record_end = op_end,
	.dial = op_path,
	.dial_end = nothing,
};

static void
fuzz_agi(struct sv in)
{
	const struct exec_call call = { .caller = SV("+1") };
	struct exec *e = exec_new(&exec_ops, NULL, &call, 0);
	int64_t now_ms = 0;
	struct sv line;
	unsigned n;

	while (in.n > 0) {
		line = sv_cut(&in, '\n');
		exec_line(e, line, now_ms);
		for (n = 0; !exec_is_idle(e) && n < 6; n++) {
			now_ms += 10000;
			exec_key(e, '1', now_ms);
			exec_played(e, now_ms);
			exec_tick(e, now_ms);
			exec_recorded(e, 0);
			exec_dialled(e, DIAL_BUSY, now_ms);
		}
		if (!exec_is_idle(e))
			exec_hung_up(e, now_ms);
		exec_recorded(e, 0);
		if (!exec_is_idle(e))
			abort();
	}
	exec_free(&e);
}

static void
fuzz_wav(const uint8_t *data, size_t size)
{
	size_t at, samples;

	if (wav_parse(data, size, &at, &samples) == 0 &&
	    (at > size || samples > (size - at) / 2))
		abort();
}

static void
fuzz_guard(struct sv in)
{
	struct guard g;
	struct diag why;

	(void)!guard_parse(in, &g, &why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	struct sv in;

	if (!ready) {
		quiet_others();
		ASSERT(libre_init() == 0);
		ready = true;
	}
	if (size == 0)
		return 0;
	in = (struct sv){ (const char *)data + 1, size - 1 };
	switch (data[0] % 8) {
	case 0:
		fuzz_sdp(data + 1, size - 1);
		break;
	case 1:
		fuzz_info(in);
		break;
	case 2:
		fuzz_rtp(in);
		break;
	case 3:
		fuzz_agi(in);
		break;
	case 4:
		fuzz_wav(data + 1, size - 1);
		break;
	case 5:
		fuzz_guard(in);
		break;
	default:
		fuzz_message(data + 1, size - 1);
		break;
	}
	return 0;
}

/*
 * exec.h - what a call does with the commands of AGI, and Asterisk's replies.
 *
 * A state machine without sockets: commands, keys and time go in, orders to the
 * call and lines for the daemon come out.  Source: transcripts of Asterisk
 * 22.10 and what its res_agi does.
 */
#ifndef DAEMON_SIP_EXEC_H
#define DAEMON_SIP_EXEC_H

#include "daemon/proto/agi.h"

/* What putting through came to: DIALSTATUS. */
enum dial_end {
	DIAL_ANSWER,
	DIAL_BUSY,
	DIAL_NOANSWER,
	DIAL_CONGESTION,
	DIAL_CHANUNAVAIL,
};

/* What a call can do.  None of these calls back before it returns. */
struct exec_ops {
	/* To the daemon. */
	void (*reply)(void *arg, struct sv line);
	/* Take the call; exec_answered() when the caller has heard of it. */
	void (*answer)(void *arg);
	/* End the call; cause by Q.850. */
	void (*hang_up)(void *arg, int cause);
	/* Play one file; exec_played() at its end.  0 or -Exxx. */
	int (*play)(void *arg, struct sv path, size_t from);
	/* Say the digits one by one, in the call's language; likewise. */
	int (*say)(void *arg, struct sv digits);
	/* Play the beep; likewise. */
	void (*beep)(void *arg);
	/* Stop what plays; how far it was heard, in samples. */
	size_t (*stop)(void *arg);
	/* Record from now on.  0 or -Exxx. */
	int (*record)(void *arg, struct sv path);
	/* For how many samples nothing was said. */
	size_t (*silent)(void *arg);
	/* End it without its last cut samples; exec_recorded() when it is on
	 * disk.  Returns the samples that stay. */
	size_t (*record_end)(void *arg, size_t cut);
	/* Put through to a name of the list; exec_dialled() later.  0 or
	 * -ENOENT: it is not there. */
	int (*dial)(void *arg, struct sv name);
	/* Give it up. */
	void (*dial_end)(void *arg);
};

/* What GET VARIABLE tells of the call. */
struct exec_call {
	struct sv caller, called, language, unique; /* copied */
};

struct exec;

struct exec *exec_new(const struct exec_ops *ops, void *arg,
    const struct exec_call *call, int64_t now_ms);
void exec_free(struct exec **ep);

/* Ready for a command: the one before has been replied to. */
bool exec_is_idle(const struct exec *e);

/* Since when; for who does not wait for a daemon for ever. */
int64_t exec_idle_ms(const struct exec *e);

/* The daemon has said HANGUP, or the caller is gone. */
bool exec_is_dead(const struct exec *e);

/* CHANNEL(language), as a folder is named. */
struct sv exec_language(const struct exec *e);

/* One command, without its line end; only when idle. */
void exec_line(struct exec *e, struct sv line, int64_t now_ms);

void exec_answered(struct exec *e, int64_t now_ms);
void exec_key(struct exec *e, char key, int64_t now_ms);
void exec_played(struct exec *e, int64_t now_ms);
void exec_recorded(struct exec *e, int rc);
void exec_dialled(struct exec *e, enum dial_end end, int64_t now_ms);
void exec_tick(struct exec *e, int64_t now_ms);

/* The caller is gone: what is under way ends with -1, and the daemon is told
 * by a line HANGUP. */
void exec_hung_up(struct exec *e, int64_t now_ms);

#endif

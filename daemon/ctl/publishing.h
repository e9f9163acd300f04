/* publishing.h - makes an edition the current one, for init and publish. */
#ifndef DAEMON_CTL_PUBLISHING_H
#define DAEMON_CTL_PUBLISHING_H

#include "daemon/base/diag.h"
#include "db/directory.h"

struct conf;
struct prompts_job;

enum { PUBLISHING_ALL = 100 };

struct publishing {
	const char *data, *share;
	const struct conf *conf; /* or NULL: nothing is spoken */
	const char *note, *who;	 /* or NULL */
	int64_t again;		 /* an older edition; 0: from the drafts */
	/* told how much of PUBLISHING_ALL is done, and what is being done:
	 * "write", "check", "speak", "name"; or NULL */
	void (*on_step)(int done, const char *text);
	int64_t number, listings; /* set on success */
	bool spoken;		  /* the same: its prompts were made */
	bool same; /* the same: nothing has changed, number is that of now */
};

/*
 * Stage, load and check, make its prompts, then finish; on failure the old
 * edition stays.  Where nothing has changed it stays, too, with prompts of
 * what was recorded since.
 *
 * Prompts are made if the settings take calls and the folder of the prompts is
 * there, which `safarctl prompts build` makes: who answers texts only needs no
 * speech on the machine.
 *
 * Returns 0 or -Exxx.
 */
MUST_USE int publishing_run(struct publishing *p, struct directory *directory,
    struct diag *reterr_diag);

/*
 * Say in a line that menus or texts of the share folder are not in this
 * edition, which people get, and how to publish them.
 *
 * Returns false, saying nothing, if all are or that cannot be known.
 */
bool publishing_tell(const char *dir, int64_t edition, const char *indent);

/* Say in a line that calls are not answered, where the settings take them and
 * the edition has no prompts. */
void publishing_tell_unspoken(
    const char *dir, int64_t edition, const char *indent);

/* Say in a line which prompts were made. */
void publishing_tell_prompts(const struct prompts_job *job);

#endif

/* service.c - one request to the running safard, and the audit without one. */
#include "daemon/ctl/service.h"

#include <jansson.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/core/audit.h"
#include "daemon/core/control.h"

enum { ANSWER_MAX = 16384 };

const char *
service_who(void)
{
	const char *name = getenv("SUDO_USER");
	const struct passwd *user;

	if (name != NULL && *name != '\0')
		return name;
	user = getpwuid(getuid());
	return user != NULL ? user->pw_name : "?";
}

int
service_get(const char *dir, json_t *request, json_t **ret_answer,
    struct diag *reterr_diag)
{
	char buf[ANSWER_MAX] = "";
	char *line = json_dumps(request, JSON_COMPACT);
	struct sb answer;
	json_t *all;
	int rc;

	ASSERT(line != NULL);
	json_decref(request);
	sb_wrap(&answer, buf, sizeof(buf) - 1);
	rc = control_ask(dir, sv_of(line), &answer);
	explicit_bzero(line, strlen(line));
	free(line);
	if (rc < 0)
		return diag_set(
		    reterr_diag, rc, "safard on %s: %s", dir, strerror(-rc));
	all = json_loads(buf, 0, NULL);
	explicit_bzero(buf, sizeof(buf));
	if (all == NULL)
		return diag_set(reterr_diag, -EIO,
		    "safard on %s could not do it: no answer; of another "
		    "version?",
		    dir);
	*ret_answer = all;
	return 0;
}

int
service_ask(const char *dir, json_t *request, struct diag *reterr_diag)
{
	json_t *all = NULL;
	const char *said;
	int rc = service_get(dir, request, &all, reterr_diag);

	if (rc < 0)
		return rc;
	said = json_string_value(json_object_get(all, "why"));
	if (!json_is_true(json_object_get(all, "ok")))
		rc = diag_set(reterr_diag, -EIO,
		    "safard on %s could not do it: %s", dir,
		    said != NULL ? said : "no answer; of another version?");
	json_decref(all);
	return rc;
}

static int
audit_here(const char *dir, const char *action, struct diag *why)
{
	struct db *db = NULL;
	int rc = db_open_sized(dir, 0, &db, why);

	if (rc < 0)
		return rc;
	rc = audit_put(db, sv_of(service_who()), sv_of(action));
	db_close(&db);
	return rc < 0 ?
		   diag_set(why, rc, "%s/hotline.db: %s", dir, strerror(-rc)) :
		   0;
}

int
service_audit(const char *dir, const char *action)
{
	struct diag why = { "" };
	int rc = service_ask(dir,
	    json_pack("{s:s, s:s, s:s}", "do", "audit", "action", action, "who",
		service_who()),
	    &why);

	if (rc == -ENOENT)
		rc = audit_here(dir, action, &why);
	return rc < 0 ? ctl_fail("%s", why.text) : CTL_OK;
}

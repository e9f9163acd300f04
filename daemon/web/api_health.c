/* api_health.c - whether the console answers and its stores do. */
#include "daemon/web/web.h"
#include "db/directory.h"

void
api_health(struct web_request *q)
{
	int64_t edition = 0;
	int rc = directory_edition_now(web_directory(q->web), &edition);

	if (rc < 0 && rc != -ENOENT)
		web_failed(q, rc);
	else
		web_json(q, 200,
		    json_pack(
			"{s:b, s:I}", "ok", 1, "edition", (json_int_t)edition));
}

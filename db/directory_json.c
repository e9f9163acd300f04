/* directory_json.c - a listing laid flat as JSON, and back. */
#include "db/directory_json.h"

#include <jansson.h>

char *
directory_row_text(const struct directory_row *row)
{
	json_t *all = json_object();
	struct sv v;
	char *text;
	size_t i;

	for (i = 0; i < DIRECTORY_FIELDS; i++) {
		v = directory_field(row, i);
		/* what is no UTF-8 has no JSON: nothing takes it in */
		if (v.n > 0)
			ASSERT(
			    json_object_set_new(all, directory_fields[i].name,
				json_stringn_nocheck(v.p, v.n)) == 0);
	}
	if (row->checked_ms != 0)
		ASSERT(json_object_set_new(all, "checked_ms",
			   json_integer(row->checked_ms)) == 0);
	text = json_dumps(all, JSON_COMPACT);
	json_decref(all);
	ASSERT(text != NULL);
	return text;
}

int
directory_row_parse(
    struct sv text, struct json_t **ret_owner, struct directory_row *ret_row)
{
	struct directory_row row = { 0 };
	json_t *all = json_loadb(
	    text.n > 0 ? text.p : "", text.n, JSON_REJECT_DUPLICATES, NULL);
	const json_t *member;
	size_t i;

	if (!json_is_object(all)) {
		json_decref(all);
		return -EINVAL;
	}
	for (i = 0; i < DIRECTORY_FIELDS; i++) {
		member = json_object_get(all, directory_fields[i].name);
		if (json_is_string(member))
			directory_field_set(&row, i,
			    (struct sv){ json_string_value(member),
				json_string_length(member) });
	}
	row.checked_ms = json_integer_value(json_object_get(all, "checked_ms"));
	*ret_owner = all;
	*ret_row = row;
	return 0;
}

/* openapi.c - embeds openapi.json, as db/migrations.c does SQL. */
#include "daemon/web/openapi.h"

__asm__(".pushsection .rodata\nopenapi_text:\n"
	"\t.incbin \"daemon/web/openapi.json\"\n"
	"\t.byte 0\n"
	".popsection\n");
extern const char openapi_text[] __attribute__((visibility("hidden")));

struct sv
openapi_json(void)
{
	return sv_of(openapi_text);
}

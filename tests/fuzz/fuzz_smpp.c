/* fuzz_smpp.c - any bytes: no crash, and what was read writes back. */
#include <stdlib.h>

#include "daemon/proto/smpp.h"
#include "daemon/proto/smpp_receipt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = SMPP_PDU_MAX + 1 };

/* Unknown parameters are left out and their order is ours, so the bytes may
 * differ; a second time they must not. */
static void
check_round_trip(const struct smpp_pdu *pdu)
{
	char *once = malloc(ROOM), *twice = malloc(ROOM);
	struct smpp_refusal no;
	struct smpp_pdu again;
	struct sb a, b;
	size_t used;

	ASSERT(once != NULL && twice != NULL);
	sb_wrap(&a, once, ROOM);
	sb_wrap(&b, twice, ROOM);
	smpp_write(pdu, &a);
	if (!a.full) { /* a receipted id with a NUL inside grows by one */
		ASSERT(smpp_read(sb_sv(&a), &again, &used, &no) == PARSE_OK);
		ASSERT(used == a.n && again.command == pdu->command);
		smpp_write(&again, &b);
		ASSERT(!b.full && sv_eq(sb_sv(&a), sb_sv(&b)));
	}
	free(once);
	free(twice);
}

static void
check_receipt(const struct smpp_pdu *pdu)
{
	struct smpp_receipt r;
	char buf[256];
	struct sb b;

	if (pdu->command != SMPP_deliver_sm ||
	    smpp_receipt_read(pdu->sm.short_message, &pdu->tlv, &r) < 0)
		return;
	ASSERT(
	    r.id.n > 0 && r.state >= SMPP_ENROUTE && r.state <= SMPP_REJECTED);
	sb_wrap(&b, buf, sizeof(buf));
	smpp_id_fold(r.id, false, &b);
	sb_cut(&b, 0);
	smpp_id_fold(r.id, true, &b);
}

/* No cut of a whole PDU may be taken for one, nor for broken. */
static void
check_cut(struct sv in, size_t used)
{
	struct smpp_refusal no;
	struct smpp_pdu pdu;
	size_t cut, got;

	for (cut = 0; cut < used; cut = cut < 64 ? cut + 1 : cut * 2)
		ASSERT(smpp_read((struct sv){ in.p, cut }, &pdu, &got, &no) ==
		       PARSE_MORE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sv in = { (const char *)data, size };
	struct smpp_refusal no;
	struct smpp_pdu pdu;
	enum parse_rc rc;
	size_t used;

	while (in.n > 0) {
		rc = smpp_read(in, &pdu, &used, &no);
		if (rc == PARSE_OK) {
			check_round_trip(&pdu);
			check_receipt(&pdu);
			check_cut(in, used);
		} else if (rc == PARSE_BAD && no.used > 0) {
			ASSERT(no.status != SMPP_ROK);
			used = no.used;
		} else {
			break;
		}
		ASSERT(used >= SMPP_HEADER_LEN && used <= in.n);
		in.p += used, in.n -= used;
	}
	return 0;
}

/* law.h - G.711: PCM to and from A-law and mu-law, by librem's tables. */
#ifndef DAEMON_SIP_LAW_H
#define DAEMON_SIP_LAW_H

#include "daemon/base/base.h"

/* The payload types of RFC 3551, table 4, are PCMU 0 and PCMA 8. */
enum law { LAW_MU, LAW_A, LAW_COUNT };

uint8_t law_encode(enum law law, int16_t sample);
int16_t law_decode(enum law law, uint8_t byte);

#endif

/* qr.h - a text as a QR code, drawn as SVG; by libqrencode. */
#ifndef DAEMON_WEB_QR_H
#define DAEMON_WEB_QR_H

#include "daemon/base/sb.h"

/*
 * Write "<svg ...>": one path, black on white, without a style or a script.
 *
 * text  at most 200 bytes
 */
void qr_svg(const char *text, struct sb *b);

#endif

/* qr.c - a QR code as SVG. */
#include "daemon/web/qr.h"

#include <qrencode.h>

enum { QUIET = 4 /* modules around it: ISO/IEC 18004 section 6.3.8 */ };

void
qr_svg(const char *text, struct sb *b)
{
	QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
	int x, y, size;

	ASSERT(code != NULL);
	size = code->width + 2 * QUIET;
	sb_printf(b,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
	    "shape-rendering=\"crispEdges\"><path fill=\"#fff\" "
	    "d=\"M0 0h%dv%dH0z\"/><path fill=\"#000\" d=\"",
	    size, size, size, size);
	for (y = 0; y < code->width; y++)
		for (x = 0; x < code->width; x++)
			if ((code->data[y * code->width + x] & 1) != 0)
				sb_printf(
				    b, "M%d %dh1v1h-1z", x + QUIET, y + QUIET);
	sb_puts(b, "\"/></svg>");
	QRcode_free(code);
}

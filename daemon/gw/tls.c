/* tls.c - OpenSSL as a client that trusts only whom it was told to. */
#include "daemon/gw/tls.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

/* of Debian's ca-certificates */
static const char system_ca[] = "/etc/ssl/certs/ca-certificates.crt";

struct tls {
	SSL_CTX *ctx;
	char name[256];
	bool is_address; /* name is an IP address */
};

struct tls_link {
	SSL *ssl;
	const char *why;
};

int
tls_new(const char *ca, const char *name, struct tls **ret_tls)
{
	struct tls *t = calloc(1, sizeof(*t));
	X509_VERIFY_PARAM *probe = X509_VERIFY_PARAM_new();
	int rc;

	ASSERT(t != NULL && probe != NULL && strlen(name) < sizeof(t->name));
	memcpy(t->name, name, strlen(name) + 1);
	t->is_address = X509_VERIFY_PARAM_set1_ip_asc(probe, name) == 1;
	X509_VERIFY_PARAM_free(probe);
	t->ctx = SSL_CTX_new(TLS_client_method());
	ASSERT(t->ctx != NULL);
	(void)SSL_CTX_set_min_proto_version(t->ctx, TLS1_2_VERSION);
	(void)SSL_CTX_set_options(t->ctx, SSL_OP_NO_RENEGOTIATION);
	(void)SSL_CTX_set_mode(t->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
					   SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER, NULL);
	/* read now, all of it: once it serves, safard opens no such file */
	rc = SSL_CTX_load_verify_locations(
	    t->ctx, *ca != '\0' ? ca : system_ca, NULL);
	ERR_clear_error();
	if (rc != 1) {
		tls_free(&t);
		return -EKEYREJECTED;
	}
	*ret_tls = t;
	return 0;
}

void
tls_free(struct tls **tp)
{
	struct tls *t = *tp;

	if (t == NULL)
		return;
	SSL_CTX_free(t->ctx);
	free(t);
	*tp = NULL;
}

struct tls_link *
tls_start(struct tls *tls, int fd)
{
	struct tls_link *l = calloc(1, sizeof(*l));
	X509_VERIFY_PARAM *param;
	int rc;

	ASSERT(l != NULL);
	l->why = "tls";
	l->ssl = SSL_new(tls->ctx);
	ASSERT(l->ssl != NULL && SSL_set_fd(l->ssl, fd) == 1);
	param = SSL_get0_param(l->ssl);
	if (tls->is_address)
		rc = X509_VERIFY_PARAM_set1_ip_asc(param, tls->name);
	else
		rc = X509_VERIFY_PARAM_set1_host(param, tls->name, 0);
	ASSERT(rc == 1);
	if (!tls->is_address)
		(void)SSL_set_tlsext_host_name(l->ssl, tls->name);
	SSL_set_connect_state(l->ssl);
	return l;
}

void
tls_finish(struct tls_link *l)
{
	(void)SSL_shutdown(l->ssl);
	ERR_clear_error();
}

void
tls_end(struct tls_link **lp)
{
	struct tls_link *l = *lp;

	if (l == NULL)
		return;
	tls_finish(l);
	SSL_free(l->ssl);
	free(l);
	*lp = NULL;
}

/* Why a step did not do its work. */
static int
step_end(struct tls_link *l, int rc)
{
	int error = SSL_get_error(l->ssl, rc);
	long verified = SSL_get_verify_result(l->ssl);

	ERR_clear_error();
	switch (error) {
	case SSL_ERROR_WANT_READ:
		return TLS_WANT_READ;
	case SSL_ERROR_WANT_WRITE:
		return TLS_WANT_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return TLS_ENDED;
	default:
		if (verified != X509_V_OK)
			l->why = X509_verify_cert_error_string(verified);
		return TLS_FAILED;
	}
}

static int
room(size_t size)
{
	return size > INT_MAX ? INT_MAX : (int)size;
}

int
tls_handshake(struct tls_link *l)
{
	int rc = SSL_do_handshake(l->ssl);

	return rc == 1 ? 1 : step_end(l, rc);
}

int
tls_read(struct tls_link *l, char *buf, size_t size)
{
	int rc = SSL_read(l->ssl, buf, room(size));

	return rc > 0 ? rc : step_end(l, rc);
}

int
tls_write(struct tls_link *l, const char *buf, size_t size)
{
	int rc = SSL_write(l->ssl, buf, room(size));

	return rc > 0 ? rc : step_end(l, rc);
}

const char *
tls_why(const struct tls_link *l)
{
	return l->why;
}

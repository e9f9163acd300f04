/* tls.c - OpenSSL as a server, over libevent's bufferevents. */
#include "daemon/web/tls.h"

#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct web_tls {
	SSL_CTX *ctx;
};

static int
refuse(struct diag *d, int rc, const char *setting, const char *path)
{
	const char *why = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return diag_set(d, rc, "%s: %s: %s", setting, path,
	    why != NULL ? why : strerror(-rc));
}

static int
key_check(const char *path, struct diag *d)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return refuse(d, -errno, "console.tls_key", path);
	if ((st.st_mode & (S_IRWXO | S_IWGRP)) != 0)
		return diag_set(d, -EPERM,
		    "console.tls_key: %s can be read by everybody; chmod 640 "
		    "it, or 600",
		    path);
	return 0;
}

static int
files_read(
    SSL_CTX *ctx, const char *certificate, const char *key, struct diag *d)
{
	int rc = key_check(key, d);

	if (rc < 0)
		return rc;
	if (SSL_CTX_use_certificate_chain_file(ctx, certificate) != 1)
		return refuse(
		    d, -EINVAL, "console.tls_certificate", certificate);
	if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_check_private_key(ctx) != 1)
		return refuse(d, -EINVAL, "console.tls_key", key);
	return 0;
}

int
web_tls_open(const char *certificate, const char *key, struct web_tls **ret_tls,
    struct diag *reterr_diag)
{
	struct web_tls *t = calloc(1, sizeof(*t));
	int rc;

	ASSERT(t != NULL);
	t->ctx = SSL_CTX_new(TLS_server_method());
	ASSERT(t->ctx != NULL);
	(void)SSL_CTX_set_min_proto_version(t->ctx, TLS1_2_VERSION);
	(void)SSL_CTX_set_options(t->ctx, SSL_OP_NO_RENEGOTIATION |
					      SSL_OP_NO_COMPRESSION |
					      SSL_OP_CIPHER_SERVER_PREFERENCE);
	(void)SSL_CTX_set_mode(t->ctx, SSL_MODE_RELEASE_BUFFERS);
	rc = files_read(t->ctx, certificate, key, reterr_diag);
	if (rc < 0)
		web_tls_close(&t);
	else
		*ret_tls = t;
	return rc;
}

void
web_tls_close(struct web_tls **tp)
{
	struct web_tls *t = *tp;

	if (t == NULL)
		return;
	SSL_CTX_free(t->ctx);
	free(t);
	*tp = NULL;
}

struct bufferevent *
web_tls_link(struct web_tls *t, struct event_base *base)
{
	SSL *ssl = SSL_new(t->ctx);
	struct bufferevent *bev;

	ASSERT(ssl != NULL);
	bev = bufferevent_openssl_socket_new(
	    base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING, 0);
	ASSERT(bev != NULL);
	/* many clients end without a word */
	bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
	return bev;
}

void
web_tls_done(struct bufferevent *bev)
{
	SSL *ssl = bufferevent_openssl_get_ssl(bev);

	(void)bufferevent_decref(bev);
	SSL_free(ssl);
	ERR_clear_error();
}

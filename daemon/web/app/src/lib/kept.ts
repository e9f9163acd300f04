// kept.ts - drafts kept on this device until the server has them.
//
// They hold what the directory holds, nothing about callers.  Each belongs to the
// account that wrote it.
import type { Listing } from './listing';

export interface Kept {
	listing: Listing;
	/** what it was made from, to tell what was changed */
	base: Listing;
	/** version of the server's draft it was made from; 0: there was none */
	version: number;
	base_version: number;
	at_ms: number;
}

const keyOf = (user: number, id: string) => `safar.draft.${user}.${id}`;

export function keep(user: number, id: string, draft: Kept): boolean {
	try {
		localStorage.setItem(keyOf(user, id), JSON.stringify(draft));
		return true;
	} catch {
		return false; // full, or not allowed
	}
}

export function kept(user: number, id: string): Kept | null {
	try {
		return JSON.parse(localStorage.getItem(keyOf(user, id)) ?? 'null') as Kept | null;
	} catch {
		return null;
	}
}

export function forget(user: number, id: string): void {
	localStorage.removeItem(keyOf(user, id));
}

/** The ids of all that is kept of this account. */
export function keptIds(user: number): string[] {
	const prefix = keyOf(user, '');
	return Object.keys(localStorage)
		.filter(k => k.startsWith(prefix))
		.map(k => k.slice(prefix.length));
}

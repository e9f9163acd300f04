// use_draft.ts - what somebody edits, kept here at once and on the server soon.
//
//   clean -> waiting (typed, not yet sent) -> saving -> saved
//   saving -> offline (kept here; tried again), refused (kept here; mend it),
//             clash (somebody else saved; join both)
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, post, put } from '../api';
import { type Listing, changed, emptyListing, listingOf, merge, same } from '../lib/listing';
import { type Kept, forget, keep, kept } from '../lib/kept';
import { useLine } from '../state';

export type Saving = 'clean' | 'waiting' | 'saving' | 'saved' | 'offline' | 'refused' | 'clash';

export interface ServerDraft {
	version: number;
	state: 'draft' | 'submitted';
	who: string;
	at_ms: number;
	listing: unknown;
	base_version: number;
	why?: string;
	submitter?: string;
	submitter_id?: number;
}

export interface ServerListing {
	id: string;
	version: number;
	listing: unknown;
	draft: ServerDraft | null;
	checks?: { at_ms: number; how: string; who: string; counts?: boolean }[];
}

export interface Clash {
	base: Listing;
	ours: Listing;
	theirs: Listing;
	who: string;
	at_ms: number;
	fields: (keyof Listing)[];
	merged: Listing;
	version: number;
	base_version: number;
}

/** What the server has: the draft where there is one. */
function serverSide(s: ServerListing | null): { listing: Listing; version: number } {
	if (!s) return { listing: emptyListing(), version: 0 };
	return {
		listing: listingOf(s.draft ? s.draft.listing : s.listing),
		version: s.draft?.version ?? 0,
	};
}

const REST_MS = 2000;
const AGAIN_MS = 10000;

export function useDraft(user: number, id: string, server: ServerListing | null) {
	const start = serverSide(server);
	const [listing, setListing] = useState(start.listing);
	const [saving, setSaving] = useState<Saving>('clean');
	const [error, setError] = useState<unknown>(undefined);
	const [clash, setClash] = useState<Clash | null>(null);
	const [restored, setRestored] = useState(0);
	const [savedAt, setSavedAt] = useState(0);
	// what the server has, as far as we know
	const base = useRef({
		listing: start.listing,
		version: start.version,
		base_version: server?.draft?.base_version ?? server?.version ?? 0,
	});
	const realId = useRef(id === 'new' ? '' : id);
	const now = useRef(listing);
	const under = useRef<Promise<boolean> | null>(null);
	now.current = listing;

	useEffect(() => {
		const local = kept(user, id);
		if (!local) return;
		if (same(local.listing, start.listing)) forget(user, id);
		else if (local.version === start.version) restore(local);
		else bothChanged(local.base, local.listing, server, local.base_version);
	}, []);

	function restore(local: Kept): void {
		setListing(local.listing);
		setRestored(local.at_ms);
		setSaving('waiting');
	}

	// what two people changed: joined where it can be, shown where it cannot
	function bothChanged(
		was: Listing,
		ours: Listing,
		s: ServerListing | null,
		baseVersion: number,
	): void {
		const side = serverSide(s);
		const joined = merge(was, ours, side.listing);
		setClash({
			base: was,
			ours,
			theirs: side.listing,
			who: s?.draft?.who ?? '',
			at_ms: s?.draft?.at_ms ?? 0,
			fields: joined.clashes,
			merged: joined.merged,
			version: side.version,
			base_version: s?.draft?.base_version ?? s?.version ?? baseVersion,
		});
		setSaving('clash');
	}

	function keepHere(next: Listing): void {
		const { listing: was, version, base_version } = base.current;
		keep(user, realId.current || id, {
			listing: next,
			base: was,
			version,
			base_version,
			at_ms: Date.now(),
		});
	}

	function edit(part: Partial<Listing>): void {
		const next = { ...now.current, ...part };
		now.current = next;
		setListing(next);
		setRestored(0);
		if (same(next, base.current.listing)) {
			forget(user, realId.current || id);
			setSaving(s => (s === 'clash' ? s : 'clean'));
			return;
		}
		keepHere(next);
		setSaving(s => (s === 'clash' ? s : 'waiting'));
	}

	async function sendOnce(sent: Listing): Promise<void> {
		const { version, base_version } = base.current;
		if (realId.current === '') {
			const made = await post<{ id: string; version?: number }>('/api/drafts', { listing: sent });
			forget(user, id);
			realId.current = made.id;
			base.current = { listing: sent, version: made.version ?? 1, base_version: 0 };
		} else {
			const path = `/api/drafts/${encodeURIComponent(realId.current)}`;
			const body = { version, base_version, listing: sent };
			const saved = await put<{ version?: number } | undefined>(path, body);
			base.current = { listing: sent, version: saved?.version ?? version + 1, base_version };
		}
	}

	function onFailure(e: unknown, sent: Listing): void {
		if (e instanceof ApiError && e.status === 409) {
			const there = e.detail as unknown as Partial<ServerListing> & Partial<ServerDraft>;
			const s: ServerListing = {
				id: realId.current,
				version: there.draft === undefined ? base.current.base_version : (there.version ?? 0),
				listing: there.listing,
				draft: there.draft === undefined ? (there as ServerDraft) : there.draft,
			};
			// our own words, whose receipt was lost on the way
			if (same(serverSide(s).listing, sent)) {
				base.current = { ...base.current, listing: sent, version: serverSide(s).version };
				settle(sent);
			} else bothChanged(base.current.listing, sent, s, base.current.base_version);
			return;
		}
		setError(e);
		setSaving(e instanceof ApiError && e.status >= 400 && e.status !== 503 ? 'refused' : 'offline');
	}

	function settle(sent: Listing): void {
		setError(undefined);
		setSavedAt(Date.now());
		if (same(now.current, sent)) {
			forget(user, realId.current || id);
			setSaving('saved');
		} else {
			keepHere(now.current);
			setSaving('waiting');
		}
	}

	/** Send what is written now; false: it is not on the server. */
	async function save(): Promise<boolean> {
		if (under.current) await under.current;
		const sent = now.current;
		if (same(sent, base.current.listing)) return true;
		setSaving('saving');
		under.current = sendOnce(sent).then(
			() => (settle(sent), true),
			(e: unknown) => (onFailure(e, sent), same(base.current.listing, sent)),
		);
		const done = await under.current;
		under.current = null;
		return done;
	}

	useEffect(() => {
		if (saving !== 'waiting' && saving !== 'offline') return;
		const timer = setTimeout(() => void save(), saving === 'waiting' ? REST_MS : AGAIN_MS);
		return () => clearTimeout(timer);
	}, [saving, listing]);
	const up = useLine();
	useEffect(() => {
		if (up && saving === 'offline') void save();
	}, [up]);

	return {
		listing,
		edit,
		saving,
		savedAt,
		error,
		clash,
		restored,
		/** the draft's version at the server; 0: there is none */
		version: () => base.current.version,
		id: () => realId.current,
		save,
		/** Go on with this, made from both. */
		join(chosen: Listing): void {
			if (!clash) return;
			base.current = {
				listing: clash.theirs,
				version: clash.version,
				base_version: clash.base_version,
			};
			setClash(null);
			setSaving('clean');
			edit(Object.fromEntries(changed(now.current, chosen).map(f => [f, chosen[f]])));
		},
		drop(): void {
			forget(user, realId.current || id);
		},
	};
}

export type Draft = ReturnType<typeof useDraft>;

// listing.ts - a listing as it is edited: its fields, what differs, and joining
// what two people wrote.
import type { Names } from '../types';

export interface Phone {
	number: string;
	as_printed: string;
	description: string;
}

export interface Listing {
	name_en: string;
	name_ru: string;
	/** ky, tg, uz, uz@cyrillic, kk */
	names: Names;
	country: string;
	places: string[];
	topics: string[];
	kind: string;
	visibility: string;
	status: string;
	phones: Phone[];
	short_codes: string[];
	email: string;
	website: string;
	address: string;
	languages: string[];
	hours: string;
	description_en: string;
	/** ru, ky, tg, uz, uz@cyrillic, kk */
	descriptions: Names;
	reachable_from: string[];
	serves: string;
	eligibility_description: string;
	fees_description: string;
	application_process: string;
	interpretation_services: string;
	accessibility: string;
	required_documents: string[];
	source: string;
	source_year: string;
	seen: string;
	notes: string;
}

export const KINDS = ['hotline', 'ngo', 'igo', 'clinic', 'government', 'other'];

/** Every field, in the order of the form. */
export const FIELDS: readonly (keyof Listing)[] = [
	'name_ru',
	'name_en',
	'names',
	'topics',
	'kind',
	'visibility',
	'status',
	'phones',
	'short_codes',
	'reachable_from',
	'email',
	'website',
	'address',
	'hours',
	'country',
	'places',
	'serves',
	'languages',
	'description_en',
	'descriptions',
	'eligibility_description',
	'fees_description',
	'application_process',
	'required_documents',
	'interpretation_services',
	'accessibility',
	'source',
	'source_year',
	'seen',
	'notes',
];

const text = (v: unknown): string =>
	typeof v === 'string' ? v : typeof v === 'number' ? `${v}` : '';
const list = (v: unknown): string[] =>
	Array.isArray(v)
		? v.map(text).filter(Boolean)
		: text(v)
				.split(';')
				.map(s => s.trim())
				.filter(Boolean);

function names(v: unknown): Names {
	const found: Names = {};
	if (v && typeof v === 'object')
		for (const [code, name] of Object.entries(v)) if (text(name)) found[code] = text(name);
	return found;
}

function phones(v: unknown): Phone[] {
	if (!Array.isArray(v)) return [];
	return v.map((p: Partial<Phone>) => ({
		number: text(p.number),
		as_printed: text(p.as_printed),
		description: text(p.description),
	}));
}

/** What a server sent, every field there. */
export function listingOf(raw: unknown): Listing {
	const r = (raw ?? {}) as Record<string, unknown>;
	// fields that the form has not are handed back as they came
	const l: Record<string, unknown> = { ...r };
	for (const field of FIELDS) l[field] = text(r[field]);
	for (const field of [
		'places',
		'topics',
		'short_codes',
		'languages',
		'reachable_from',
		'required_documents',
	])
		l[field] = list(r[field]);
	l['names'] = names(r['names']);
	l['descriptions'] = names(r['descriptions']);
	l['phones'] = phones(r['phones']);
	return l as unknown as Listing;
}

export function emptyListing(): Listing {
	return listingOf({ kind: 'ngo', visibility: 'callers-after-check', status: 'active' });
}

// members of an object in one order, empty ones left out
function plain(v: unknown): unknown {
	if (Array.isArray(v)) return v.map(plain);
	if (v && typeof v === 'object')
		return Object.entries(v)
			.filter(([, x]) => x !== '')
			.sort(([a], [b]) => (a < b ? -1 : 1));
	return v;
}

export function same(a: unknown, b: unknown): boolean {
	return JSON.stringify(plain(a)) === JSON.stringify(plain(b));
}

/** The fields in which two differ. */
export function changed(a: Listing, b: Listing): (keyof Listing)[] {
	return FIELDS.filter(f => !same(a[f], b[f]));
}

export interface Merge {
	/** theirs, with what only we changed */
	merged: Listing;
	/** fields that both changed, to different things */
	clashes: (keyof Listing)[];
}

/** Join two changes of the same base; in a clash the merged one has ours. */
export function merge(base: Listing, ours: Listing, theirs: Listing): Merge {
	const mine = changed(base, ours);
	const clashes = mine.filter(f => !same(base[f], theirs[f]) && !same(ours[f], theirs[f]));
	const merged = { ...theirs, ...Object.fromEntries(mine.map(f => [f, ours[f]])) };
	return { merged, clashes };
}

/** What must be there before it can be submitted: field and code of what is wrong. */
export function lacks(l: Listing): Record<string, string> {
	const wrong: Record<string, string> = {};
	if (!l.name_en.trim()) wrong['name_en'] = 'needed';
	if (l.topics.length === 0) wrong['topics'] = 'needed';
	if (!l.kind) wrong['kind'] = 'needed';
	if (!l.country && l.places.length === 0) wrong['country'] = 'needed';
	return wrong;
}

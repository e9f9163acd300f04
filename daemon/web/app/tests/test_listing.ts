// test_listing.ts - what differs between two listings, and joining two people's changes.
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { changed, emptyListing, lacks, listingOf, merge, same } from '../src/lib/listing';

const base = listingOf({
	name_en: 'Help',
	names: { ky: 'Жардам' },
	topics: ['legal'],
	phones: [{ number: '+996312000000' }],
	topics_basis: 'source',
});

test('a field that the form has not is handed back', () =>
	strictEqual((listingOf(base) as unknown as Record<string, unknown>)['topics_basis'], 'source'));

test('what is not there is empty', () => {
	strictEqual(base.name_ru, '');
	deepStrictEqual(base.places, []);
	deepStrictEqual(base.phones, [{ number: '+996312000000', as_printed: '', description: '' }]);
});

test('lists may come as text', () =>
	deepStrictEqual(listingOf({ topics: 'legal; hiv;' }).topics, ['legal', 'hiv']));

test('the order of languages and empty ones do not matter', () =>
	strictEqual(same({ ky: 'a', tg: 'b', uz: '' }, { tg: 'b', ky: 'a' }), true));

test('the order of topics does: the first is the main one', () =>
	deepStrictEqual(changed(listingOf({ topics: ['a', 'b'] }), listingOf({ topics: ['b', 'a'] })), [
		'topics',
	]));

test('changes of different fields are joined', () => {
	const ours = { ...base, name_ru: 'Помощь' };
	const theirs = { ...base, hours: '24 hours' };
	const { merged, clashes } = merge(base, ours, theirs);
	deepStrictEqual(clashes, []);
	strictEqual(merged.name_ru, 'Помощь');
	strictEqual(merged.hours, '24 hours');
});

test('different changes of one field clash, ours stands until somebody chooses', () => {
	const { merged, clashes } = merge(
		base,
		{ ...base, name_en: 'Ours', email: 'a@example.org' },
		{ ...base, name_en: 'Theirs', email: 'a@example.org' },
	);
	deepStrictEqual(clashes, ['name_en']);
	strictEqual(merged.name_en, 'Ours');
});

test('what only they changed is theirs', () => {
	const { merged, clashes } = merge(base, base, { ...base, address: 'Osh' });
	deepStrictEqual(clashes, []);
	strictEqual(merged.address, 'Osh');
});

test('a new listing says what it lacks', () =>
	deepStrictEqual(lacks(emptyListing()), {
		name_en: 'needed',
		topics: 'needed',
		country: 'needed',
	}));
test('a whole one lacks nothing', () =>
	deepStrictEqual(lacks({ ...base, kind: 'ngo', country: 'kg' }), {}));

// test_words.ts - plural forms, passwords, paths, places, pauses.
import { ok, strictEqual, deepStrictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { pause } from '../src/api';
import { pluralForm } from '../src/i18n';
import { strength } from '../src/lib/strength';
import { placesFor } from '../src/pages/place_field';
import { match, pathOf } from '../src/router';
import type { Route } from '../src/router';

const plurals: [string, number, number, number][] = [
	['en', 2, 1, 0],
	['en', 2, 0, 1],
	['en', 2, 5, 1],
	['ru', 3, 1, 0],
	['ru', 3, 21, 0],
	['ru', 3, 3, 1],
	['ru', 3, 11, 2],
	['ru', 3, 14, 2],
	['ru', 3, 176, 2],
	['ky', 1, 1, 0],
	['uz-Cyrl', 1, 7, 0],
];
for (const [tag, forms, n, want] of plurals)
	test(`${tag}: ${n} takes form ${want}`, () => strictEqual(pluralForm(tag, forms, n), want));

const passwords: [string, string][] = [
	['short', 'short'],
	['aaaaaaaaaaaaaaaa', 'weak'],
	['12345678901234', 'weak'],
	['qwertyuiop[]', 'weak'],
	['йцукенгшщзхъ', 'weak'],
	['aigulaigul1234', 'weak'],
	['correct horse battery', 'strong'],
	['Xk4!pQ9#vR2z', 'good'],
];
for (const [password, want] of passwords)
	test(`the password "${password}" is ${want}`, () =>
		strictEqual(strength(password, 'aigul'), want));

const page = () => Promise.reject(new Error('not in this test'));
const routes: Route[] = [
	{ path: '/listings', title: 'a', page },
	{ path: '/listings/:id', title: 'b', page },
	{ path: '/listings/:id/history', title: 'c', page },
];
const paths: [string, string | undefined, Record<string, string>][] = [
	['/listings', 'a', {}],
	['/listings/legal-osh', 'b', { id: 'legal-osh' }],
	['/listings/a%2Fb/history', 'c', { id: 'a/b' }],
	['/listings/%/history', 'c', { id: '%' }],
	['/listings/', undefined, {}],
	['/nothing', undefined, {}],
];
for (const [path, title, params] of paths)
	test(`the path ${path}`, () => {
		const found = match(routes, path);
		strictEqual(found?.route.title, title);
		if (found) deepStrictEqual(found.params, params);
	});
test('a fragment that is no path', () => strictEqual(pathOf('#main'), '/'));

const place = (id: string, country: string, ru: string, uz: string) => ({
	id,
	country,
	kind: '',
	names: { ru, uz },
});
const places = [
	place('kg', 'kg', 'Кыргызстан', 'Qirgʻiziston'),
	place('kg-osh', 'kg', 'Ош', 'Oʻsh'),
	place('kg-osh-region', 'kg', 'Ошская область', 'Oʻsh viloyati'),
	place('ru-oryol', 'ru', 'Орёл', 'Oryol'),
	place('ru-nn', 'ru', 'Нижний Новгород', 'Nijniy Novgorod'),
];
const typed: [string, string[]][] = [
	['ош', ['kg-osh', 'kg-osh-region']],
	["o'sh", ['kg-osh', 'kg-osh-region']],
	['орел', ['ru-oryol']],
	['новг', ['ru-nn']],
	['к', ['kg']],
	['', []],
	['nowhere', []],
];
for (const [text, want] of typed)
	test(`typing "${text}" finds ${want.join(', ') || 'nothing'}`, () =>
		deepStrictEqual(
			placesFor(places, text, []).map(p => p.id),
			want,
		));

test('pauses grow and end', () => {
	deepStrictEqual(
		[0, 1, 2, 3, 4, 9].map(n => pause(n, 0)),
		[1000, 2000, 4000, 8000, 15000, 15000],
	);
	ok(pause(0, 1) <= 1500);
});

// test_hours.ts - opening hours: what content/hours.c reads is what we write.
import { strictEqual, deepStrictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { readHours, spanWhole, writeDays, writeHours } from '../src/lib/hours';

const same = [
	'24 hours',
	'Mon-Fri 09:00-18:00',
	'daily 08:00-20:00; Sat, Sun 10:00-14:00',
	'Mon, Wed 09:00-12:00',
	'09:00-18:00',
	'Mon-Sat 22:00-24:00',
];
for (const text of same)
	test(`"${text}" comes back as it was`, () => strictEqual(writeHours(readHours(text)), text));

const others: [string, string][] = [
	['Mon,Tue,Wed 09:00-18:00', 'Mon-Wed 09:00-18:00'],
	['Mon-Sun 09:00-18:00', 'daily 09:00-18:00'],
	['  Mon-Fri   09:00-18:00 ', 'Mon-Fri 09:00-18:00'],
	['Sat-Sun 10:00-12:00', 'Sat, Sun 10:00-12:00'],
];
for (const [text, want] of others)
	test(`"${text}" is written "${want}"`, () => strictEqual(writeHours(readHours(text)), want));

const words = [
	'by appointment',
	'Mon-Fri 9-18',
	'Fri-Mon 09:00-18:00',
	'Mon-Fri 09:00-25:00',
	'Mon-Fri 09:60-18:00',
	'Mon-Fri 09:00-09:00',
	'Mon-Tue-Wed 09:00-18:00',
	'Mon 09:00-10:00; Tue 09:00-10:00; Wed 09:00-10:00; Thu 09:00-10:00; Fri 09:00-10:00',
];
for (const text of words)
	test(`"${text}" stays in words`, () => {
		deepStrictEqual(readHours(text), { kind: 'words', text });
		strictEqual(writeHours(readHours(text)), text);
	});

test('nothing is nothing', () => strictEqual(writeHours(readHours('  ')), ''));
test('days in any order, twice', () => strictEqual(writeDays([4, 0, 1, 2, 2]), 'Mon-Wed, Fri'));
test('no days at all', () => strictEqual(writeDays([]), ''));
test('half a time is not whole', () =>
	strictEqual(spanWhole({ days: [0], from: '09:0', to: '18:00' }), false));

// test_po.ts - reading PO files, and what the build says of texts that are wrong.
import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { checkLanguage, parsePo } from '../po.mjs';

const HEAD = 'msgid ""\nmsgstr "Language: ru\\n"\n\n';
const read = (text: string) => Object.fromEntries(parsePo(HEAD + text, 'x.po'));

test('a text, over several lines, with quotes', () =>
	deepStrictEqual(read('# why\nmsgid "a.b"\nmsgstr "one "\n"\\"two\\"\\n"\n'), {
		'a.b': 'one "two"\n',
	}));
test('plural forms', () =>
	deepStrictEqual(read('msgid "n"\nmsgid_plural "n"\nmsgstr[0] "a"\nmsgstr[1] "b"\n'), {
		n: ['a', 'b'],
	}));
test('an id twice', () =>
	throws(() => read('msgid "a"\nmsgstr "1"\n\nmsgid "a"\nmsgstr "2"\n'), /twice/));
test('a line that is none', () => throws(() => read('msgid "a\n'), /x\.po:4/));

const english = new Map([['a', 'x {n}']]);
const wrong: [string, Record<string, string | string[]>, RegExp][] = [
	['a text that is missing', {}, /missing/],
	['an empty one', { a: '' }, /empty/],
	['another placeholder', { a: '{m}' }, /placeholders/],
	['one that English has not', { a: '{n}', b: 'x' }, /English has no such text/],
	['forms where English has one', { a: ['{n}', '{n}', '{n}'] }, /forms/],
];
for (const [name, texts, want] of wrong)
	test(name, () => {
		const bad: string[] = [];
		checkLanguage('ru', new Map(Object.entries(texts)), english, bad);
		strictEqual(want.test(bad.join()), true, bad.join());
	});

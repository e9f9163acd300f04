// A spreadsheet with three rows that are wrong: each is told, the others can come in.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { ok, eq, keep, world } = require('./lib.js');
const { api, visit } = require('./people.js');

/** The exported spreadsheet's first rows, some of them spoilt, two of them new. */
async function spreadsheet(person) {
	const csv = await person.page.evaluate(async () => (await fetch('/api/export/listings.csv')).text());
	const lines = csv.split(/\r?\n/);
	const columns = lines[0].replace(/^\ufeff/, '').split(',');
	const row = values => columns.map(name => JSON.stringify(values[name] ?? '').replace(/\\"/g, '""')).join(',');
	const good = { name_en: 'House of the Traveller', name_ru: 'Дом путника', country: 'kg', topics: 'shelter', kind: 'ngo', visibility: 'callers-after-check', phone_e164: '+996312900900' };
	const rows = [
		{ ...good, id: 'house-one' },
		{ ...good, id: 'house-two', country: 'atlantis' },
		{ ...good, id: 'house-three', topics: 'dancing' },
		{ ...good, id: 'house-four', name_en: 'House Four' },
		{ ...good, id: 'house-five', phone_e164: '12' },
	];
	const file = path.join(world.folder, 'spreadsheet.csv');
	fs.writeFileSync(file, `${[lines[0], ...rows.map(row)].join('\n')}\n`);
	return file;
}

module.exports = async people => {
	const { page } = people.writer;
	await visit(page, '/exchange');
	const file = await spreadsheet(people.writer);
	await page.getByLabel('File', { exact: true }).setInputFiles(file);
	await page.getByRole('button', { name: 'See what would happen' }).click();
	await page.getByText('This would happen').waitFor();
	const figures = await page.locator('ul.figures li strong').allInnerTexts();
	eq(figures, ['2', '0', '0', '3'], 'two rows to add and three that are wrong');
	const wrong = await page.locator('table.cards tbody tr').allInnerTexts();
	ok(wrong.length === 3 && /house-two/.test(wrong.join()) && /house-three/.test(wrong.join()) && /house-five/.test(wrong.join()), 'the wrong ones are named, each with what is wrong', ...wrong);
	await keep(page, 'import');
	await page.getByRole('button', { name: /Take over 2/ }).click();
	await page.getByText('Taken over.').waitFor({ timeout: 60000 });
	const drafts = await api(people.writer, 'GET', '/api/drafts');
	const ids = JSON.stringify(drafts.body);
	ok(/house-one/.test(ids) && /house-four/.test(ids) && !/house-two|house-three|house-five/.test(ids), 'the good ones wait for approval, the wrong ones are nowhere', ids.slice(0, 400));
	await page.getByLabel('File', { exact: true }).setInputFiles({ name: 'notes.zip', mimeType: 'application/zip', buffer: Buffer.from('not a zip file') });
	await page.getByRole('button', { name: 'See what would happen' }).click();
	await page.getByRole('alert').first().waitFor();
	ok(true, 'what is no such file is refused, and says so');
};

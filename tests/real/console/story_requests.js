// Partners: counts of their own topics and no others; texts that found no answer,
// opened in the browser with the reviewers' key, and a word taught from them.
'use strict';
const { world, ok, eq, secrets, ctl, keep, text } = require('./lib.js');
const { api, invite, join, settle, visit } = require('./people.js');

const UNKNOWN = 'зимняя резина для трактора недорого';

async function scope(person) {
	const { page } = person;
	await visit(page, '/reports');
	const shown = await page.locator('table tbody tr th').allInnerTexts();
	eq(shown.length, 2, 'a reviewer of two topics sees two topics');
	await keep(page, 'reports-partner');
	const days = await page.getByLabel('Count by').locator('option[value=day]').count();
	eq(days, 0, 'partners are offered no days');
	await visit(page, '/listings');
	ok(/role does not let you/.test(await page.locator('main').innerText()), 'a reviewer has no business in the directory');
	const others = await api(person, 'POST', '/api/reports', { from: '2026-01-01', to: '2026-12-31', by: 'country', where: { topic: 'hiv' } });
	eq([others.status, others.body.rows], [200, []], 'nor does the server tell them of other topics');
	eq((await api(person, 'POST', '/api/reports/cost', { from: '2026-01-01', to: '2026-12-31' })).status, 403, 'nor what it costs');
}

async function wholeReports(person) {
	const { page } = person;
	await visit(page, '/reports');
	await page.getByLabel('Count by').selectOption('week');
	await page.getByLabel('Period', { exact: true }).selectOption('months3');
	await page.locator('.chart canvas').waitFor();
	ok(true, 'over time there is a chart beside the table');
	await keep(page, 'reports-weeks');
	const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save as CSV' }).click()]);
	ok(/^safar-week-.*\.csv$/.test(file.suggestedFilename()), 'the same as CSV');
	await visit(page, '/reports/monthly');
	ok(await page.locator('table').count(), 'a month on a page, by country and topic');
	await keep(page, 'reports-month');
	await visit(page, '/reports/cost');
	ok(/102\.00|KGS/.test(await page.locator('main').innerText()), 'parts and what they cost');
	await visit(page, '/reports/unanswered');
	ok(/Asked for, and nobody to name/.test(await page.locator('main').innerText()), 'what nobody could be named for');
}

async function unlock(page, file, passphrase) {
	await page.getByLabel('File of the key').setInputFiles(file);
	await page.getByLabel('Passphrase of the key').fill(passphrase);
	await page.getByRole('button', { name: 'Open the texts' }).click();
}

/** Texts are of no topic: who may see some topics only gets none. */
async function refused(person) {
	await visit(person.page, '/unmatched');
	await unlock(person.page, world.sealed, world.passphrase);
	await person.page.getByText('outside what your account').waitFor();
	ok(true, 'a reviewer of some topics only reads no such texts');
}

async function unmatched(person, approver) {
	const { page } = person;
	const sent = [];
	page.on('request', r => sent.push(r.postData() ?? ''));
	await visit(page, '/unmatched');
	await unlock(page, world.key, '');
	await page.getByText('This key has no passphrase').waitFor();
	ok(true, 'a key without a passphrase is not used in a browser');
	await unlock(page, world.sealed, 'not this one at all');
	await page.getByText('The passphrase is not the one').waitFor();
	ok(true, 'a wrong passphrase opens nothing, and says so');
	await unlock(page, world.sealed, world.passphrase);
	await page.locator('table tbody tr').first().waitFor();
	const shown = await page.locator('table').innerText();
	ok(shown.includes(UNKNOWN), 'the texts that found no answer are read', shown);
	await keep(page, 'unmatched');
	await page.getByRole('button', { name: 'Teach a word' }).first().click();
	await page.getByLabel('Word', { exact: false }).last().fill('трактор');
	await page.getByLabel('Topic', { exact: false }).last().selectOption({ index: 1 });
	await keep(page, 'teach');
	await page.getByRole('button', { name: 'Propose it' }).click();
	await page.getByRole('dialog').waitFor({ state: 'detached' });
	ok(sent.length > 0 && !sent.some(body => body.includes(world.passphrase) || body.includes(UNKNOWN)), 'neither passphrase nor text goes to the server');
	await visit(page, '/account');
	await visit(page, '/unmatched');
	ok(await page.getByLabel('File of the key').count(), 'who leaves the page has to unlock again');
	ok(/unmatched|sealed|text/.test(ctl('audit')), 'the look is in the audit');
	await visit(approver.page, '/words');
	await approver.page.getByText('трактор').first().waitFor();
	await approver.page.getByRole('button', { name: /Approve/ }).first().click();
	await approver.page.getByText('approved', { exact: false }).first().waitFor();
	ok(true, 'the word is proposed, and an approver takes it');
	await settle(approver.page);
}

module.exports = async people => {
	text('+996555010203', UNKNOWN);
	secrets.add(world.passphrase);
	people.reviewer = await join('Kim', invite('Kim', '--role', 'reviewer', '--topics', 'wages;legal'));
	await scope(people.reviewer);
	await wholeReports(people.admin);
	await refused(people.reviewer);
	people.reader = await join('Lola', invite('Lola', '--role', 'reviewer'));
	await unmatched(people.reader, people.approver);
};

// What goes wrong while somebody writes: the line drops, two people write at once,
// somebody writes script.
'use strict';
const { seen, ok, keep } = require('./lib.js');
const { settle, visit } = require('./people.js');

const SCRIPT = `"'><img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}`;

async function offline(person) {
	const { context } = person;
	let page = await context.newPage();
	await visit(page, '/listings/iom-kyrgyzstan');
	await page.getByLabel('Notes for operators').fill('They answer on Tuesdays');
	await page.getByText(/Saved at/).first().waitFor();
	await context.setOffline(true);
	await page.getByLabel('Notes for operators').fill('They answer on Tuesdays and on Fridays');
	await page.getByText('No connection').first().waitFor();
	ok(true, 'a dropped line is told, and that the words are kept here');
	await keep(page, 'offline');
	await page.close();
	await context.setOffline(false);
	page = await context.newPage();
	await visit(page, '/listings/iom-kyrgyzstan');
	const there = await page.getByLabel('Notes for operators').inputValue();
	ok(there === 'They answer on Tuesdays and on Fridays', 'the browser closed meanwhile: nothing is lost', there);
	await page.getByText(/Saved at/).first().waitFor();
	ok(true, 'and it goes to the server once the line is back');
	await page.close();
}

// the console is started anew, and the browser sees no change of its network
async function away(person) {
	const page = await person.context.newPage();
	await page.clock.install();
	await visit(page, '/listings/iom-kyrgyzstan');
	const gone = route => route.abort();
	await page.route('**/api/**', gone);
	await page.getByLabel('Notes for operators').fill('They answer on Fridays');
	await page.clock.runFor(2500);
	const told = page.locator('.line-banner').getByText('No connection');
	await told.waitFor();
	await page.locator('.saving.offline').waitFor();
	await page.clock.pauseAt(Date.now() + 5000);
	await page.unroute('**/api/**', gone);
	await page.clock.runFor(2500);
	await told.waitFor({ state: 'hidden' });
	ok(true, 'two seconds after the console is back nobody is told that it is gone');
	await page.clock.runFor(500);
	await page.getByText(/Saved at/).first().waitFor();
	ok(true, 'and what was written meanwhile is saved at once');
	await page.clock.resume(); // it is the whole browser's
	await page.close();
}

async function conflict(one, other) {
	const path = '/listings/unhcr-russia';
	await visit(one.page, path);
	await visit(other.page, path);
	await one.page.getByLabel('Notes for operators').fill('Closed in August');
	await one.page.getByText(/Saved at/).first().waitFor();
	await other.page.getByLabel('Notes for operators').fill('Open all year');
	await other.page.getByText('Two people changed this listing').first().waitFor();
	const shown = await other.page.locator('main').innerText();
	ok(shown.includes('Closed in August') && shown.includes('Open all year') && shown.includes(one.name), 'two editors at once: both see both', shown);
	await keep(other.page, 'conflict');
	await other.page.getByRole('radio', { name: /Theirs/ }).first().check();
	await other.page.getByRole('button', { name: 'Go on with this' }).click();
	await other.page.getByLabel('Notes for operators').waitFor();
	ok((await other.page.getByLabel('Notes for operators').inputValue()) === 'Closed in August', 'the second chooses, and goes on');
}

async function script(person) {
	const { page } = person;
	await visit(page, '/listings/new');
	const fields = page.locator('fieldset.listing-form input:not([type=checkbox]):not([type=radio]):not([type=time]), fieldset.listing-form textarea');
	let filled = 0;
	for (const field of await fields.all()) {
		if (!(await field.isVisible()) || !(await field.isEditable())) continue;
		const most = Number((await field.getAttribute('maxlength')) ?? 0);
		await field.fill(most > 0 && most < SCRIPT.length ? SCRIPT.slice(0, most) : SCRIPT);
		filled++;
	}
	ok(filled > 20, `script in ${filled} fields of a listing`);
	await page.getByRole('button', { name: 'Save the draft' }).click();
	await page.locator('[aria-invalid=true]').first().waitFor();
	ok(true, 'where it can be no e-mail, no number and no year it is refused, by the field');
	await keep(page, 'script');
	for (const field of await page.locator('[aria-invalid=true]').all()) await field.fill('');
	await page.getByRole('button', { name: 'Save the draft' }).click();
	await page.waitForURL(/#\/listings\/(?!new)/);
	await settle(page);
	const id = page.url().split('/listings/')[1];
	ok((await page.locator('h1').innerText()).includes('<img src=x'), 'elsewhere it is taken as it was written');
	for (const path of ['/listings', '/approvals', `/listings/${id}`, `/listings/${id}/history`]) {
		await visit(page, path);
		if (path === '/listings') {
			await page.getByRole('searchbox').fill(SCRIPT);
			await page.waitForTimeout(600);
			await settle(page);
		}
		if (await page.locator('img[src="x"], main script').count()) seen.dialogs.push(`an element at ${path}`);
	}
	ok(seen.dialogs.length === 0, 'it is shown as text, wherever it is shown', ...seen.dialogs);
}

module.exports = async people => {
	await offline(people.writer);
	await away(people.writer);
	await conflict(people.writer, people.approver);
	await script(people.writer);
};

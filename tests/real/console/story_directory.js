// The straight way: find a listing, edit and translate it, look at what callers
// would get, submit, a second person approves, publish: the very next text has the
// new answer; rolled back, the one after it the old one.
'use strict';
const { ok, eq, browser, close, code, keep, text, until, world } = require('./lib.js');
const { follow, visit } = require('./people.js');

const LISTING = 'russian-red-cross-moscow-migration';
const PHONE = '+79261234567';
const QUESTION = 'адвокат Москва';
const OLD = '+74991267571';
const NEW = '+74991267599';

/** Press Tab until this has the focus; false: it is not to be reached. */
async function tabTo(page, locator, most = 80) {
	for (let i = 0; i < most; i++) {
		if (await locator.evaluate(e => e === document.activeElement)) return true;
		await page.keyboard.press('Tab');
	}
	return false;
}

async function byKeyboard(person) {
	const context = await browser();
	const page = context.pages()[0];
	await page.goto(world.url);
	await page.getByLabel('Name').waitFor();
	const reached = [await tabTo(page, page.getByLabel('Name'))];
	await page.keyboard.type(person.name);
	reached.push(await tabTo(page, page.getByLabel('Password')));
	await page.keyboard.type(person.password);
	await page.keyboard.press('Enter');
	await page.getByLabel('Code').waitFor();
	reached.push(await tabTo(page, page.getByLabel('Code')));
	await page.keyboard.type(await code(person.secret));
	await page.keyboard.press('Enter');
	const search = page.getByRole('searchbox');
	await search.waitFor();
	reached.push(await tabTo(page, search));
	const ring = await search.evaluate(e => getComputedStyle(e).outlineStyle);
	ok(ring !== 'none', 'what has the focus shows it');
	await page.keyboard.type('Tong Jahoni');
	const found = page.getByRole('link', { name: /Tong Jahoni/ }).first();
	await found.waitFor();
	reached.push(await tabTo(page, found));
	await page.keyboard.press('Enter');
	await page.waitForURL(/#\/listings\/tong-jahoni/);
	ok(reached.every(Boolean), 'log in, search and open a listing by the keyboard alone', reached);
	await close(context);
}

async function find(page) {
	await visit(page, '/listings');
	await page.getByRole('searchbox').fill('красный крест москва');
	await page.getByRole('link', { name: /Red Cross/ }).first().waitFor();
	await keep(page, 'found');
	ok(await page.locator(`a[href="#/listings/${LISTING}"]`).count(), 'a listing is found by words of another language');
}

async function edit(page) {
	await visit(page, `/listings/${LISTING}`);
	const number = page.getByLabel('Number 1', { exact: true });
	await number.fill('8 499 12');
	await number.blur(); // before anybody has looked at it
	await until('a wrong number is told', async () => (await page.locator('.phone').first().innerText()).includes('×'));
	eq(await number.inputValue(), '8 499 12', 'a wrong number stays as typed, and is told');
	await number.fill('8 499 126-75-99');
	await until('the number is looked at', async () => (await page.locator('.phone').first().innerText()).replace(/[\s-]/g, '').includes(`✓${NEW}`));
	ok(true, 'a number is checked as it is typed');
	await page.getByLabel('Name: Тоҷикӣ').fill('Салиби Сурх');
	await page.getByLabel('Name: Тоҷикӣ').blur();
	const preview = page.locator('.preview');
	await until('the preview has the new number', async () => (await preview.innerText()).includes(NEW));
	const shown = await preview.innerText();
	ok(/\d part/.test(shown), 'the preview has the new number, with its parts', shown);
	await page.getByText(/Saved at/).first().waitFor();
	ok(true, 'the draft is on the server by itself');
	await keep(page, 'editing');
	ok(text(PHONE, QUESTION).includes(OLD), 'callers still get the old answer');
}

/** What the simulator's phone gets from what is not published yet. */
async function tryDraft(page) {
	await visit(page, '/simulator');
	await page.getByLabel('What answers').selectOption('drafts');
	await page.getByLabel('Country of the number').selectOption('ru');
	await page.getByLabel('Text', { exact: true }).fill(QUESTION);
	await page.keyboard.press('Enter');
	await page.locator('.bubble.theirs').first().waitFor();
	const answer = await page.locator('.bubble.theirs').first().innerText();
	ok(answer.includes(NEW), 'the simulator answers from the draft before anybody approves it', answer);
	await visit(page, `/listings/${LISTING}`);
}

async function submit(page) {
	await page.getByRole('button', { name: 'Submit for approval' }).click();
	await page.getByText(/submitted this/).first().waitFor();
	ok(!(await page.getByRole('button', { name: 'Approve' }).count()), 'who wrote it is not asked to approve it');
}

async function approve(page) {
	await visit(page, '/approvals');
	await keep(page, 'approvals');
	await follow(page, `/listings/${LISTING}`);
	ok((await page.locator('main').innerText()).includes(NEW), 'who approves sees what is changed');
	await page.getByRole('button', { name: 'Approve' }).click();
	await page.getByText('Approved. It goes to callers').waitFor();
	ok(text(PHONE, QUESTION).includes(OLD), 'approved is not yet published');
}

async function publish(page) {
	await visit(page, '/editions');
	ok(/1 listing has changed/.test(await page.locator('main').innerText()), 'what is not published yet is told');
	await page.getByRole('button', { name: 'Publish' }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByLabel('Note').fill('a new number');
	await dialog.getByRole('button', { name: 'Publish' }).click();
	// how long it takes to speak an edition is the machine's
	await page.getByText(/What callers hear is being spoken|Published. The next text/).waitFor({ timeout: 300000 });
	await keep(page, 'publishing');
	await page.getByText('Published. The next text').waitFor({ timeout: 300000 });
	const answer = text(PHONE, QUESTION);
	ok(answer.includes(NEW) && !answer.includes(OLD), 'the very next text gets the new answer', answer);
	await keep(page, 'editions');
}

async function rollBack(page) {
	await page.getByRole('button', { name: 'Roll back: 1' }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByLabel('Note').fill('the number was wrong');
	await dialog.getByRole('button', { name: 'Roll back' }).click();
	await page.getByText('Rolled back. The next text').waitFor({ timeout: 300000 });
	const answer = text(PHONE, QUESTION);
	ok(answer.includes(OLD) && !answer.includes(NEW), 'rolled back, the next text gets the old one', answer);
}

async function verify(page) {
	await visit(page, '/listings/hotline-kz-11616');
	await page.getByRole('button', { name: 'by phone' }).click();
	await page.getByText('Noted as checked today').first().waitFor();
	ok(true, 'verified today by phone, with one click');
}

async function history(page) {
	await visit(page, `/listings/${LISTING}/history`);
	const told = await page.locator('main').innerText();
	ok(told.includes(OLD) && told.includes(NEW) && /Bermet|Daler/.test(told), 'the history says who changed what', told);
	const above = page.getByRole('link', { name: '← Russian Red Cross' });
	await above.waitFor();
	ok(await above.isVisible(), 'and of which listing, by its name');
}

module.exports = async people => {
	await byKeyboard(people.writer);
	await find(people.writer.page);
	await edit(people.writer.page);
	await tryDraft(people.writer.page);
	await submit(people.writer.page);
	await approve(people.approver.page);
	await publish(people.approver.page);
	await rollBack(people.approver.page);
	await verify(people.writer.page);
	await history(people.writer.page);
};

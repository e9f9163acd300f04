// browser.js - people in the console: one story after another on the same data,
// then what must be true of all that was seen.
'use strict';
const { seen, ok, note, keepAll, closeAll } = require('./lib.js');

const stories = ['accounts', 'simulator', 'directory', 'drafts', 'bulk', 'requests', 'looks'];

async function main() {
	const wanted = (process.env.STORY ?? '').split(',').filter(Boolean);
	const people = {};
	for (const name of stories) {
		// the first makes the people of all others
		if (wanted.length && name !== 'accounts' && !wanted.includes(name)) continue;
		note(`--- ${name}`);
		try {
			await require(`./story_${name}.js`)(people);
		} catch (error) {
			ok(false, `${name}: the story comes to its end`, error.stack);
			await keepAll(`failed-${name}`);
		}
	}
	ok(seen.requests > 0 && seen.foreign.length === 0, 'no request to any other host', ...seen.foreign);
	ok(seen.secrets.length === 0, 'no address holds a password, a token or a secret', ...seen.secrets);
	ok(seen.csp.length === 0, 'the pages keep to their own policy of content', ...seen.csp);
	ok(seen.dialogs.length === 0, 'no text of anybody becomes a script', ...seen.dialogs);
	ok(seen.errors.length === 0, 'no page breaks', ...seen.errors);
	await closeAll();
}

main().catch(async error => {
	ok(false, 'the stories come to their end', error.stack);
	await closeAll();
	process.exit(1);
});

// main.tsx - the start: texts first, then the page.
import { render } from 'preact';
import { App } from './app';
import { firstLang, setLang } from './i18n';

function start(): void {
	const root = document.getElementById('app');
	if (root) render(<App />, root);
}

setLang(firstLang()).then(start, () => {
	document.body.textContent = 'Safar: no connection. Нет связи.';
	setTimeout(() => location.reload(), 5000);
});

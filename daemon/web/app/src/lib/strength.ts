// strength.ts - how hard a password is to guess, told while it is typed.

export type Strength = 'short' | 'weak' | 'good' | 'strong';

export const PASSWORD_MIN = 12;

const RUNS =
	'abcdefghijklmnopqrstuvwxyz абвгдеёжзийклмнопрстуфхцчшщъыьэюя 01234567890 qwertyuiop asdfghjkl zxcvbnm йцукенгшщзхъ фывапролджэ ячсмитьбю';

/** Characters that are no surprise after the one before: repeated, or next in a row. */
function expected(text: string): number {
	let n = 0;
	for (let i = 1; i < text.length; i++) {
		const pair = text.slice(i - 1, i + 1);
		const back = pair.charAt(1) + pair.charAt(0);
		if (pair.charAt(0) === pair.charAt(1) || RUNS.includes(pair) || RUNS.includes(back)) n++;
	}
	return n;
}

/**
 * By length without what is expected, and by how many different characters.
 * Kinds of characters are not counted: four words are better than P@ssw0rd1.
 */
export function strength(password: string, name = ''): Strength {
	const chars = [...password];
	if (chars.length < PASSWORD_MIN) return 'short';
	let text = password.toLowerCase();
	if (name.length > 2) text = text.split(name.toLowerCase()).join('');
	// the server takes none that has the name in it
	if (name.length > 3 && password.includes(name)) return 'weak';
	const surprise = [...text].length - expected(text);
	const different = new Set(text).size;
	if (surprise < 9 || different < 6) return 'weak';
	return surprise >= 14 && different >= 9 ? 'strong' : 'good';
}

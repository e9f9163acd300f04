// names.ts - names of countries in the language shown.
import { lang, langTag } from '../i18n';

/** "Kyrgyzstan" of "kg"; the code where the browser knows no name. */
export function regionName(code: string): string {
	if (!/^[a-z]{2}$/i.test(code)) return code;
	const names = new Intl.DisplayNames([langTag(lang()), 'ru'], { type: 'region' });
	return names.of(code.toUpperCase()) ?? code;
}

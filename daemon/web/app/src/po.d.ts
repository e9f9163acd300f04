// the texts of a language; build.mjs reads them from content/lang
declare module 'po:*' {
	const texts: Record<string, string | string[]>;
	export default texts;
}

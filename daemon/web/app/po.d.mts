// the types of po.mjs, for its tests
type Texts = Map<string, string | string[]>;
export function parsePo(source: string, file: string): Texts;
export function checkLanguage(code: string, texts: Texts, english: Texts, bad: string[]): void;

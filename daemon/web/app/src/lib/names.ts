// names.ts - what the keys of reports mean, in the language shown.
import { get } from '../api';
import { day, has, lang, langName, langTag, named, t } from '../i18n';
import type { Place, Topic } from '../types';

/** "Kyrgyzstan" of "kg", as the gazetteer has it: browsers know few names in Tajik;
 * the code where neither knows one. */
export function countryName(words: Vocabulary, code: string): string {
	const name = named(words.places.find(place => place.id === code)?.names);
	if (name) return name;
	if (!/^[a-z]{2}$/i.test(code)) return code;
	const names = new Intl.DisplayNames([langTag(lang()), 'ru'], { type: 'region' });
	return names.of(code.toUpperCase()) ?? code;
}

export interface Vocabulary {
	topics: Topic[];
	places: Place[];
}

let known: Promise<Vocabulary> | undefined;

/** Topics and places, fetched once. */
export function vocabulary(): Promise<Vocabulary> {
	known ??= Promise.all([
		get<Listed<Topic>>('/api/topics'),
		get<Listed<Place>>('/api/places'),
	]).then(([topics, places]) => ({ topics: listOf(topics), places: listOf(places) }));
	known.catch(() => (known = undefined));
	return known;
}

type Listed<T> = T[] | Record<string, T[]>;

function listOf<T>(all: Listed<T>): T[] {
	return Array.isArray(all) ? all : (Object.values(all)[0] ?? []);
}

/** In plain words; what callers read is discreet, so that operators could mistake it. */
export function topicName(words: Vocabulary, id: string): string {
	if (has(`topic.${id}`)) return t(`topic.${id}`);
	return named(words.topics.find(topic => topic.id === id)?.names) || id;
}

export function placeName(words: Vocabulary, id: string): string {
	return named(words.places.find(place => place.id === id)?.names) || id;
}

/** What a row of a report is about. */
export function keyName(words: Vocabulary, by: string, key: string): string {
	if (key === '') return t('report.unknown');
	switch (by) {
		case 'day':
		case 'week':
		case 'month':
			return by === 'month' ? key : day(key);
		case 'topic':
			return topicName(words, key);
		case 'place':
			return placeName(words, key);
		case 'country':
			return countryName(words, key);
		case 'lang':
			return langName(key);
		case 'channel':
			return t(`report.channel.${key}`);
		case 'outcome':
			return t(`report.outcome.${key}`);
		default:
			return key;
	}
}

// data.ts - topics and places: fetched once, used by many pages.
import { useEffect, useState } from 'preact/hooks';
import { named, t, has } from './i18n';
import { topicName as plainTopic, vocabulary } from './lib/names';
import type { Place, Topic } from './types';

export interface Lists {
	topics: Topic[];
	places: Place[];
	placeById: Map<string, Place>;
}

let fetched: Promise<Lists> | null = null;

async function fetchLists(): Promise<Lists> {
	const { topics, places } = await vocabulary();
	return {
		topics,
		places,
		placeById: new Map(places.map(x => [x.id, x])),
	};
}

const NONE: Lists = { topics: [], places: [], placeById: new Map() };

/** Topics and places; empty until they have come. */
export function useLists(): Lists {
	const [lists, setLists] = useState<Lists>(NONE);
	useEffect(() => {
		let gone = false;
		fetched ??= fetchLists();
		fetched.then(
			l => !gone && setLists(l),
			() => (fetched = null),
		);
		return () => void (gone = true);
	}, []);
	return lists;
}

export function topicName(lists: Lists, id: string): string {
	return plainTopic(lists, id);
}

export function placeName(lists: Lists, id: string): string {
	const place = lists.placeById.get(id);
	return (place && named(place.names)) || id;
}

/** "Osh, Kyrgyzstan": with the country, for places of the same name. */
export function placeLong(lists: Lists, id: string): string {
	const place = lists.placeById.get(id);
	if (!place || !place.country || place.id === place.country) return placeName(lists, id);
	return `${placeName(lists, id)}, ${placeName(lists, place.country)}`;
}

/** The countries of the gazetteer. */
export function countries(lists: Lists): Place[] {
	return lists.places
		.filter(p => p.id === p.country)
		.sort((a, b) => named(a.names).localeCompare(named(b.names)));
}

/** "temporarily closed" is HSDS's word. */
export function statusName(code: string): string {
	const id = `state.${code.replace(' ', '-')}`;
	return has(id) ? t(id) : code;
}

export function visibilityName(code: string): string {
	return has(`visibility.${code}`) ? t(`visibility.${code}`) : code;
}

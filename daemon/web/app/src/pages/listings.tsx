// listings.tsx - find a listing.
import { useState } from 'preact/hooks';
import { ask } from '../api';
import { type Lists, placeName, topicName, useLists } from '../data';
import { LANGS, named, t, tn } from '../i18n';
import { keptIds } from '../lib/kept';
import { mayEdit } from '../lib/rights';
import { href } from '../router';
import { useMe } from '../state';
import type { Names } from '../types';
import {
	type Choice,
	Button,
	Empty,
	Form,
	Loaded,
	Notice,
	Paging,
	SelectField,
	TextField,
	useLoad,
	useRested,
} from '../ui';
import { Checked, DraftTag, Visibility } from './listing_tags';
import { PlaceField } from './place_field';

export interface Found {
	id: string;
	name: Names;
	org?: string;
	country: string;
	places: string[];
	topics: string[];
	kind: string;
	visibility: string;
	checked_ms: number;
	status: string;
	draft: null | { state: string; who: string; at_ms: number };
}

const NOTHING = {
	q: '',
	topic: '',
	place: '',
	lang: '',
	visibility: '',
	age: '',
	state: '',
	country: '',
	page: 1,
};
const STATES = ['active', 'inactive', 'new', 'draft', 'submitted'];
const PER_PAGE = 25;

// whoever comes back from a listing finds the list as it was
let last = NOTHING;

export default function ListingsPage() {
	const me = useMe();
	const [query, setQuery] = useState(last);
	const lists = useLists();
	const rested = useRested(query, 250);
	const load = useLoad(
		signal =>
			ask<{ total: number; items: Found[] }>(
				'/api/listings/search',
				{ ...rested, per_page: PER_PAGE },
				signal,
			),
		[rested],
	);
	function change(part: Partial<typeof NOTHING>): void {
		last = { ...query, page: 1, ...part };
		setQuery(last);
	}
	const waiting = keptIds(me.user.id);
	return (
		<>
			<div class="head">
				<h1>{t('listings.title')}</h1>
				{mayEdit(me) && (
					<a class="button main" href="#/listings/new">
						{t('listings.new')}
					</a>
				)}
			</div>
			{waiting.length > 0 && (
				<Notice kind="warn">
					{t('listings.kept')}{' '}
					{waiting.map(id => (
						<a key={id} href={href('listings', id)}>
							{id === 'new' ? t('listings.new') : id}{' '}
						</a>
					))}
				</Notice>
			)}
			<Filters query={query} lists={lists} onChange={change} />
			<Loaded load={load}>
				{found => (
					<>
						<p role="status" class="muted">
							{tn('listings.found', found.total)}
						</p>
						{found.items.length === 0 ? (
							<Empty>
								<p>{t('listings.none')}</p>
								<Button onClick={() => change(NOTHING)}>{t('listings.clear')}</Button>
							</Empty>
						) : (
							<Results items={found.items} lists={lists} />
						)}
						<Paging
							page={query.page}
							per={PER_PAGE}
							total={found.total}
							onPage={page => {
								change({ page });
								scrollTo(0, 0);
							}}
						/>
					</>
				)}
			</Loaded>
		</>
	);
}

function Filters(p: {
	query: typeof NOTHING;
	lists: Lists;
	onChange: (part: Partial<typeof NOTHING>) => void;
}) {
	const any: Choice = { value: '', label: t('listings.any') };
	const choices = (values: string[], label: (value: string) => string) => [
		any,
		...values.map(value => ({ value, label: label(value) })),
	];
	const narrowed = (
		['topic', 'country', 'place', 'lang', 'visibility', 'age', 'state'] as const
	).filter(f => p.query[f] !== '').length;
	return (
		<Form class="sheet filters" role="search" onSubmit={() => {}}>
			<TextField
				label={t('listings.q')}
				hint={t('listings.q-hint')}
				type="search"
				maxLength={100}
				value={p.query.q}
				onInput={q => p.onChange({ q })}
			/>
			<details open={narrowed > 0}>
				<summary>
					{t('listings.filters')}
					{narrowed > 0 && ` (${narrowed})`}
				</summary>
				<div class="grid">
					<SelectField
						label={t('field.topics')}
						value={p.query.topic}
						choices={[
							any,
							...p.lists.topics.map(x => ({ value: x.id, label: topicName(p.lists, x.id) })),
						]}
						onInput={topic => p.onChange({ topic })}
					/>
					<PlaceField
						label={t('listings.place')}
						lists={p.lists}
						value={p.query.place}
						onInput={place => p.onChange({ place })}
					/>
					<SelectField
						label={t('field.languages')}
						value={p.query.lang}
						choices={[any, ...LANGS.map(l => ({ value: l.code, label: l.name }))]}
						onInput={lang => p.onChange({ lang })}
					/>
					<SelectField
						label={t('listings.age')}
						value={p.query.age}
						choices={choices(['never', 'due', 'fresh'], v => t(`age.${v}`))}
						onInput={age => p.onChange({ age })}
					/>
					<SelectField
						label={t('listings.state')}
						value={p.query.state}
						choices={choices(STATES, v => t(`state.${v}`))}
						onInput={state => p.onChange({ state })}
					/>
					<SelectField
						label={t('field.visibility')}
						value={p.query.visibility}
						choices={choices(VISIBILITIES, v => t(`visibility.${v}`))}
						onInput={visibility => p.onChange({ visibility })}
					/>
				</div>
				{narrowed > 0 && (
					<Button onClick={() => p.onChange({ ...NOTHING, q: p.query.q })}>
						{t('listings.clear')}
					</Button>
				)}
			</details>
		</Form>
	);
}

export const VISIBILITIES = ['callers-after-check', 'operators', 'placeholder', 'never_export'];

function Results(p: { items: Found[]; lists: Lists }) {
	return (
		<div class="table">
			<table class="cards">
				<thead>
					<tr>
						<th scope="col">{t('listings.name')}</th>
						<th scope="col">{t('field.topics')}</th>
						<th scope="col">{t('listings.where')}</th>
						<th scope="col">{t('listings.checked')}</th>
						<th scope="col">{t('listings.state')}</th>
					</tr>
				</thead>
				<tbody>
					{p.items.map(item => (
						<tr key={item.id}>
							<th scope="row">
								<a href={href('listings', item.id)}>{named(item.name) || item.id}</a>
							</th>
							<td data-label={t('field.topics')}>
								{some(item.topics.map(id => topicName(p.lists, id)))}
							</td>
							<td data-label={t('listings.where')}>{where(p.lists, item)}</td>
							<td data-label={t('listings.checked')}>
								<Checked at={item.checked_ms} />
							</td>
							<td data-label={t('listings.state')}>
								<span class="tags">
									<DraftTag draft={item.draft} />
									<Visibility code={item.visibility} status={item.status} />
								</span>
							</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}

/** The first three, and how many more. */
function some(names: string[]): string {
	const first = names.slice(0, 3).join(', ');
	return names.length > 3 ? `${first} +${names.length - 3}` : first;
}

function where(lists: Lists, item: Found): string {
	const places = item.places.filter(id => id !== item.country);
	const country = item.country && placeName(lists, item.country);
	if (places.length === 0) return country || some(item.places.map(id => placeName(lists, id)));
	return [some(places.map(id => placeName(lists, id))), country].filter(Boolean).join(' · ');
}

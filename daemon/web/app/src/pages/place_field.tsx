// place_field.tsx - a place, or several, from the gazetteer: type, choose, Enter.
import { useId, useMemo, useRef, useState } from 'preact/hooks';
import { type Lists, placeLong, placeName } from '../data';
import { t, tn } from '../i18n';
import type { Place } from '../types';
import { Field } from '../ui';

const SHOWN_MAX = 12;

const fold = (text: string) =>
	text
		.toLowerCase()
		.normalize('NFD')
		.replace(/[\u0300-\u036f\u02bb\u02bc'’]/g, '');

/** Places whose name in any language begins so, then those with a word that does. */
export function placesFor(
	places: readonly Place[],
	typed: string,
	without: readonly string[],
): Place[] {
	const want = fold(typed.trim());
	if (want === '') return [];
	const rank = (p: Place): number => {
		const names = [p.id, ...Object.values(p.names)].map(fold);
		if (names.some(n => n.startsWith(want))) return p.id === p.country ? 0 : 1;
		return names.some(n => n.includes(` ${want}`) || n.includes(`-${want}`)) ? 2 : 9;
	};
	return places
		.filter(p => !without.includes(p.id))
		.map(place => ({ place, rank: rank(place) }))
		.filter(x => x.rank < 9)
		.sort((a, b) => a.rank - b.rank)
		.slice(0, SHOWN_MAX)
		.map(x => x.place);
}

// The combobox of the ARIA Authoring Practices, with a list below the field.
function Combo(p: {
	id: string;
	describedBy: string | undefined;
	lists: Lists;
	without: readonly string[];
	onChoose: (id: string) => void;
}) {
	const [typed, setTyped] = useState('');
	const [at, setAt] = useState(0);
	const [open, setOpen] = useState(false);
	const listId = useId();
	const found = useMemo(
		() => placesFor(p.lists.places, typed, p.without),
		[p.lists, typed, p.without.join()],
	);
	const shown = open && found.length > 0;
	function choose(place: Place | undefined): void {
		if (!place) return;
		p.onChoose(place.id);
		setTyped('');
		setOpen(false);
	}
	function onKey(e: KeyboardEvent): void {
		if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
			e.preventDefault();
			const step = e.key === 'ArrowDown' ? 1 : found.length - 1;
			if (!open) setOpen(true);
			else if (found.length) setAt((at + step) % found.length);
		} else if (e.key === 'Enter' && typed.trim() !== '') {
			e.preventDefault();
			choose(found[at]);
		} else if (e.key === 'Escape' && open) {
			e.preventDefault();
			setOpen(false);
		}
	}
	return (
		<div class="combo">
			<input
				id={p.id}
				type="text"
				role="combobox"
				aria-describedby={p.describedBy}
				aria-expanded={shown}
				aria-controls={listId}
				aria-autocomplete="list"
				aria-activedescendant={shown ? `${listId}-${at}` : undefined}
				autocomplete="off"
				value={typed}
				placeholder={t('place.type')}
				onInput={e => {
					setTyped(e.currentTarget.value);
					setAt(0);
					setOpen(true);
				}}
				onKeyDown={onKey}
				onBlur={() => setOpen(false)}
			/>
			<ul id={listId} role="listbox" aria-label={t('place.list')} hidden={!shown}>
				{found.map((place, i) => (
					<li
						key={place.id}
						id={`${listId}-${i}`}
						role="option"
						aria-selected={i === at}
						// before the field loses the focus
						onMouseDown={e => {
							e.preventDefault();
							choose(place);
						}}
					>
						{placeLong(p.lists, place.id)}
					</li>
				))}
			</ul>
			<span role="status" class="unseen">
				{open && typed.trim() !== '' && tn('place.found', found.length)}
			</span>
			{open && typed.trim() !== '' && found.length === 0 && (
				<div class="hint">{t('place.none')}</div>
			)}
		</div>
	);
}

function Chips(p: { ids: readonly string[]; lists: Lists; onRemove: (id: string) => void }) {
	if (p.ids.length === 0) return null;
	return (
		<ul class="chips">
			{p.ids.map(id => (
				<li key={id}>
					{placeLong(p.lists, id)}
					<button
						type="button"
						aria-label={t('place.remove', { name: placeName(p.lists, id) })}
						onClick={() => p.onRemove(id)}
					>
						<span aria-hidden="true">×</span>
					</button>
				</li>
			))}
		</ul>
	);
}

interface Shared {
	label: string;
	hint?: string;
	error?: string;
	lists: Lists;
}

/** One place, or none (""). */
export function PlaceField(p: Shared & { value: string; onInput: (id: string) => void }) {
	return (
		<Field {...p}>
			{wired => (
				<>
					<Chips ids={p.value ? [p.value] : []} lists={p.lists} onRemove={() => p.onInput('')} />
					<Combo
						id={wired.id}
						describedBy={wired['aria-describedby']}
						lists={p.lists}
						without={[p.value]}
						onChoose={p.onInput}
					/>
				</>
			)}
		</Field>
	);
}

/** Several places. */
export function PlacesField(
	p: Shared & { value: string[]; most: number; onInput: (ids: string[]) => void },
) {
	const box = useRef<HTMLDivElement>(null);
	return (
		<Field {...p}>
			{wired => (
				<div ref={box}>
					<Chips
						ids={p.value}
						lists={p.lists}
						onRemove={id => {
							p.onInput(p.value.filter(v => v !== id));
							box.current?.querySelector('input')?.focus();
						}}
					/>
					{p.value.length < p.most && (
						<Combo
							id={wired.id}
							describedBy={wired['aria-describedby']}
							lists={p.lists}
							without={p.value}
							onChoose={id => p.onInput([...p.value, id])}
						/>
					)}
				</div>
			)}
		</Field>
	);
}

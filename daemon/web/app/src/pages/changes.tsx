// changes.tsx - what differs between two states of a listing, field by field.
import {
	type Lists,
	placeLong,
	placeName,
	statusName,
	topicName,
	useLists,
	visibilityName,
} from '../data';
import { has, langName, t } from '../i18n';
import { type Listing, type Phone, changed } from '../lib/listing';
import type { Names } from '../types';

export function fieldName(field: string): string {
	const [first = '', lang] = field.split('.');
	const base = first.replace(/^(name|description)(s|_(en|ru))$/, '$1');
	const code = lang ?? /_(en|ru)$/.exec(first)?.[1];
	const name = has(`field.${base}`) ? t(`field.${base}`) : field;
	return code && (base === 'name' || base === 'description') ? `${name}: ${langName(code)}` : name;
}

/** A field's value in words. */
export function valueText(lists: Lists, field: string, value: unknown): string {
	if (value === null || value === undefined || value === '') return '';
	if (field === 'country' || field === 'serves') return placeName(lists, String(value));
	if (field === 'languages') return (value as string[]).map(langName).join(', ');
	if (field === 'topics') return (value as string[]).map(id => topicName(lists, id)).join(', ');
	if (field === 'places') return (value as string[]).map(id => placeLong(lists, id)).join('; ');
	if (field === 'visibility') return visibilityName(String(value));
	if (field === 'kind' && has(`kind.${String(value)}`)) return t(`kind.${String(value)}`);
	if (field === 'status') return statusName(String(value));
	if (field === 'phones')
		return (value as Phone[])
			.map(x => [x.number, x.description].filter(Boolean).join(' '))
			.join('\n');
	if (Array.isArray(value)) return value.map(String).join('; ');
	if (typeof value === 'object')
		return Object.entries(value as Names)
			.map(([code, text]) => `${langName(code)}: ${text}`)
			.join('\n');
	return String(value);
}

export interface Change {
	field: string;
	before: unknown;
	after: unknown;
}

export function changesOf(before: Listing, after: Listing): Change[] {
	return changed(before, after).map(field => ({
		field,
		before: before[field],
		after: after[field],
	}));
}

export function Changes(p: { changes: readonly Change[]; caption: string }) {
	const lists = useLists();
	if (p.changes.length === 0) return <p class="muted">{t('changes.none')}</p>;
	return (
		<div class="table">
			<table class="cards changes">
				<caption>{p.caption}</caption>
				<thead>
					<tr>
						<th scope="col">{t('changes.field')}</th>
						<th scope="col">{t('changes.before')}</th>
						<th scope="col">{t('changes.after')}</th>
					</tr>
				</thead>
				<tbody>
					{p.changes.map(c => (
						<tr key={c.field}>
							<th scope="row">{fieldName(c.field)}</th>
							<td data-label={t('changes.before')}>
								<del>{valueText(lists, c.field, c.before)}</del>
							</td>
							<td data-label={t('changes.after')}>
								<ins>{valueText(lists, c.field, c.after)}</ins>
							</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}

// listing_form.tsx - every field of a listing.
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { type Lists, countries, statusName, topicName } from '../data';
import { LANGS, has, named, t } from '../i18n';
import { KINDS, type Listing } from '../lib/listing';
import type { Names } from '../types';
import { Checks, SelectField, TextField } from '../ui';
import { HoursField } from './hours_field';
import { PhonesField } from './phones_field';
import { PlacesField } from './place_field';
import { VISIBILITIES } from './listings';

// as HSDS has them
const STATUSES = ['active', 'temporarily closed', 'inactive', 'defunct'];

interface FormProps {
	listing: Listing;
	lists: Lists;
	/** field: code of what is wrong */
	errors: Record<string, string>;
	readOnly: boolean;
	edit: (part: Partial<Listing>) => void;
}

export const SECTIONS = ['names', 'help', 'contact', 'hours', 'where', 'about', 'more', 'source'];

function wrong(errors: Record<string, string>, field: string): string {
	const code = errors[field];
	if (!code) return '';
	return has(`error.${code}`) ? t(`error.${code}`) : t('error.field', { code });
}

export function ListingForm(p: FormProps) {
	return (
		<fieldset class="listing-form" disabled={p.readOnly}>
			<legend class="unseen">{t('listing.fields')}</legend>
			<Section name="names">
				<NamesFields {...p} />
			</Section>
			<Section name="help">
				<HelpFields {...p} />
			</Section>
			<Section name="contact">
				<ContactFields {...p} />
			</Section>
			<Section name="hours">
				<HoursField
					value={p.listing.hours}
					error={wrong(p.errors, 'hours')}
					onInput={hours => p.edit({ hours })}
				/>
			</Section>
			<Section name="where">
				<WhereFields {...p} />
			</Section>
			<Section name="about">
				<AboutFields {...p} />
			</Section>
			<Section name="more">
				<MoreFields {...p} />
			</Section>
			<Section name="source">
				<SourceFields {...p} />
			</Section>
		</fieldset>
	);
}

function Section(p: { name: string; children: ComponentChildren }) {
	const id = useId();
	return (
		<section class="sheet" id={`part-${p.name}`} aria-labelledby={id}>
			<h2 id={id} tabIndex={-1}>
				{t(`part.${p.name}`)}
			</h2>
			{p.children}
		</section>
	);
}

/** The languages that have a text of their own beside English and Russian. */
const OTHERS = LANGS.filter(l => l.code !== 'en' && l.code !== 'ru');

// The source text stays beside its translations.
function Sides(p: { source: ComponentChildren; children: ComponentChildren }) {
	return (
		<div class="sides">
			<div class="side-source">{p.source}</div>
			<div>{p.children}</div>
		</div>
	);
}

function Translation(p: {
	label: string;
	code: string;
	tag: string;
	value: string;
	rows?: number;
	error: string;
	onInput: (value: string) => void;
}) {
	return (
		<TextField
			label={p.label}
			lang={p.tag}
			value={p.value}
			error={p.error}
			{...(p.rows && { rows: p.rows })}
			onInput={p.onInput}
		/>
	);
}

function setName(names: Names, code: string, value: string): Names {
	const next = { ...names };
	if (value === '') delete next[code];
	else next[code] = value;
	return next;
}

function NamesFields({ listing, errors, edit }: FormProps) {
	return (
		<Sides
			source={
				<TextField
					label={`${t('field.name')}: English`}
					lang="en"
					required
					rows={2}
					value={listing.name_en}
					error={wrong(errors, 'name_en')}
					onInput={v => edit({ name_en: v.replace(/\s*\n\s*/g, ' ') })}
				/>
			}
		>
			<Translation
				label={`${t('field.name')}: Русский`}
				code="ru"
				tag="ru"
				value={listing.name_ru}
				error={wrong(errors, 'name_ru')}
				onInput={name_ru => edit({ name_ru })}
			/>
			{OTHERS.map(l => (
				<Translation
					key={l.code}
					label={`${t('field.name')}: ${l.name}`}
					code={l.code}
					tag={l.tag}
					value={listing.names[l.code] ?? ''}
					error={wrong(errors, `names.${l.code}`)}
					onInput={v => edit({ names: setName(listing.names, l.code, v) })}
				/>
			))}
		</Sides>
	);
}

function HelpFields({ listing, lists, errors, edit }: FormProps) {
	const main = listing.topics[0];
	return (
		<>
			<Checks
				legend={`${t('field.topics')} *`}
				hint={t('listing.topics-hint')}
				choices={lists.topics.map(x => ({ value: x.id, label: topicName(lists, x.id) }))}
				chosen={listing.topics}
				error={wrong(errors, 'topics')}
				onInput={topics => edit({ topics })}
			/>
			{listing.topics.length > 1 && (
				<SelectField
					label={t('listing.main-topic')}
					hint={t('listing.main-topic-hint')}
					value={main ?? ''}
					choices={listing.topics.map(id => ({ value: id, label: topicName(lists, id) }))}
					onInput={id => edit({ topics: [id, ...listing.topics.filter(x => x !== id)] })}
				/>
			)}
			<div class="two">
				<SelectField
					label={t('field.kind')}
					required
					value={listing.kind}
					error={wrong(errors, 'kind')}
					choices={KINDS.map(value => ({ value, label: t(`kind.${value}`) }))}
					onInput={kind => edit({ kind })}
				/>
				<SelectField
					label={t('field.status')}
					value={listing.status || 'active'}
					choices={STATUSES.map(value => ({ value, label: statusName(value) }))}
					onInput={status => edit({ status })}
				/>
			</div>
			<SelectField
				label={t('field.visibility')}
				hint={t('listing.visibility-hint')}
				value={listing.visibility}
				error={wrong(errors, 'visibility')}
				choices={VISIBILITIES.map(value => ({ value, label: t(`visibility.${value}`) }))}
				onInput={visibility => edit({ visibility })}
			/>
		</>
	);
}

function ContactFields({ listing, lists, errors, edit }: FormProps) {
	return (
		<>
			<PhonesField
				value={listing.phones}
				country={listing.country}
				errors={errors}
				onInput={phones => edit({ phones })}
			/>
			<div class="two">
				<TextField
					label={t('field.short_codes')}
					hint={t('listing.short-hint')}
					inputmode="numeric"
					maxLength={6}
					value={listing.short_codes[0] ?? ''}
					error={wrong(errors, 'short_codes')}
					onInput={v => edit({ short_codes: v.trim() === '' ? [] : [v.trim()] })}
				/>
				<ReachField listing={listing} lists={lists} errors={errors} edit={edit} readOnly={false} />
				<TextField
					label={t('field.email')}
					type="email"
					inputmode="email"
					value={listing.email}
					error={wrong(errors, 'email')}
					onInput={email => edit({ email })}
				/>
				<TextField
					label={t('field.website')}
					type="url"
					inputmode="url"
					value={listing.website}
					error={wrong(errors, 'website')}
					onInput={website => edit({ website })}
				/>
			</div>
			<TextField
				label={t('field.address')}
				rows={2}
				value={listing.address}
				error={wrong(errors, 'address')}
				onInput={address => edit({ address })}
			/>
		</>
	);
}

function listOf(text: string): string[] {
	const members = text.split(/[;,]\s*/).map(s => s.trim());
	// while a separator is being typed it must not vanish
	return members.filter((m, i) => m !== '' || i === members.length - 1).slice(0, 8);
}

function ReachField({ listing, errors, edit }: FormProps) {
	return (
		<TextField
			label={t('field.reachable_from')}
			hint={t('listing.reach-hint')}
			value={listing.reachable_from.join('; ')}
			error={wrong(errors, 'reachable_from')}
			onInput={v => edit({ reachable_from: listOf(v) })}
		/>
	);
}

function WhereFields({ listing, lists, errors, edit }: FormProps) {
	const none = { value: '', label: t('listing.no-country') };
	const choices = [none, ...countries(lists).map(c => ({ value: c.id, label: named(c.names) }))];
	return (
		<>
			<SelectField
				label={t('field.country')}
				value={listing.country}
				error={wrong(errors, 'country')}
				choices={choices}
				onInput={country => edit({ country })}
			/>
			<PlacesField
				label={t('field.places')}
				hint={t('listing.places-hint')}
				lists={lists}
				most={16}
				value={listing.places}
				error={wrong(errors, 'places')}
				onInput={places => edit({ places })}
			/>
			<SelectField
				label={t('field.serves')}
				hint={t('listing.serves-hint')}
				value={listing.serves}
				error={wrong(errors, 'serves')}
				choices={[{ value: '', label: t('listing.everybody') }, ...choices.slice(1)]}
				onInput={serves => edit({ serves })}
			/>
			<Checks
				legend={t('field.languages')}
				choices={spoken(listing.languages)}
				chosen={listing.languages}
				error={wrong(errors, 'languages')}
				onInput={languages => edit({ languages })}
			/>
		</>
	);
}

/** Ours, and what else the listing names. */
function spoken(chosen: readonly string[]) {
	const ours = LANGS.filter(l => l.code !== 'uz@cyrillic').map(l => ({
		value: l.code as string,
		label: l.name,
	}));
	const more = chosen.filter(c => !ours.some(o => o.value === c));
	return [...ours, ...more.map(value => ({ value, label: value }))];
}

function AboutFields({ listing, errors, edit }: FormProps) {
	const langs = LANGS.filter(l => l.code !== 'en');
	return (
		<Sides
			source={
				<TextField
					label={`${t('field.description')}: English`}
					hint={t('listing.description-hint')}
					lang="en"
					rows={4}
					value={listing.description_en}
					error={wrong(errors, 'description_en')}
					onInput={description_en => edit({ description_en })}
				/>
			}
		>
			{langs.map(l => (
				<Translation
					key={l.code}
					label={`${t('field.description')}: ${l.name}`}
					code={l.code}
					tag={l.tag}
					rows={2}
					value={listing.descriptions[l.code] ?? ''}
					error={wrong(errors, `descriptions.${l.code}`)}
					onInput={v => edit({ descriptions: setName(listing.descriptions, l.code, v) })}
				/>
			))}
		</Sides>
	);
}

const MORE = [
	'eligibility_description',
	'application_process',
	'fees_description',
	'interpretation_services',
	'accessibility',
] as const;

function MoreFields({ listing, errors, edit }: FormProps) {
	return (
		<>
			{MORE.map(field => (
				<TextField
					key={field}
					label={t(`field.${field}`)}
					rows={2}
					value={listing[field]}
					error={wrong(errors, field)}
					onInput={v => edit({ [field]: v })}
				/>
			))}
			<TextField
				label={t('field.required_documents')}
				hint={t('listing.documents-hint')}
				rows={3}
				value={listing.required_documents.join('\n')}
				error={wrong(errors, 'required_documents')}
				onInput={v => edit({ required_documents: v === '' ? [] : v.split('\n') })}
			/>
		</>
	);
}

function SourceFields({ listing, errors, edit }: FormProps) {
	return (
		<>
			<TextField
				label={t('field.source')}
				rows={2}
				value={listing.source}
				error={wrong(errors, 'source')}
				onInput={source => edit({ source })}
			/>
			<div class="two">
				<TextField
					label={t('field.source_year')}
					inputmode="numeric"
					maxLength={4}
					value={listing.source_year}
					error={wrong(errors, 'source_year')}
					onInput={source_year => edit({ source_year })}
				/>
				<TextField
					label={t('field.seen')}
					value={listing.seen}
					error={wrong(errors, 'seen')}
					onInput={seen => edit({ seen })}
				/>
			</div>
			<TextField
				label={t('field.notes')}
				hint={t('listing.notes-hint')}
				rows={3}
				value={listing.notes}
				error={wrong(errors, 'notes')}
				onInput={notes => edit({ notes })}
			/>
		</>
	);
}

// listing_preview.tsx - what callers get of a listing: the text with its parts, and
// what is said, in each language.
import { ApiError, ask } from '../api';
import { has, langName, langTag, t, tn } from '../i18n';
import { type Listing, lacks } from '../lib/listing';
import { Failure, Notice, Tag, Waiting, useLoad, useRested } from '../ui';
import { fieldName } from './changes';

interface Preview {
	langs: Record<string, Said>;
	/** field: code of what is allowed, but should be looked at */
	warnings?: Record<string, string>;
}

interface Said {
	sms: string;
	parts: number;
	encoding: string;
	units?: number;
	spoken: string;
	/** why callers do not get it */
	why?: string;
}

/** More than so many parts is dear, and a listing should fit into fewer. */
const PARTS_MANY = 3;

export function ListingPreview(p: { listing: Listing; open: string }) {
	const rested = useRested(p.listing, 700);
	const lacking = Object.keys(lacks(rested)).length > 0;
	const load = useLoad<Preview>(
		async signal =>
			lacking ? { langs: {} } : ask<Preview>('/api/preview', { listing: rested }, signal),
		[rested],
	);
	const incomplete = lacking || (load.error instanceof ApiError && load.error.status === 422);
	const langs = incomplete ? [] : Object.entries(load.data?.langs ?? {});
	const why = langs.every(([, said]) => said.why) ? langs[0]?.[1].why : undefined;
	return (
		<section class="sheet preview" aria-labelledby="preview-head">
			<h2 id="preview-head">{t('preview.title')}</h2>
			{incomplete && <p class="hint">{t(lacking ? 'preview.incomplete' : 'error.http_422')}</p>}
			{!incomplete && <Failure error={load.error} again={load.again} />}
			{!load.data && !load.error && <Waiting />}
			{why ? (
				<p class="hint">{whyText(why)}</p>
			) : (
				langs.map(([code, said]) => (
					<OneLanguage key={code} code={code} said={said} open={code === p.open} />
				))
			)}
			{!incomplete && <Warnings warnings={load.data?.warnings ?? {}} />}
		</section>
	);
}

function whyText(why: string): string {
	return why === 'not_for_callers' ? t('preview.not-given') : t(`preview.${why}`);
}

function OneLanguage(p: { code: string; said: Said; open: boolean }) {
	const { code, said } = p;
	return (
		<details open={p.open}>
			<summary>
				{langName(code)}{' '}
				{said.why ? (
					<Tag kind="warn">0</Tag>
				) : (
					<Tag kind={said.parts > PARTS_MANY ? 'warn' : 'plain'}>
						{tn('preview.parts', said.parts)}
					</Tag>
				)}
			</summary>
			{said.why ? (
				<p class="hint">{whyText(said.why)}</p>
			) : (
				<>
					<div class="bubble" lang={langTag(code)}>
						{said.sms}
					</div>
					<p class="muted small">
						{said.encoding} · {tn('preview.characters', said.units ?? [...said.sms].length)}
					</p>
					{said.spoken && (
						<>
							<h3>{t('preview.spoken')}</h3>
							<p lang={langTag(code)}>{said.spoken}</p>
						</>
					)}
				</>
			)}
		</details>
	);
}

function Warnings(p: { warnings: Record<string, string> }) {
	const all = Object.entries(p.warnings);
	if (all.length === 0) return null;
	return (
		<Notice kind="warn">
			<p>
				<strong>{t('warning.title')}</strong>
			</p>
			<ul class="bare">
				{all.map(([field, code]) => (
					<li key={field}>
						{fieldName(field)}: {has(`warning.${code}`) ? t(`warning.${code}`) : code}
					</li>
				))}
			</ul>
		</Notice>
	);
}

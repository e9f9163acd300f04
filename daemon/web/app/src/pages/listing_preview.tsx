// listing_preview.tsx - what callers get of a listing: the text with its parts, and
// what is said, in each language.
import { ask } from '../api';
import { langName, langTag, t, tn } from '../i18n';
import type { Listing } from '../lib/listing';
import { Failure, Tag, Waiting, useLoad, useRested } from '../ui';

interface Preview {
	langs: Record<
		string,
		{ sms: string; parts: number; encoding: string; spoken: string; why?: string }
	>;
}

/** More than so many parts is dear, and a listing should fit into fewer. */
const PARTS_MANY = 3;

export function ListingPreview(p: { listing: Listing; open: string }) {
	const rested = useRested(p.listing, 700);
	const load = useLoad(
		signal => ask<Preview>('/api/preview', { listing: rested }, signal),
		[rested],
	);
	const langs = Object.entries(load.data?.langs ?? {});
	return (
		<section class="sheet preview" aria-labelledby="preview-head">
			<h2 id="preview-head">{t('preview.title')}</h2>
			{p.listing.visibility !== 'callers-after-check' && (
				<p class="hint">{t('preview.not-given')}</p>
			)}
			<Failure error={load.error} again={load.again} />
			{!load.data && !load.error && <Waiting />}
			{langs.map(([code, said]) => (
				<details key={code} open={code === p.open}>
					<summary>
						{langName(code)}{' '}
						<Tag kind={said.parts > PARTS_MANY ? 'warn' : 'plain'}>
							{tn('preview.parts', said.parts)}
						</Tag>
					</summary>
					<div class="bubble" lang={langTag(code)}>
						{said.sms}
					</div>
					<p class="muted small">
						{said.encoding} · {tn('preview.characters', [...said.sms].length)}
					</p>
					<h3>{t('preview.spoken')}</h3>
					<p lang={langTag(code)}>{said.spoken}</p>
				</details>
			))}
		</section>
	);
}

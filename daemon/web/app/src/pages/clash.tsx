// clash.tsx - two people changed the same listing: choose, field by field.
import { useState } from 'preact/hooks';
import { useLists } from '../data';
import { moment, t } from '../i18n';
import type { Listing } from '../lib/listing';
import { Button, Notice } from '../ui';
import { fieldName, valueText } from './changes';
import type { Clash } from './use_draft';

export function ClashView(p: { clash: Clash; onJoin: (chosen: Listing) => void }) {
	const { clash } = p;
	const lists = useLists();
	const [theirs, setTheirs] = useState<(keyof Listing)[]>([]);
	function join(): void {
		p.onJoin({
			...clash.merged,
			...Object.fromEntries(theirs.map(f => [f, clash.theirs[f]])),
		});
	}
	return (
		<section>
			<h1>{t('clash.title')}</h1>
			<Notice kind="warn">
				<p>
					{clash.who
						? t('clash.text', { who: clash.who, when: clash.at_ms ? moment(clash.at_ms) : '' })
						: t('clash.text-published')}
				</p>
				<p>{clash.fields.length ? t('clash.choose') : t('clash.no-choice')}</p>
			</Notice>
			{clash.fields.map(field => (
				<fieldset key={field} class="sheet">
					<legend>{fieldName(field)}</legend>
					<div class="two">
						{(['ours', 'theirs'] as const).map(side => (
							<label key={side} class="check side">
								<input
									type="radio"
									name={`clash-${field}`}
									checked={(side === 'theirs') === theirs.includes(field)}
									onInput={() =>
										setTheirs(
											side === 'theirs' ? [...theirs, field] : theirs.filter(f => f !== field),
										)
									}
								/>
								<span>
									<strong>{t(`clash.${side}`)}</strong>
									<span class="value">
										{valueText(lists, field, clash[side][field]) || t('changes.empty')}
									</span>
								</span>
							</label>
						))}
					</div>
				</fieldset>
			))}
			<div class="actions">
				<Button kind="main" onClick={join}>
					{t('clash.join')}
				</Button>
				<Button onClick={() => p.onJoin(clash.theirs)}>{t('clash.take-theirs')}</Button>
			</div>
		</section>
	);
}

// history.tsx - who changed a listing, when and what; compare and take back.
import { useState } from 'preact/hooks';
import { ask, get, post } from '../api';
import { has, listingName, moment, num, t } from '../i18n';
import { listingOf } from '../lib/listing';
import { mayEdit } from '../lib/rights';
import { type PageProps, go, href } from '../router';
import { announce, useMe } from '../state';
import { Button, Confirm, Empty, Failure, Loaded, SelectField, useAction, useLoad } from '../ui';
import { type Change, Changes } from './changes';
import type { ServerListing } from './use_draft';

interface Step {
	version: number;
	at_ms: number;
	who: string;
	action: string;
	changes: Change[];
}

// a check changes nothing; the row says how it was done
const isCheck = (step: Step) => CHECKS.includes(step.action);
const CHECKS = ['phone', 'visit', 'web'];

function actionText(action: string): string {
	if (CHECKS.includes(action)) return t('history.checked', { how: t(`verify.${action}`) });
	return has(`action.${action}`) ? t(`action.${action}`) : action;
}

/** What is different between any two versions. */
function Compare(p: { id: string; versions: number[] }) {
	const [from, setFrom] = useState(p.versions[p.versions.length - 1] ?? 1);
	const [to, setTo] = useState(p.versions[0] ?? 1);
	const [changes, setChanges] = useState<Change[] | null>(null);
	const act = useAction(async () => {
		const path = `/api/listings/${encodeURIComponent(p.id)}/compare`;
		setChanges((await ask<{ changes: Change[] }>(path, { from, to })).changes);
	});
	const choices = p.versions.map(n => ({
		value: String(n),
		label: t('history.version', { n }),
	}));
	return (
		<section class="sheet">
			<h2>{t('history.compare')}</h2>
			<div class="two">
				<SelectField
					label={t('changes.before')}
					value={String(from)}
					choices={choices}
					onInput={v => setFrom(Number(v))}
				/>
				<SelectField
					label={t('changes.after')}
					value={String(to)}
					choices={choices}
					onInput={v => setTo(Number(v))}
				/>
			</div>
			<Button busy={act.busy} onClick={act.run}>
				{t('history.compare')}
			</Button>
			<Failure error={act.error} />
			<div role="status">
				{changes && <Changes changes={changes} caption={t('history.changes')} />}
			</div>
		</section>
	);
}

export default function HistoryPage(p: PageProps) {
	const id = p.params['id'] ?? '';
	const me = useMe();
	const [asked, setAsked] = useState(0);
	const path = `/api/listings/${encodeURIComponent(id)}`;
	const load = useLoad(signal => get<Step[]>(`${path}/history`, signal), [id]);
	const now = useLoad(signal => get<ServerListing>(path, signal), [id]);
	const name = now.data && listingName(listingOf(now.data.listing ?? now.data.draft?.listing));
	return (
		<>
			<p class="crumbs">
				<a href={href('listings', id)}>← {name || id}</a>
			</p>
			<h1>{t('history.title')}</h1>
			<Loaded load={load}>
				{steps => {
					const now = steps[0]?.version;
					const versions = [...new Set(steps.map(s => s.version))];
					return steps.length === 0 ? (
						<Empty>{t('history.none')}</Empty>
					) : (
						<>
							{versions.length > 2 && <Compare id={id} versions={versions} />}
							<ol class="history">
								{steps.map((step, i) => (
									<li key={`${step.version} ${step.at_ms}`} class="sheet">
										<div class="head">
											<h2>{t('history.version', { n: step.version })}</h2>
											{i > 0 && step.version !== now && !isCheck(step) && mayEdit(me) && (
												<Button
													label={`${t('history.restore')}: ${step.version}`}
													onClick={() => setAsked(step.version)}
												>
													{t('history.restore')}
												</Button>
											)}
										</div>
										<p class="muted">
											{moment(step.at_ms)} · {step.who || t('history.nobody')} ·{' '}
											{actionText(step.action)}
										</p>
										{!isCheck(step) && (
											<Changes changes={step.changes} caption={t('history.changes')} />
										)}
									</li>
								))}
							</ol>
						</>
					);
				}}
			</Loaded>
			{asked > 0 && (
				<Confirm
					title={t('history.restore-n', { n: num(asked) })}
					text={t('history.restore-text')}
					yes={t('history.restore')}
					onYes={async () => {
						await post(`/api/listings/${encodeURIComponent(id)}/restore`, { version: asked });
						announce(t('history.restored'));
						go(href('listings', id));
					}}
					onClose={() => setAsked(0)}
				/>
			)}
		</>
	);
}

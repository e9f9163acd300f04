// audit.tsx - who did what, as the server's chain of rows has it.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../api';
import { has, moment, t } from '../i18n';
import { Button, Empty, Failure, Notice, Tag, Waiting, useAction } from '../ui';

interface Row {
	id: number;
	at_ms: number;
	who: string;
	action: string;
	whole: boolean;
}

/** "draft written osh-desk": what was done, in the language shown, and with what. */
function actionText(action: string): { done: string; what: string } {
	const words = action.split(' ');
	for (let n = words.length; n > 0; n--) {
		const id = `did.${words.slice(0, n).join('-').replace(/_/g, '-').replace(':', '')}`;
		const what = words.slice(n).join(' ');
		if (has(id)) return { done: t(id), what: what === 'next' ? '' : what };
	}
	return { done: '', what: action };
}

/** What was done: of one that failed, what it would have been. */
function Action(p: { action: string }) {
	const { done, what } = actionText(p.action);
	if (p.action.startsWith('not done:'))
		return (
			<>
				{done}: <Action action={what} />
			</>
		);
	return (
		<>
			{done} {what && <code>{what}</code>}
		</>
	);
}

export default function AuditPage() {
	const [rows, setRows] = useState<Row[]>([]);
	const [end, setEnd] = useState(false);
	const act = useAction(async () => {
		const last = rows[rows.length - 1];
		const got = await get<{ rows: Row[] }>(`/api/audit${last ? `?before=${last.id}` : ''}`);
		setRows([...rows, ...got.rows]);
		setEnd(got.rows.length === 0 || got.rows[got.rows.length - 1]?.id === 1);
	});
	useEffect(() => act.run(), []);
	const broken = rows.filter(r => !r.whole);
	return (
		<>
			<h1>{t('audit.title')}</h1>
			<p class="muted">{t('audit.text')}</p>
			{broken.length > 0 && <Notice kind="bad">{t('audit.broken')}</Notice>}
			{rows.length > 0 && (
				<div class="table">
					<table class="cards">
						<thead>
							<tr>
								<th scope="col">{t('approvals.when')}</th>
								<th scope="col">{t('approvals.who')}</th>
								<th scope="col">{t('audit.action')}</th>
								<th scope="col">{t('audit.whole')}</th>
							</tr>
						</thead>
						<tbody>
							{rows.map(r => (
								<tr key={r.id}>
									<td data-label={t('approvals.when')}>{moment(r.at_ms)}</td>
									<td data-label={t('approvals.who')}>{r.who}</td>
									<td data-label={t('audit.action')}>
										<Action action={r.action} />
									</td>
									<td data-label={t('audit.whole')}>
										<Tag kind={r.whole ? 'good' : 'bad'}>
											{t(r.whole ? 'audit.yes' : 'audit.no')}
										</Tag>
									</td>
								</tr>
							))}
						</tbody>
					</table>
				</div>
			)}
			<Failure error={act.error} again={act.run} />
			{rows.length === 0 && (end ? <Empty>{t('audit.none')}</Empty> : act.busy && <Waiting />)}
			{rows.length > 0 && !end && (
				<Button busy={act.busy} onClick={act.run}>
					{t('audit.older')}
				</Button>
			)}
		</>
	);
}

// words.tsx - words that reviewers teach, until somebody approves them.
import { get, post } from '../api';
import { day, langName, langTag, t } from '../i18n';
import { type Vocabulary, topicName, vocabulary } from '../lib/names';
import { announce, useMe } from '../state';
import { Button, Empty, Failure, Loaded, Tag, useAction, useLoad } from '../ui';

interface Word {
	id: string | number;
	word: string;
	topic: string;
	lang: string;
	who: string;
	at_ms: number;
	state: string;
}

function rowsOf(all: Word[] | { rows: Word[] }): Word[] {
	return Array.isArray(all) ? all : all.rows;
}

function Decide(p: { word: Word; onDone: () => void }) {
	const act = useAction(async (what: 'approve' | 'reject') => {
		await post(`/api/words/${encodeURIComponent(String(p.word.id))}/${what}`);
		announce(t(`words.said.${what}`));
		p.onDone();
	});
	const of = (what: string) => `${what}: ${p.word.word}`;
	return (
		<>
			<Failure error={act.error} />
			<div class="actions">
				<Button
					kind="main"
					busy={act.busy}
					label={of(t('words.approve'))}
					onClick={() => act.run('approve')}
				>
					{t('words.approve')}
				</Button>
				<Button busy={act.busy} label={of(t('words.reject'))} onClick={() => act.run('reject')}>
					{t('words.reject')}
				</Button>
			</div>
		</>
	);
}

function Table(p: { rows: Word[]; words: Vocabulary; again: () => void }) {
	const me = useMe();
	const decides = me.user.roles.includes('approver') || me.user.roles.includes('admin');
	return (
		<div class="table">
			<table class="cards">
				<thead>
					<tr>
						<th scope="col">{t('unmatched.word')}</th>
						<th scope="col">{t('unmatched.topic')}</th>
						<th scope="col">{t('unmatched.lang')}</th>
						<th scope="col">{t('words.who')}</th>
						<th scope="col">{t('words.state')}</th>
					</tr>
				</thead>
				<tbody>
					{p.rows.map(row => (
						<tr key={row.id}>
							<th scope="row" lang={langTag(row.lang)}>
								{row.word}
							</th>
							<td data-label={t('unmatched.topic')}>{topicName(p.words, row.topic)}</td>
							<td data-label={t('unmatched.lang')}>{langName(row.lang)}</td>
							<td data-label={t('words.who')}>
								{row.who}, {day(row.at_ms)}
							</td>
							<td>
								{row.state === 'draft' && decides ? (
									<Decide word={row} onDone={p.again} />
								) : (
									<Tag kind={row.state === 'approved' ? 'good' : 'plain'}>
										{t(`words.state.${row.state}`)}
									</Tag>
								)}
							</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}

export default function Words() {
	const words = useLoad(() => vocabulary(), []);
	const load = useLoad(
		async signal => rowsOf(await get<Word[] | { rows: Word[] }>('/api/words', signal)),
		[],
	);
	return (
		<>
			<h1>{t('words.title')}</h1>
			<p>{t('words.about')}</p>
			<Loaded load={words}>
				{vocab => (
					<Loaded load={load}>
						{rows =>
							rows.length === 0 ? (
								<Empty>{t('words.empty')}</Empty>
							) : (
								<Table rows={rows} words={vocab} again={load.again} />
							)
						}
					</Loaded>
				)}
			</Loaded>
		</>
	);
}

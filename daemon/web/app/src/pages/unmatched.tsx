// unmatched.tsx - texts that found no answer, for reviewers who have the key.
//
// The key and the texts are in this page alone: nothing of them is stored or sent,
// and they are wiped when somebody leaves.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, get, post } from '../api';
import { LANGS, day, langName, langTag, t, tn } from '../i18n';
import { type Vocabulary, countryName, topicName, vocabulary } from '../lib/names';
import type { Reviewer } from '../lib/sealed';
import { announce, useMe } from '../state';
import {
	Button,
	Dialog,
	Empty,
	Failure,
	FileField,
	Form,
	Loaded,
	Notice,
	SelectField,
	TextField,
	fieldError,
	useAction,
	useLoad,
} from '../ui';

interface Sealed {
	id: string | number;
	day: string;
	country: string;
	lang: string;
	sealed: string;
}

interface Text extends Omit<Sealed, 'sealed'> {
	text: string;
}

interface Opened {
	texts: Text[];
	/** sealed to another key */
	closed: number;
}

function Unlock(p: { onOpened: (opened: Opened, reviewer: Reviewer) => void }) {
	const [file, setFile] = useState<File | null>(null);
	const [passphrase, setPassphrase] = useState('');
	const act = useAction(async () => {
		if (!file) return;
		const { KeyError, unlock } = await import('../lib/sealed');
		let reviewer: Reviewer;
		try {
			reviewer = await unlock(await file.text(), passphrase);
		} catch (e) {
			setPassphrase('');
			if (e instanceof KeyError) {
				setWrong(e.message);
				return;
			}
			throw e;
		}
		setPassphrase('');
		try {
			p.onOpened(
				openAll(rowsOf(await get<Sealed[] | { rows: Sealed[] }>('/api/unmatched')), reviewer),
				reviewer,
			);
		} catch (e) {
			reviewer.wipe();
			throw e;
		}
	});
	const [wrong, setWrong] = useState('');
	return (
		<Form
			class="sheet"
			onSubmit={() => {
				setWrong('');
				act.run();
			}}
		>
			<h2>{t('unmatched.unlock')}</h2>
			<p>{t('unmatched.unlock-text')}</p>
			<FileField
				label={t('unmatched.file')}
				hint={t('unmatched.file-hint')}
				required
				onFile={setFile}
			/>
			<TextField
				label={t('unmatched.passphrase')}
				type="password"
				value={passphrase}
				autocomplete="off"
				onInput={setPassphrase}
			/>
			{wrong && <Notice kind="bad">{t(`unmatched.${wrong}`)}</Notice>}
			<Failure error={act.error} />
			<Button kind="main" type="submit" busy={act.busy} disabled={!file}>
				{t(act.busy ? 'unmatched.opening' : 'unmatched.open')}
			</Button>
		</Form>
	);
}

function rowsOf(all: Sealed[] | { rows: Sealed[] }): Sealed[] {
	return Array.isArray(all) ? all : all.rows;
}

function openAll(rows: Sealed[], reviewer: Reviewer): Opened {
	const texts: Text[] = [];
	let closed = 0;
	for (const { sealed, ...row } of rows) {
		const text = reviewer.open(sealed);
		if (text === null) closed++;
		else texts.push({ ...row, text });
	}
	return { texts, closed };
}

function Teach(p: { text: Text; words: Vocabulary; onClose: () => void }) {
	const known = LANGS.some(l => l.code === p.text.lang) ? p.text.lang : 'ru';
	const [word, setWord] = useState('');
	const [topic, setTopic] = useState('');
	const [language, setLanguage] = useState(known);
	const act = useAction(async () => {
		await post('/api/words', { word: word.trim(), topic, lang: language });
		announce(t('unmatched.taught'));
		p.onClose();
	});
	return (
		<Dialog title={t('unmatched.teach')} onClose={p.onClose}>
			<blockquote lang={langTag(p.text.lang)}>{p.text.text}</blockquote>
			<Form onSubmit={act.run}>
				<TextField
					label={t('unmatched.word')}
					hint={t('unmatched.word-hint')}
					value={word}
					lang={langTag(language)}
					maxLength={60}
					required
					error={fieldError(act.error, 'word')}
					onInput={setWord}
				/>
				<SelectField
					label={t('unmatched.topic')}
					value={topic}
					required
					error={fieldError(act.error, 'topic')}
					onInput={setTopic}
					choices={[
						{ value: '', label: '–' },
						...p.words.topics.map(one => ({ value: one.id, label: topicName(p.words, one.id) })),
					]}
				/>
				<SelectField
					label={t('unmatched.lang')}
					value={language}
					onInput={setLanguage}
					choices={LANGS.map(l => ({ value: l.code, label: l.name }))}
				/>
				{!(act.error instanceof ApiError && act.error.status === 422) && (
					<Failure error={act.error} />
				)}
				<div class="actions">
					<Button
						kind="main"
						type="submit"
						busy={act.busy}
						disabled={word.trim() === '' || topic === ''}
					>
						{t('unmatched.teach-do')}
					</Button>
					<Button onClick={p.onClose}>{t('do.cancel')}</Button>
				</div>
			</Form>
		</Dialog>
	);
}

function Texts(p: { opened: Opened; words: Vocabulary; onLock: () => void }) {
	const [taught, setTaught] = useState<Text | null>(null);
	const { texts, closed } = p.opened;
	return (
		<>
			<div class="actions">
				<Button onClick={p.onLock}>{t('unmatched.lock')}</Button>
			</div>
			<p role="status">{tn('unmatched.count', texts.length)}</p>
			{closed > 0 && <Notice kind="warn">{tn('unmatched.closed', closed)}</Notice>}
			{texts.length === 0 ? (
				<Empty>{t('unmatched.empty')}</Empty>
			) : (
				<div class="table">
					<table class="cards">
						<thead>
							<tr>
								<th scope="col">{t('unmatched.text')}</th>
								<th scope="col">{t('unmatched.day')}</th>
								<th scope="col">{t('unmatched.country')}</th>
								<th scope="col">{t('unmatched.lang')}</th>
								<th scope="col">
									<span class="unseen">{t('unmatched.teach')}</span>
								</th>
							</tr>
						</thead>
						<tbody>
							{texts.map(text => (
								<tr key={text.id}>
									<td lang={langTag(text.lang)} class="said">
										{text.text}
									</td>
									<td data-label={t('unmatched.day')}>{day(text.day)}</td>
									<td data-label={t('unmatched.country')}>{countryName(p.words, text.country)}</td>
									<td data-label={t('unmatched.lang')}>{langName(text.lang)}</td>
									<td>
										<Button onClick={() => setTaught(text)}>{t('unmatched.teach')}</Button>
									</td>
								</tr>
							))}
						</tbody>
					</table>
				</div>
			)}
			{taught && <Teach text={taught} words={p.words} onClose={() => setTaught(null)} />}
		</>
	);
}

export default function Unmatched() {
	const me = useMe();
	const words = useLoad(() => vocabulary(), []);
	const [opened, setOpened] = useState<Opened | null>(null);
	const key = useRef<Reviewer | null>(null);
	function lock(): void {
		key.current?.wipe();
		key.current = null;
		setOpened(null);
	}
	useEffect(() => {
		addEventListener('pagehide', lock);
		return () => {
			removeEventListener('pagehide', lock);
			key.current?.wipe();
		};
	}, []);
	return (
		<>
			<h1>{t('unmatched.title')}</h1>
			<p>{t('unmatched.about')}</p>
			{!me.settings.reviewers_key && <Notice kind="warn">{t('unmatched.no-pair')}</Notice>}
			<Loaded load={words}>
				{vocab =>
					opened ? (
						<Texts opened={opened} words={vocab} onLock={lock} />
					) : (
						<Unlock
							onOpened={(all, reviewer) => {
								key.current = reviewer;
								setOpened(all);
							}}
						/>
					)
				}
			</Loaded>
		</>
	);
}

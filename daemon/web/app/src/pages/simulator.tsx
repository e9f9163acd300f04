// simulator.tsx - a phone to try an edition with: texts and calls; nothing is kept.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask } from '../api';
import { useLists } from '../data';
import { LANGS, langTag, t, tn } from '../i18n';
import { countryName } from '../lib/names';
import { type Prompt, Player } from '../lib/player';
import { announce } from '../state';
import { Button, Failure, Form, Notice, SelectField, TextField, useAction } from '../ui';

type Channel = 'sms' | 'voice';

interface Reply {
	text: string;
	encoding: string;
	units: number;
	parts: number;
}

interface Turned {
	state: unknown;
	restarted: boolean;
	edition: number;
	lang: string;
	effects: string[];
	replies: Reply[];
	prompts: Prompt[];
	act: 'ask' | 'record' | 'transfer' | 'end';
	end: boolean;
}

/** What the phone's owner did, or what came of it. */
type Line = { mine: string } | { theirs: Turned };

interface Phone {
	edition: string;
	channel: Channel;
	country: string;
	lang: string;
}

const COUNTRIES = ['kg', 'kz', 'ru', 'tj', 'uz', 'tr', ''];
const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];
const LINES_MOST = 200;

function Settings(p: { phone: Phone; onChange: (phone: Phone) => void }) {
	const { phone } = p;
	const lists = useLists();
	return (
		<div class="sheet grid">
			<SelectField
				label={t('sim.edition')}
				value={phone.edition}
				onInput={edition => p.onChange({ ...phone, edition })}
				choices={['published', 'drafts'].map(value => ({
					value,
					label: t(`sim.edition.${value}`),
				}))}
			/>
			<SelectField
				label={t('sim.channel')}
				value={phone.channel}
				onInput={channel => p.onChange({ ...phone, channel: channel as Channel })}
				choices={['sms', 'voice'].map(value => ({ value, label: t(`sim.channel.${value}`) }))}
			/>
			<SelectField
				label={t('sim.country')}
				value={phone.country}
				onInput={country => p.onChange({ ...phone, country })}
				choices={COUNTRIES.map(value => ({
					value,
					label: value ? countryName(lists, value) : t('sim.country.hidden'),
				}))}
			/>
			<SelectField
				label={t('sim.lang')}
				value={phone.lang}
				onInput={lang => p.onChange({ ...phone, lang })}
				choices={[
					{ value: '', label: t('sim.lang.own') },
					...LANGS.map(l => ({ value: l.code, label: l.name })),
				]}
			/>
		</div>
	);
}

function Bubble(p: { reply: Reply; lang: string }) {
	const { reply } = p;
	const many = reply.parts > 2;
	return (
		<li class="bubble theirs">
			<p lang={langTag(p.lang)}>{reply.text}</p>
			<div class={`small ${many ? 'many' : 'muted'}`}>
				{tn('sim.parts', reply.parts)} · {reply.encoding === 'gsm7' ? 'GSM-7' : 'UCS-2'} ·{' '}
				{tn('sim.units', reply.units)}
			</div>
		</li>
	);
}

function Effects(p: { turned: Turned }) {
	return (
		<>
			{p.turned.restarted && <li class="aside">{t('sim.restarted')}</li>}
			{p.turned.effects.map(effect => (
				<li key={effect} class="aside">
					{t(`sim.effect.${effect}`)}
				</li>
			))}
		</>
	);
}

/** What was written and answered; new lines are read aloud and scrolled to. */
function Talk(p: { lines: Line[]; speaking: Prompt | null; empty: string }) {
	const end = useRef<HTMLDivElement>(null);
	useEffect(() => {
		const list = end.current;
		if (list) list.scrollTop = list.scrollHeight;
	}, [p.lines]);
	return (
		<div class="talk" ref={end} role="log" aria-label={t('sim.talk')} tabIndex={0}>
			{p.lines.length === 0 && <p class="aside">{p.empty}</p>}
			<ol>
				{p.lines.map((line, i) =>
					'mine' in line ? (
						<li key={i} class="bubble mine">
							<p>{line.mine}</p>
						</li>
					) : (
						<Answer key={i} turned={line.theirs} speaking={p.speaking} />
					),
				)}
			</ol>
		</div>
	);
}

/** Whether a line ends here: a choice was said with its key, or a sentence is over. */
function ends(prompt: Prompt): boolean {
	return /\.press\./.test(prompt.id ?? '') || /[.!?…:]$/.test(prompt.text ?? '');
}

function Answer(p: { turned: Turned; speaking: Prompt | null }) {
	const spoken = p.turned.prompts.filter(one => one.id);
	return (
		<>
			{spoken.length > 0 && (
				<li class="bubble theirs heard">
					<p>
						{spoken.map((one, i) => (
							<span
								key={i}
								lang={one.id?.split('.')[0]}
								class={one === p.speaking ? 'speaking' : ''}
							>
								{one.text}
								{ends(one) ? '\n' : ' '}
							</span>
						))}
					</p>
				</li>
			)}
			{p.turned.replies.map((reply, i) => (
				<Bubble key={i} reply={reply} lang={p.turned.lang} />
			))}
			<Effects turned={p.turned} />
		</>
	);
}

function Write(p: { busy: boolean; onSend: (text: string) => void }) {
	const [text, setText] = useState('');
	return (
		<Form
			class="write"
			onSubmit={() => {
				p.onSend(text);
				setText('');
			}}
		>
			<TextField label={t('sim.text')} value={text} maxLength={500} onInput={setText} />
			<Button kind="main" type="submit" busy={p.busy}>
				{t('sim.send')}
			</Button>
		</Form>
	);
}

/** Buttons for what happens beside the keys, where the call waits for it. */
const HAPPENINGS: Record<Turned['act'], string[]> = {
	ask: ['silence'],
	record: ['recorded', 'empty'],
	transfer: ['talked', 'busy'],
	end: [],
};

function Keypad(p: { act: Turned['act'] | null; onKey: (key: string) => void }) {
	if (p.act === null || p.act === 'end')
		return (
			<div class="actions">
				<Button kind="main" onClick={() => p.onKey('begin')}>
					{t('sim.call')}
				</Button>
			</div>
		);
	return (
		<>
			{p.act === 'ask' && (
				<div class="keypad" role="group" aria-label={t('sim.keys')}>
					{KEYS.map(key => (
						<button key={key} type="button" class="button plain" onClick={() => p.onKey(key)}>
							{key}
						</button>
					))}
				</div>
			)}
			<div class="actions">
				{HAPPENINGS[p.act].map(what => (
					<Button key={what} onClick={() => p.onKey(what)}>
						{t(`sim.event.${what}`)}
					</Button>
				))}
			</div>
		</>
	);
}

export default function Simulator() {
	const [phone, setPhone] = useState<Phone>({
		edition: 'published',
		channel: 'sms',
		country: 'kg',
		lang: '',
	});
	const [lines, setLines] = useState<Line[]>([]);
	const [last, setLast] = useState<Turned | null>(null);
	const [speaking, setSpeaking] = useState<Prompt | null>(null);
	const [silent, setSilent] = useState(false);
	const player = useRef<Player | null>(null);
	const sound = useRef<HTMLAudioElement>(null);

	useEffect(() => {
		if (!sound.current) return;
		const one = new Player(sound.current, setSpeaking, () => setSilent(true));
		player.current = one;
		return () => one.stop();
	}, []);

	function change(next: Phone): void {
		player.current?.stop();
		// another language goes on where the talk is; all else is another phone
		if (
			next.edition !== phone.edition ||
			next.channel !== phone.channel ||
			next.country !== phone.country
		) {
			setLines([]);
			setLast(null);
		}
		setPhone(next);
	}
	const voice = phone.channel === 'voice';
	const act = useAction(async (say: string) => {
		player.current?.stop();
		const begins = say === 'begin';
		const before = begins ? [] : lines;
		const turned = await ask<Turned>('/api/simulator', {
			edition: phone.edition,
			channel: phone.channel,
			number_country: phone.country,
			...(phone.lang && { lang: phone.lang }),
			state: begins ? null : (last?.state ?? null),
			say,
		});
		const mine: Line[] = begins
			? []
			: [{ mine: voice && say.length > 1 ? t(`sim.event.${say}`) : say }];
		setLines([...before, ...mine, { theirs: turned }].slice(-LINES_MOST));
		setLast(turned);
		if (turned.end) announce(t('sim.ended'));
		if (voice) player.current?.play(turned.prompts);
	});
	return (
		<>
			<h1>{t('sim.title')}</h1>
			<p>{t('sim.about')}</p>
			<Settings phone={phone} onChange={change} />
			<div class="handset sheet">
				<Talk
					lines={lines}
					speaking={speaking}
					empty={t(voice ? 'sim.empty.voice' : 'sim.empty.sms')}
				/>
				<Failure error={act.error} />
				{voice ? (
					<Keypad act={last?.act ?? null} onKey={act.run} />
				) : (
					<Write busy={act.busy} onSend={act.run} />
				)}
				{voice && silent && <Notice>{t('sim.no-sound')}</Notice>}
				<div class="actions">
					{voice && speaking && (
						<Button onClick={() => player.current?.stop()}>{t('sim.quiet')}</Button>
					)}
					<Button
						onClick={() => {
							player.current?.stop();
							setLines([]);
							setLast(null);
						}}
					>
						{t('sim.new')}
					</Button>
				</div>
				<audio ref={sound} />
			</div>
		</>
	);
}

// hours_field.tsx - opening hours: always, by days, or in words.
import { useState } from 'preact/hooks';
import { t } from '../i18n';
import {
	DAYS,
	type Hours,
	SPANS_MAX,
	type Span,
	readHours,
	spanWhole,
	writeHours,
} from '../lib/hours';
import { Button } from '../ui';

const WORKDAYS: Span = { days: [0, 1, 2, 3, 4], from: '09:00', to: '18:00' };

export function HoursField(p: { value: string; error?: string; onInput: (value: string) => void }) {
	// what is half typed cannot be written, so it is kept here
	const [hours, setHours] = useState(() => readHours(p.value));
	const [written, setWritten] = useState(p.value);
	if (p.value !== written) {
		setWritten(p.value);
		setHours(readHours(p.value));
	}
	function change(next: Hours): void {
		setHours(next);
		if (next.kind === 'spans' && !next.spans.every(spanWhole)) return;
		const text = writeHours(next);
		setWritten(text);
		p.onInput(text);
	}
	const kinds: [Hours['kind'], () => Hours][] = [
		['none', () => ({ kind: 'none' })],
		['always', () => ({ kind: 'always' })],
		['spans', () => ({ kind: 'spans', spans: [WORKDAYS] })],
		['words', () => ({ kind: 'words', text: writeHours(hours) })],
	];
	return (
		<fieldset>
			<legend>{t('field.hours')}</legend>
			<div class="choices">
				{kinds.map(([kind, make]) => (
					<label key={kind} class="check">
						<input
							type="radio"
							name="hours"
							checked={hours.kind === kind}
							onInput={() => change(make())}
						/>
						<span>{t(`hours.${kind}`)}</span>
					</label>
				))}
			</div>
			{hours.kind === 'spans' && (
				<Spans spans={hours.spans} onChange={spans => change({ kind: 'spans', spans })} />
			)}
			{hours.kind === 'words' && (
				<>
					<input
						type="text"
						aria-label={t('hours.words')}
						value={hours.text}
						maxLength={200}
						onInput={e => change({ kind: 'words', text: e.currentTarget.value })}
					/>
					<div class="hint">{t('hours.words-hint')}</div>
				</>
			)}
			{p.error && <div class="wrong">{p.error}</div>}
		</fieldset>
	);
}

function Spans(p: { spans: Span[]; onChange: (spans: Span[]) => void }) {
	const set = (i: number, part: Partial<Span>) =>
		p.onChange(p.spans.map((s, k) => (k === i ? { ...s, ...part } : s)));
	return (
		<div class="spans">
			{p.spans.map((span, i) => (
				<fieldset key={i} class="span">
					<legend class="unseen">{t('hours.span', { n: i + 1 })}</legend>
					<div class="days">
						{DAYS.map((name, d) => (
							<label key={name} class="day">
								<input
									type="checkbox"
									checked={span.days.includes(d)}
									onInput={e =>
										set(i, {
											days: e.currentTarget.checked
												? [...span.days, d].sort()
												: span.days.filter(x => x !== d),
										})
									}
								/>
								<span>{t(`day.${name.toLowerCase()}`)}</span>
							</label>
						))}
					</div>
					<div class="times">
						<Time label={t('hours.from')} value={span.from} onInput={from => set(i, { from })} />
						<span aria-hidden="true">–</span>
						<Time label={t('hours.to')} value={span.to} onInput={to => set(i, { to })} />
						{p.spans.length > 1 && (
							<Button
								kind="link"
								label={`${t('do.remove')}: ${t('hours.span', { n: i + 1 })}`}
								onClick={() => p.onChange(p.spans.filter((_, k) => k !== i))}
							>
								{t('do.remove')}
							</Button>
						)}
					</div>
					{!spanWhole(span) && <div class="wrong">{t('hours.wrong')}</div>}
				</fieldset>
			))}
			{p.spans.length < SPANS_MAX && (
				<Button
					onClick={() => p.onChange([...p.spans, { days: [5, 6], from: '10:00', to: '14:00' }])}
				>
					{t('hours.add')}
				</Button>
			)}
		</div>
	);
}

// not type="time": it has no 24:00, and hides what is half typed
function Time(p: { label: string; value: string; onInput: (value: string) => void }) {
	return (
		<input
			type="text"
			class="time"
			inputMode="numeric"
			aria-label={p.label}
			value={p.value}
			maxLength={5}
			placeholder="09:00"
			onInput={e => p.onInput(e.currentTarget.value)}
			onBlur={e => {
				const m = /^(\d{1,2})(?:[:. ]?(\d\d))?$/.exec(e.currentTarget.value.trim());
				if (m) p.onInput(`${(m[1] ?? '').padStart(2, '0')}:${m[2] ?? '00'}`);
			}}
		/>
	);
}

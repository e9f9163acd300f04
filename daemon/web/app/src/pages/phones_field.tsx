// phones_field.tsx - telephone numbers, checked by the server as they are typed.
import { useEffect, useState } from 'preact/hooks';
import { ask } from '../api';
import { has, t } from '../i18n';
import type { Phone } from '../lib/listing';
import { Button, TextField, errorText, useRested } from '../ui';

interface Said {
	ok: boolean;
	e164?: string;
	shown?: string;
	kind?: string;
	why?: string;
}

const PHONES_MAX = 4;

export function PhonesField(p: {
	value: Phone[];
	country: string;
	errors: Record<string, string>;
	onInput: (value: Phone[]) => void;
}) {
	const set = (i: number, part: Partial<Phone>) =>
		p.onInput(p.value.map((x, k) => (k === i ? { ...x, ...part } : x)));
	return (
		<fieldset>
			<legend>{t('field.phones')}</legend>
			{p.value.map((phone, i) => (
				<OnePhone
					key={i}
					index={i}
					phone={phone}
					country={p.country}
					error={p.errors[`phones.${i}`] ?? (i === 0 ? p.errors['phones'] : undefined) ?? ''}
					onInput={part => set(i, part)}
					onRemove={() => p.onInput(p.value.filter((_, k) => k !== i))}
				/>
			))}
			{p.value.length < PHONES_MAX && (
				<Button
					onClick={() => p.onInput([...p.value, { number: '', as_printed: '', description: '' }])}
				>
					{t('phone.add')}
				</Button>
			)}
		</fieldset>
	);
}

/** What the server thinks of a number, once it has rested; of the one before
 * nothing is said any more. */
function useSaid(number: string, country: string): Said | null {
	const rested = useRested(number, 500);
	const [said, setSaid] = useState<Said | null>(null);
	useEffect(() => {
		setSaid(null);
		if (rested.trim() === '') return;
		const stop = new AbortController();
		ask<Said>('/api/phone', { number: rested, country }, stop.signal).then(setSaid, () => {});
		return () => stop.abort();
	}, [rested, country]);
	return rested === number ? said : null;
}

function OnePhone(p: {
	index: number;
	phone: Phone;
	country: string;
	error: string;
	onInput: (part: Partial<Phone>) => void;
	onRemove: () => void;
}) {
	const said = useSaid(p.phone.number, p.country);
	const wrong = said && !said.ok ? whyText(said.why) : p.error && codeText(p.error);
	const n = p.index + 1;
	return (
		<div class="phone">
			<TextField
				label={t('phone.number', { n })}
				type="tel"
				inputmode="tel"
				value={p.phone.number}
				error={wrong}
				onInput={number => p.onInput({ number })}
				onBlur={() => {
					if (said?.ok && said.e164 && said.e164 !== p.phone.number)
						p.onInput({
							number: said.e164,
							as_printed: p.phone.as_printed || p.phone.number,
						});
				}}
			/>
			<TextField
				label={t('phone.description')}
				value={p.phone.description}
				maxLength={200}
				onInput={description => p.onInput({ description })}
			/>
			<div class="phone-foot" role="status">
				{said?.ok && (
					<span class="good-text">
						✓ {said.shown ?? said.e164}
						{said.kind && has(`phone.${said.kind}`) && ` · ${t(`phone.${said.kind}`)}`}
					</span>
				)}
				{p.phone.as_printed && (
					<span class="muted small">{t('phone.printed', { text: p.phone.as_printed })}</span>
				)}
			</div>
			<Button
				kind="link"
				label={`${t('do.remove')}: ${t('phone.number', { n })}`}
				onClick={p.onRemove}
			>
				{t('do.remove')}
			</Button>
		</div>
	);
}

function whyText(why: string | undefined): string {
	return t(why && has(`error.${why}`) ? `error.${why}` : 'error.phone');
}

function codeText(code: string): string {
	return has(`error.${code}`) ? t(`error.${code}`) : errorText(undefined);
}

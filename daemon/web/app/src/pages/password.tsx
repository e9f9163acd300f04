// password.tsx - choose a password, with a word on how good it is.
import { useId } from 'preact/hooks';
import { num, t } from '../i18n';
import { PASSWORD_MIN, strength } from '../lib/strength';
import { TextField } from '../ui';

const LEVELS = { short: 0, weak: 1, good: 2, strong: 3 };

export function PasswordField(p: {
	label: string;
	value: string;
	name: string;
	error?: string;
	onInput: (value: string) => void;
}) {
	const level = strength(p.value, p.name);
	const id = useId();
	return (
		<div>
			<TextField
				label={p.label}
				hint={t('password.hint', { n: PASSWORD_MIN })}
				type="password"
				value={p.value}
				autocomplete="new-password"
				required
				error={p.error ?? ''}
				onInput={p.onInput}
			/>
			{p.value !== '' && (
				<div class={`strength ${level}`}>
					<meter
						id={id}
						min={0}
						max={3}
						value={LEVELS[level]}
						aria-label={t('password.strength')}
					/>
					<span role="status">
						{t(`password.${level}`)}
						{level === 'short' && ` (${num([...p.value].length)}/${num(PASSWORD_MIN)})`}
					</span>
				</div>
			)}
		</div>
	);
}

export function passwordGoodEnough(password: string, name: string): boolean {
	return LEVELS[strength(password, name)] >= 2;
}

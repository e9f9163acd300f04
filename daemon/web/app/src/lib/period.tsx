// period.tsx - from which day to which: the usual ones, or any.
import { t } from '../i18n';
import { SelectField, TextField } from '../ui';

export interface Period {
	/** "2026-11-01", the first day and the last */
	from: string;
	to: string;
}

const DAY_MS = 86400000;

export function dayOf(date: Date): string {
	return new Date(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()))
		.toISOString()
		.slice(0, 10);
}

export function addDays(day: string, days: number): string {
	return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}

/** How many days, both ends counted. */
export function daysOf(p: Period): number {
	return Math.round((Date.parse(p.to) - Date.parse(p.from)) / DAY_MS) + 1;
}

function monthStart(day: string, months: number): string {
	const [year = 0, month = 1] = day.split('-').map(Number);
	return new Date(Date.UTC(year, month - 1 + months, 1)).toISOString().slice(0, 10);
}

export const PRESETS = ['week', 'days30', 'month', 'month_last', 'months3', 'year'] as const;
export type Preset = (typeof PRESETS)[number];

export function presetPeriod(preset: Preset, today: string): Period {
	switch (preset) {
		case 'week':
			return { from: addDays(today, -6), to: today };
		case 'days30':
			return { from: addDays(today, -29), to: today };
		case 'month':
			return { from: monthStart(today, 0), to: today };
		case 'month_last':
			return { from: monthStart(today, -1), to: addDays(monthStart(today, 0), -1) };
		case 'months3':
			return { from: monthStart(today, -2), to: today };
		case 'year':
			return { from: monthStart(today, -11), to: today };
	}
}

/** Which of the usual ones it is, or 'own'. */
export function presetOf(p: Period, today: string): Preset | 'own' {
	const found = PRESETS.find(preset => {
		const q = presetPeriod(preset, today);
		return q.from === p.from && q.to === p.to;
	});
	return found ?? 'own';
}

export function isPeriod(p: Period): boolean {
	return daysOf(p) >= 1;
}

export function PeriodFields(p: {
	period: Period;
	own: boolean;
	onInput: (period: Period, own: boolean) => void;
}) {
	const today = dayOf(new Date());
	const preset = p.own ? 'own' : presetOf(p.period, today);
	return (
		<>
			<SelectField
				label={t('period.label')}
				value={preset}
				onInput={value =>
					value === 'own'
						? p.onInput(p.period, true)
						: p.onInput(presetPeriod(value as Preset, today), false)
				}
				choices={[...PRESETS, 'own'].map(value => ({ value, label: t(`period.${value}`) }))}
			/>
			{preset === 'own' && (
				<>
					<TextField
						label={t('period.from')}
						type="date"
						value={p.period.from}
						onInput={from => p.onInput({ ...p.period, from }, true)}
					/>
					<TextField
						label={t('period.to')}
						type="date"
						value={p.period.to}
						error={isPeriod(p.period) ? '' : t('period.wrong')}
						onInput={to => p.onInput({ ...p.period, to }, true)}
					/>
				</>
			)}
		</>
	);
}

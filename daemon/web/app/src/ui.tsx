// ui.tsx - the parts that pages are made of.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { ApiError } from './api';
import { has, num, t, tn } from './i18n';

/** What to tell people about an error: what is wrong and what to do. */
export function errorText(e: unknown): string {
	if (!(e instanceof ApiError)) return t('error.unexpected');
	if (e.status === 429) return tn('error.too_often', Math.max(1, e.wait));
	if (e.code === 'invalid' && Object.keys(e.fields).length > 0) return t('error.http_422');
	const { reason, ...words } = e.words; // a reason has its own text
	if (has(`error.${reason}`)) words['why'] = t(`error.${reason}`);
	if (has(`error.${e.code}`)) return t(`error.${e.code}`, words);
	if (has(`error.http_${e.status}`)) return t(`error.http_${e.status}`);
	return t('error.other', { code: e.code });
}

/** What is wrong with a field (422), or nothing. */
export function fieldError(e: unknown, field: string): string {
	const code = e instanceof ApiError ? e.fields[field] : undefined;
	if (!code) return '';
	return has(`error.${code}`) ? t(`error.${code}`) : t('error.field', { code });
}

type Kind = 'info' | 'good' | 'warn' | 'bad';

const SIGNS: Record<Kind, string> = { info: 'i', good: '✓', warn: '!', bad: '×' };

export function Notice(p: { kind?: Kind; children: ComponentChildren }) {
	const kind = p.kind ?? 'info';
	return (
		<div class={`notice ${kind}`} role={kind === 'bad' ? 'alert' : 'status'}>
			<span class="sign" aria-hidden="true">
				{SIGNS[kind]}
			</span>
			<div>{p.children}</div>
		</div>
	);
}

export function Failure(p: { error: unknown; again?: (() => void) | undefined }) {
	if (!p.error) return null;
	return (
		<Notice kind="bad">
			<p>{errorText(p.error)}</p>
			{p.again && <Button onClick={p.again}>{t('do.again')}</Button>}
		</Notice>
	);
}

export function Empty(p: { children: ComponentChildren }) {
	return <div class="empty">{p.children}</div>;
}

/** A state in one word, with a sign beside its colour. */
export function Tag(p: { kind?: Kind | 'plain'; children: ComponentChildren }) {
	const kind = p.kind ?? 'plain';
	return (
		<span class={`tag ${kind}`}>
			{kind !== 'plain' && (
				<span aria-hidden="true">
					{kind === 'info' ? '•' : SIGNS[kind]}
					{'\u00a0'}
				</span>
			)}
			{p.children}
		</span>
	);
}

interface ButtonProps {
	kind?: 'main' | 'plain' | 'danger' | 'link';
	busy?: boolean;
	disabled?: boolean;
	type?: 'button' | 'submit';
	label?: string;
	onClick?: (() => void) | undefined;
	children: ComponentChildren;
}

export function Button(p: ButtonProps) {
	return (
		<button
			type={p.type ?? 'button'}
			class={`button ${p.kind ?? 'plain'}`}
			disabled={p.disabled ?? false}
			aria-disabled={p.busy ? 'true' : undefined}
			aria-busy={p.busy ? 'true' : undefined}
			aria-label={p.label}
			onClick={e => {
				if (p.busy) e.preventDefault();
				else p.onClick?.();
			}}
		>
			{p.children}
		</button>
	);
}

interface FieldProps {
	label: string;
	hint?: ComponentChildren;
	error?: string;
	/** "(optional)" is not written; this is read to who cannot see the label's star */
	required?: boolean;
	class?: string;
}

interface Wired {
	id: string;
	'aria-describedby': string | undefined;
	'aria-invalid': 'true' | undefined;
	'aria-required': 'true' | undefined;
}

/** A label, a hint and an error round one control. */
export function Field(p: FieldProps & { children: (wired: Wired) => ComponentChildren }) {
	const id = useId();
	const described = [p.hint && `${id}h`, p.error && `${id}e`].filter(Boolean).join(' ');
	return (
		<div class={`field ${p.class ?? ''}`}>
			<label for={id}>
				{p.label}
				{p.required && <span aria-hidden="true"> *</span>}
			</label>
			{p.hint && (
				<div class="hint" id={`${id}h`}>
					{p.hint}
				</div>
			)}
			{p.children({
				id,
				'aria-describedby': described || undefined,
				'aria-invalid': p.error ? 'true' : undefined,
				'aria-required': p.required ? 'true' : undefined,
			})}
			{p.error && (
				<div class="wrong" id={`${id}e`}>
					<span aria-hidden="true">× </span>
					{p.error}
				</div>
			)}
		</div>
	);
}

interface TextProps extends FieldProps {
	value: string;
	onInput: (value: string) => void;
	onBlur?: () => void;
	type?: 'text' | 'password' | 'email' | 'url' | 'tel' | 'search' | 'date' | 'month' | 'number';
	/** of what is written in it, when that is not the page's language */
	lang?: string | undefined;
	rows?: number;
	autocomplete?: string;
	inputmode?: 'numeric' | 'tel' | 'email' | 'url';
	maxLength?: number;
	placeholder?: string;
	readOnly?: boolean;
	/** takes the focus when it appears */
	focus?: boolean;
}

export function TextField(p: TextProps) {
	const box = useRef<HTMLInputElement>(null);
	useEffect(() => {
		if (p.focus) box.current?.focus();
	}, []);
	return (
		<Field {...p}>
			{wired =>
				p.rows ? (
					<textarea
						{...wired}
						value={p.value}
						rows={p.rows}
						lang={p.lang}
						maxLength={p.maxLength}
						readOnly={p.readOnly}
						onInput={e => p.onInput(e.currentTarget.value)}
						onBlur={p.onBlur}
					/>
				) : (
					<input
						{...wired}
						ref={box}
						type={(p.type ?? 'text') as 'text'}
						value={p.value}
						lang={p.lang}
						autocomplete={p.autocomplete ?? 'off'}
						inputMode={p.inputmode}
						maxLength={p.maxLength}
						placeholder={p.placeholder}
						readOnly={p.readOnly}
						spellcheck={p.type === undefined}
						onInput={e => p.onInput(e.currentTarget.value)}
						onBlur={p.onBlur}
					/>
				)
			}
		</Field>
	);
}

/** A file; in the words of the page, where browsers have their own. */
export function FileField(
	p: FieldProps & { accept?: string; onFile: (file: File | null) => void },
) {
	const [name, setName] = useState('');
	return (
		<Field {...p}>
			{wired => (
				<div class="file">
					<input
						{...wired}
						class="unseen"
						type="file"
						accept={p.accept}
						onChange={e => {
							const file = e.currentTarget.files?.[0] ?? null;
							setName(file?.name ?? '');
							p.onFile(file);
						}}
					/>
					<label for={wired.id} class="button plain">
						{t('file.choose')}
					</label>
					<span class={name ? '' : 'muted'}>{name || t('file.none')}</span>
				</div>
			)}
		</Field>
	);
}

export interface Choice {
	value: string;
	label: string;
}

export function SelectField(
	p: FieldProps & { value: string; onInput: (value: string) => void; choices: readonly Choice[] },
) {
	return (
		<Field {...p}>
			{wired => (
				<select {...wired} value={p.value} onInput={e => p.onInput(e.currentTarget.value)}>
					{p.choices.map(c => (
						<option key={c.value} value={c.value} selected={c.value === p.value}>
							{c.label}
						</option>
					))}
				</select>
			)}
		</Field>
	);
}

export function Check(p: {
	label: ComponentChildren;
	checked: boolean;
	onInput: (checked: boolean) => void;
	disabled?: boolean;
}) {
	return (
		<label class="check">
			<input
				type="checkbox"
				checked={p.checked}
				disabled={p.disabled ?? false}
				onInput={e => p.onInput(e.currentTarget.checked)}
			/>
			<span>{p.label}</span>
		</label>
	);
}

/** Several of a short list. */
export function Checks(p: {
	legend: string;
	hint?: string;
	choices: readonly Choice[];
	chosen: readonly string[];
	onInput: (chosen: string[]) => void;
	error?: string;
}) {
	const id = useId();
	return (
		<fieldset class="checks" aria-describedby={p.error ? id : undefined}>
			<legend>{p.legend}</legend>
			{p.hint && <div class="hint">{p.hint}</div>}
			<div class="choices">
				{p.choices.map(c => (
					<Check
						key={c.value}
						label={c.label}
						checked={p.chosen.includes(c.value)}
						onInput={on =>
							p.onInput(on ? [...p.chosen, c.value] : p.chosen.filter(v => v !== c.value))
						}
					/>
				))}
			</div>
			{p.error && (
				<div class="wrong" id={id}>
					<span aria-hidden="true">× </span>
					{p.error}
				</div>
			)}
		</fieldset>
	);
}

/** A form that calls onSubmit instead of going anywhere. */
export function Form(p: {
	onSubmit: () => void;
	children: ComponentChildren;
	class?: string;
	label?: string;
	role?: 'search';
}) {
	return (
		<form
			class={p.class}
			noValidate
			aria-label={p.label}
			role={p.role}
			onSubmit={e => {
				e.preventDefault();
				p.onSubmit();
			}}
		>
			{p.children}
		</form>
	);
}

/** A question or a form above the page; Escape and the cross close it. */
export function Dialog(p: { title: string; onClose: () => void; children: ComponentChildren }) {
	const ref = useRef<HTMLDialogElement>(null);
	const id = useId();
	useEffect(() => {
		const from = document.activeElement;
		const dialog = ref.current;
		dialog?.showModal();
		return () => {
			dialog?.close();
			if (from instanceof HTMLElement) from.focus();
		};
	}, []);
	return (
		<dialog
			ref={ref}
			aria-labelledby={id}
			onCancel={e => {
				e.preventDefault();
				p.onClose();
			}}
		>
			<div class="dialog-head">
				<h2 id={id}>{p.title}</h2>
				<button
					type="button"
					class="button plain square"
					aria-label={t('do.close')}
					onClick={p.onClose}
				>
					<span aria-hidden="true">×</span>
				</button>
			</div>
			{p.children}
		</dialog>
	);
}

/** Ask before something that is not easily undone. */
export function Confirm(p: {
	title: string;
	text: ComponentChildren;
	yes: string;
	danger?: boolean;
	onYes: () => Promise<void> | void;
	onClose: () => void;
}) {
	const act = useAction(async () => {
		await p.onYes();
		p.onClose();
	});
	return (
		<Dialog title={p.title} onClose={p.onClose}>
			<p>{p.text}</p>
			<Failure error={act.error} />
			<div class="actions">
				<Button kind={p.danger ? 'danger' : 'main'} busy={act.busy} onClick={act.run}>
					{p.yes}
				</Button>
				<Button onClick={p.onClose}>{t('do.cancel')}</Button>
			</div>
		</Dialog>
	);
}

export function Progress(p: { label: string; done: number; total: number }) {
	const id = useId();
	const known = p.total > 0;
	return (
		<div class="progress">
			<label for={id}>
				{p.label}
				{known && <span class="muted"> {num(p.done / p.total, { style: 'percent' })}</span>}
			</label>
			<progress id={id} {...(known && { value: p.done, max: p.total })} />
		</div>
	);
}

export function Paging(p: {
	page: number;
	per: number;
	total: number;
	onPage: (page: number) => void;
}) {
	const last = Math.max(1, Math.ceil(p.total / p.per));
	if (last < 2) return null;
	return (
		<nav class="paging" aria-label={t('paging.label')}>
			<Button disabled={p.page <= 1} onClick={() => p.onPage(p.page - 1)}>
				← {t('paging.before')}
			</Button>
			<span>{t('paging.at', { page: p.page, last })}</span>
			<Button disabled={p.page >= last} onClick={() => p.onPage(p.page + 1)}>
				{t('paging.next')} →
			</Button>
		</nav>
	);
}

export function CopyButton(p: { text: string; label?: string }) {
	const [copied, setCopied] = useState(false);
	return (
		<Button
			onClick={() => {
				void copy(p.text).then(setCopied);
			}}
		>
			{copied ? `✓ ${t('do.copied')}` : (p.label ?? t('do.copy'))}
			<span class="unseen" role="status">
				{copied ? t('do.copied') : ''}
			</span>
		</Button>
	);
}

// without TLS browsers have no clipboard object
async function copy(text: string): Promise<boolean> {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		const area = document.createElement('textarea');
		area.value = text;
		(document.querySelector('dialog[open]') ?? document.body).append(area);
		area.select();
		const done = document.execCommand('copy');
		area.remove();
		return done;
	}
}

export interface Load<T> {
	data: T | undefined;
	error: unknown;
	loading: boolean;
	again: () => void;
	set: (data: T) => void;
}

/** Fetch when the keys change; what comes late for older keys is dropped. */
export function useLoad<T>(fetcher: (signal: AbortSignal) => Promise<T>, keys: unknown[]): Load<T> {
	const [state, setState] = useState<{ data?: T; error?: unknown; loading: boolean }>({
		loading: true,
	});
	const [round, setRound] = useState(0);
	useEffect(() => {
		const stop = new AbortController();
		setState(s => ({ ...s, error: undefined, loading: true }));
		fetcher(stop.signal).then(
			data => !stop.signal.aborted && setState({ data, loading: false }),
			(error: unknown) => !stop.signal.aborted && setState(s => ({ ...s, error, loading: false })),
		);
		return () => stop.abort();
	}, [...keys, round]);
	return {
		data: state.data,
		error: state.error,
		loading: state.loading,
		again: () => setRound(n => n + 1),
		set: data => setState({ data, loading: false }),
	};
}

/** What a load brought; before that a sign that it is coming, or why it is not. */
export function Loaded<T>(p: { load: Load<T>; children: (data: T) => ComponentChildren }) {
	const { data, error, again } = p.load;
	return (
		<>
			<Failure error={error} again={again} />
			{data !== undefined ? p.children(data) : !error && <Waiting />}
		</>
	);
}

export function Waiting() {
	return (
		<div class="waiting" role="status">
			<span class="dots" aria-hidden="true" />
			{t('wait.text')}
		</div>
	);
}

/** Something a button does: one at a time, with its error. */
export function useAction<A extends unknown[]>(f: (...args: A) => Promise<void>) {
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<unknown>(undefined);
	const gone = useRef(false);
	useEffect(() => () => void (gone.current = true), []);
	const run = (...args: A): void => {
		if (busy) return;
		setBusy(true);
		setError(undefined);
		f(...args)
			.catch((e: unknown) => !gone.current && setError(e))
			.finally(() => !gone.current && setBusy(false));
	};
	return { busy, error, run, clear: () => setError(undefined) };
}

/** The value, once it has rested for so many ms. */
export function useRested<T>(value: T, ms: number): T {
	const [rested, setRested] = useState(value);
	useEffect(() => {
		const timer = setTimeout(() => setRested(value), ms);
		return () => clearTimeout(timer);
	}, [value, ms]);
	return rested;
}

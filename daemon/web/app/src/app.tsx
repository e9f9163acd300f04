// app.tsx - the frame round every page: menu, language, banners, who is logged in.
import { Component, type ComponentChildren, type ComponentType } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { get, knock, post, probe, setCsrf, watch } from './api';
import { LANGS, type Lang, lang, isLang, onLang, setLang, t } from './i18n';
import { Login } from './pages/login';
import { type Match, type PageProps, match, pathOf } from './router';
import { MENU, OPEN_ROUTES, ROUTES, allowed } from './routes';
import { LineContext, MeContext, announce, setSpeaker } from './state';
import type { Me } from './types';
import { Button, Failure, Notice, Waiting } from './ui';

type Session = { known: false } | { known: true; me: Me | null; error?: unknown };

function usePath(): string {
	const [path, setPath] = useState(pathOf(location.hash));
	useEffect(() => {
		const on = () => setPath(pathOf(location.hash));
		addEventListener('hashchange', on);
		return () => removeEventListener('hashchange', on);
	}, []);
	return path;
}

/** Where somebody with these roles starts. */
function home(me: Me): string {
	const first = MENU.flatMap(g => g.entries).find(e => allowed(e.roles, me.user.roles));
	return first?.path ?? '/account';
}

export function App() {
	const path = usePath();
	const [session, setSession] = useState<Session>({ known: false });
	const [up, setUp] = useState(true);
	const [, setRound] = useState(0);

	function login(me: Me): void {
		setCsrf(me.csrf);
		setSession({ known: true, me });
		if (isLang(me.user.lang) && me.user.lang !== lang()) void setLang(me.user.lang);
	}
	function lookWho(): void {
		get<Me>('/api/me').then(login, (error: { status?: number }) =>
			setSession({ known: true, me: null, ...(error.status !== 401 && { error }) }),
		);
	}
	useEffect(() => {
		watch({ line: setUp, stranger: () => setSession({ known: true, me: null }) });
		lookWho();
		return onLang(() => setRound(n => n + 1));
	}, []);
	useEffect(() => {
		// by the address as it is now: they may have gone on since this was drawn
		if (session.known && session.me && pathOf(location.hash) === '/')
			location.replace(`#${home(session.me)}`);
	}, [session, path]);

	const open = match(OPEN_ROUTES, path);
	return (
		<LineContext.Provider value={up}>
			<LineBanner up={up} />
			{open ? (
				<Outside>
					<Page match={open} onSession={lookWho} />
				</Outside>
			) : !session.known ? (
				<Waiting />
			) : session.me ? (
				<MeContext.Provider value={session.me}>
					<Inside
						me={session.me}
						path={path}
						onGone={() => setSession({ known: true, me: null })}
					/>
				</MeContext.Provider>
			) : (
				<Outside>
					{session.error ? (
						<Failure error={session.error} again={lookWho} />
					) : (
						<Login onLogin={login} />
					)}
				</Outside>
			)}
			<Speaker />
		</LineContext.Provider>
	);
}

function LineBanner(p: { up: boolean }) {
	// nothing may be under way that would find out that the line is back
	useEffect(() => {
		if (p.up) return;
		const timer = setInterval(probe, 2000);
		addEventListener('online', probe);
		return () => {
			clearInterval(timer);
			removeEventListener('online', probe);
		};
	}, [p.up]);
	return (
		<div role="status" class="line-banner">
			{!p.up && <Notice kind="warn">{t('line.down')}</Notice>}
		</div>
	);
}

function Speaker() {
	const [text, setText] = useState('');
	useEffect(() => {
		let timer = 0;
		setSpeaker(said => {
			setText(said);
			clearTimeout(timer);
			timer = window.setTimeout(() => setText(''), 6000);
		});
	}, []);
	return (
		<div class="toast" role="status" aria-live="polite">
			{text && <span>{text}</span>}
		</div>
	);
}

// inside, the choice goes with the account to other devices
function LangSelect(p: { inside?: boolean }) {
	return (
		<div class="lang-select">
			<select
				aria-label={t('nav.language')}
				value={lang()}
				onInput={e => {
					const code = e.currentTarget.value as Lang;
					setLang(code).then(
						() => p.inside && post('/api/account', { lang: code }).catch(() => {}),
						() => announce(t('error.no_connection')),
					);
				}}
			>
				{LANGS.map(l => (
					<option key={l.code} value={l.code} lang={l.tag} selected={l.code === lang()}>
						{l.name}
					</option>
				))}
			</select>
		</div>
	);
}

function Brand() {
	return (
		<span class="brand">
			<svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
				<path d="M3 20 10 4l3 7 2-3 6 12Z" fill="currentColor" />
			</svg>
			Safar
		</span>
	);
}

function Outside(p: { children: ComponentChildren }) {
	return (
		<div class="outside">
			<header>
				<Brand />
				<LangSelect />
			</header>
			<main id="main">{p.children}</main>
		</div>
	);
}

function Menu(p: { me: Me; path: string }) {
	const groups = MENU.map(g => ({
		...g,
		entries: g.entries.filter(e => allowed(e.roles, p.me.user.roles)),
	}));
	return (
		<>
			{groups
				.filter(g => g.entries.length > 0)
				.map(g => (
					<section key={g.title}>
						<h2>{t(g.title)}</h2>
						<ul>
							{g.entries.map(e => (
								<li key={e.path}>
									<a
										href={`#${e.path}`}
										aria-current={
											p.path === e.path || p.path.startsWith(`${e.path}/`) ? 'page' : undefined
										}
									>
										{t(e.title)}
									</a>
								</li>
							))}
						</ul>
					</section>
				))}
		</>
	);
}

function Inside(p: { me: Me; path: string; onGone: () => void }) {
	const [menu, setMenu] = useState(false);
	const found = match(ROUTES, p.path);
	useEffect(() => setMenu(false), [p.path]);
	function logout(): void {
		knock('/api/logout').then(
			() => {
				setCsrf('');
				location.hash = '#/';
				p.onGone();
			},
			() => announce(t('error.no_connection')),
		);
	}
	return (
		<div class="inside">
			<a
				class="skip"
				href="#main"
				onClick={e => {
					e.preventDefault();
					document.getElementById('main')?.focus();
				}}
			>
				{t('nav.skip')}
			</a>
			<header class="bar">
				<Brand />
				<button
					type="button"
					class="button plain menu-button"
					aria-expanded={menu}
					aria-controls="menu"
					onClick={() => setMenu(!menu)}
				>
					<span aria-hidden="true">☰ </span>
					{t('nav.menu')}
				</button>
			</header>
			<nav id="menu" class={menu ? 'open' : ''} aria-label={t('nav.menu')}>
				<Menu me={p.me} path={p.path} />
				<section class="who">
					<a href="#/account" aria-current={p.path === '/account' ? 'page' : undefined}>
						{p.me.user.name}
						<span class="unseen">, {t('nav.account')}</span>
					</a>
					<LangSelect inside />
					<Button onClick={logout}>{t('nav.logout')}</Button>
				</section>
			</nav>
			{/* data-path: what is shown, for who waits until it is that of the address */}
			<main id="main" tabIndex={-1} data-path={p.path}>
				{!found ? (
					<Missing />
				) : allowed(found.route.roles, p.me.user.roles) ? (
					<Page match={found} />
				) : (
					<>
						<h1>{t(found.route.title)}</h1>
						<Notice kind="warn">{t('error.http_403')}</Notice>
					</>
				)}
			</main>
		</div>
	);
}

function Missing() {
	return (
		<>
			<h1>{t('missing.head')}</h1>
			<p>{t('missing.text')}</p>
			<p>
				<a href="#/">{t('missing.home')}</a>
			</p>
		</>
	);
}

type Loadable = ComponentType<PageProps & { onSession?: (() => void) | undefined }>;

// A page's code comes when it is first wanted.
function Page(p: { match: Match; onSession?: () => void }) {
	const { route, params, path } = p.match;
	const [shown, setShown] = useState<{ path: string; page: Loadable } | null>(null);
	const [error, setError] = useState<unknown>(undefined);
	const [round, setRound] = useState(0);
	const first = useRef(true);
	useEffect(() => {
		let stale = false;
		setError(undefined);
		route.page().then(
			m => !stale && setShown({ path: route.path, page: m.default }),
			() => !stale && setError(true),
		);
		return () => void (stale = true);
	}, [route.path, round]);
	const ready = shown?.path === route.path;
	useEffect(() => {
		document.title = `${t(route.title)} · Safar`;
	});
	// whoever came by a link is told where they are: the heading takes the focus
	useEffect(() => {
		if (!ready) return;
		if (!first.current) {
			scrollTo(0, 0);
			const head = document.querySelector<HTMLElement>('main h1');
			head?.setAttribute('tabindex', '-1');
			head?.focus({ preventScroll: true });
		}
		first.current = false;
	}, [ready, path]);
	if (error)
		return (
			<Notice kind="bad">
				<p>{t('error.no_page')}</p>
				<Button onClick={() => setRound(round + 1)}>{t('do.again')}</Button>
			</Notice>
		);
	if (!shown || !ready) return <Waiting />;
	const Shown = shown.page;
	return (
		<Fence key={path}>
			<Shown params={params} onSession={p.onSession} />
		</Fence>
	);
}

// A page that breaks leaves the menu standing.
class Fence extends Component<{ children: ComponentChildren }, { broken: boolean }> {
	override state = { broken: false };
	static override getDerivedStateFromError() {
		return { broken: true };
	}
	render() {
		if (!this.state.broken) return this.props.children;
		return (
			<Notice kind="bad">
				<p>{t('error.broken')}</p>
				<Button onClick={() => location.reload()}>{t('do.reload')}</Button>
			</Notice>
		);
	}
}

// chart.ts - numbers over time, drawn by uPlot; loaded when a chart is shown.
import uPlot from 'uplot';

export interface Line {
	label: string;
	/** null: not known, a gap */
	values: (number | null)[];
	/** drawn paler and dashed */
	before?: boolean;
}

const HEIGHT = 260;

function colour(name: string): string {
	return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function axis(extra: uPlot.Axis): uPlot.Axis {
	return {
		stroke: colour('--muted'),
		grid: { stroke: colour('--line'), width: 1 },
		ticks: { stroke: colour('--line'), width: 1 },
		...extra,
	};
}

/** Draw into an element, as wide as it; the function given back takes it away. */
export function draw(
	at: HTMLElement,
	days: readonly string[],
	lines: readonly Line[],
	dayText: (day: string) => string,
): () => void {
	const options: uPlot.Options = {
		width: at.clientWidth,
		height: HEIGHT,
		padding: [8, 48, 0, 0],
		cursor: { drag: { x: false, y: false } },
		legend: { show: false },
		scales: { x: { time: false }, y: { range: (_u, _min, max) => [0, Math.max(max * 1.1, 10)] } },
		axes: [
			axis({
				splits: (_u, _axis, min, max) => {
					const step = Math.max(1, Math.ceil(days.length / Math.max(2, at.clientWidth / 110)));
					const all: number[] = [];
					for (let i = Math.ceil(min); i <= max; i += step) all.push(i);
					return all;
				},
				values: (_u, splits) => splits.map(i => dayText(days[i] ?? '')),
			}),
			axis({ size: 56 }),
		],
		series: [
			{},
			...lines.map(line => ({
				label: line.label,
				stroke: colour(line.before ? '--edge' : '--accent'),
				width: line.before ? 1.5 : 2.5,
				...(line.before && { dash: [5, 4] }),
				points: { show: days.length <= 31 && !line.before },
			})),
		],
	};
	const plot = new uPlot(options, [days.map((_d, i) => i), ...lines.map(l => l.values)], at);
	const resize = new ResizeObserver(() => plot.setSize({ width: at.clientWidth, height: HEIGHT }));
	resize.observe(at);
	return () => {
		resize.disconnect();
		plot.destroy();
	};
}

import { type Trace, type TraceNode, walk } from './trace.ts';

const MARKS = { fault: '✗', error: '!', throttle: '~', running: '…' } as const;
const LEGEND = { fault: 'fault', error: 'error', throttle: 'throttled', running: 'in progress' };
type Status = keyof typeof MARKS;

const INDENT = '  ';
/** The label takes at most this share of the width; the bars need the rest. */
const MAX_LABEL_SHARE = 0.5;
const MIN_BAR_WIDTH = 10;

/**
 * A trace as a waterfall: a line per segment and subsegment, indented by its caller, with a bar on
 * one time axis. Every line fits into `columns`.
 *
 * @param columns the width of the terminal, at least 40
 */
export function renderWaterfall(trace: Trace, columns: number): string[] {
  const rows = flatten(trace.roots, 0);
  const axis = axisOf(trace);
  const durations = rows.map(({ node }) => durationText(node));
  const durationWidth = Math.max(...durations.map((text) => text.length));
  const labels = rows.map(({ node, depth }) => INDENT.repeat(depth) + labelOf(node));
  const longest = Math.max(...labels.map((label) => label.length));
  // Mark, space, label, space, │bar│, space, duration.
  const free = Math.max(columns, 40) - durationWidth - 6;
  const labelWidth = Math.max(1, Math.min(longest, Math.floor(free * MAX_LABEL_SHARE)));
  const barWidth = Math.max(MIN_BAR_WIDTH, free - labelWidth);

  const lines = rows.map(({ node }, at) => {
    const status = statusOf(node);
    const label = toWidth(labels[at] ?? '', labelWidth);
    const bar = barOf(node, axis, barWidth);
    const duration = (durations[at] ?? '').padStart(durationWidth);
    return `${status ? MARKS[status] : ' '} ${label} │${bar}│ ${duration}`;
  });
  return [...headerOf(trace, axis), ...lines, ...legendOf(rows.map(({ node }) => node))];
}

interface Axis {
  startSeconds: number;
  endSeconds: number;
}

function axisOf(trace: Trace): Axis {
  const documents = [...walk(trace.roots)].map((node) => node.document);
  return {
    startSeconds: Math.min(...documents.map((document) => document.start_time)),
    endSeconds: Math.max(...documents.map((document) => document.end_time ?? document.start_time)),
  };
}

function headerOf(trace: Trace, axis: Axis): string[] {
  return [
    `Trace ${trace.traceId}`,
    `Started ${new Date(axis.startSeconds * 1000).toISOString()}, total ${milliseconds(
      axis.endSeconds - axis.startSeconds,
    )}`,
    '',
  ];
}

function legendOf(nodes: readonly TraceNode[]): string[] {
  const seen = new Set(nodes.map(statusOf));
  const entries = (Object.keys(MARKS) as Status[])
    .filter((status) => seen.has(status))
    .map((status) => `${MARKS[status]} ${LEGEND[status]}`);
  return entries.length === 0 ? [] : ['', entries.join('   ')];
}

function flatten(nodes: readonly TraceNode[], depth: number): { node: TraceNode; depth: number }[] {
  return nodes.flatMap((node) => [{ node, depth }, ...flatten(node.children, depth + 1)]);
}

/** The name, and what kind of thing it is where the name alone leaves it open. */
function labelOf({ document }: TraceNode): string {
  const detail = document.origin ?? document.aws?.operation;
  return detail ? `${document.name} (${detail})` : document.name;
}

function statusOf({ document }: TraceNode): Status | undefined {
  // A throttled call is an error as well: the more telling mark wins.
  if (document.throttle) return 'throttle';
  if (document.fault) return 'fault';
  if (document.error) return 'error';
  return document.end_time === undefined ? 'running' : undefined;
}

function barOf({ document }: TraceNode, axis: Axis, width: number): string {
  const totalSeconds = axis.endSeconds - axis.startSeconds;
  const cell = (seconds: number) =>
    totalSeconds === 0 ? 0 : ((seconds - axis.startSeconds) / totalSeconds) * width;
  const from = Math.min(width - 1, Math.floor(cell(document.start_time)));
  const end = cell(document.end_time ?? axis.endSeconds);
  // However short, it happened: at least one cell.
  const length = Math.max(1, Math.min(width, Math.round(end)) - from);
  return (' '.repeat(from) + '█'.repeat(length)).padEnd(width);
}

function durationText({ document }: TraceNode): string {
  if (document.end_time === undefined) return 'running';
  return milliseconds(document.end_time - document.start_time);
}

function milliseconds(seconds: number): string {
  return `${(seconds * 1000).toFixed(1)} ms`;
}

function toWidth(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
}

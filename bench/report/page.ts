import type { ApiResults } from '../api/api-results.ts';
import type { AudioResults } from '../api/audio-results.ts';
import type { CutResults } from '../cut/cut-results.ts';
import type { MemoryResults } from '../memory/memory-results.ts';
import { COLUMNS, figuresOf } from './cut-figures.ts';
import { megabytes, percent, seconds } from './format.ts';
import { describeMachine } from './machine.ts';
import { apiTargets, cutTargets, memoryTargets, type Target } from './targets.ts';

/** What was measured; what is absent was not, or is not kept. */
export interface Results {
  cut?: CutResults;
  memory?: MemoryResults;
  api?: ApiResults;
}

/** The parts of `docs/benchmarks.md` that are generated, by their names there. */
export function partsOf({ cut, memory, api }: Results): Map<string, string> {
  const targets = [
    ...cutTargets({ cases: cut?.cases ?? [] }),
    ...(memory ? memoryTargets(memory) : []),
    ...(api ? apiTargets(api) : []),
  ];
  return new Map([
    ['targets', targetTable(targets)],
    ['cut', cut ? cutPart(cut) : NOT_MEASURED],
    ['memory', memory ? memoryPart(memory) : NOT_MEASURED],
    ['api', api ? apiPart(api) : NOT_MEASURED],
  ]);
}

const NOT_MEASURED = 'Not measured.';

function targetTable(targets: readonly Target[]): string {
  const rows = targets.map(({ what, measured = '–', isReached }) => [
    what,
    measured,
    isReached === undefined ? 'not measured' : isReached ? 'yes' : '**no**',
  ]);
  return markdown(['target', 'measured', 'reached'], rows);
}

/** The figures of cutting, and what they were measured with. */
export function cutPart({ machine, episode, longEpisodeSeconds, cases }: CutResults): string {
  const { width, height, megabitsPerSecond } = episode;
  const tables = cases.map(
    (result) => `### ${result.case.name}\n\n${markdown(COLUMNS, figuresOf(result))}`,
  );
  const hours = (longEpisodeSeconds / 3600).toFixed(2);
  return [
    `${describeMachine(machine)}. Episodes of ${episode.seconds / 60} min and ${hours} h: ${width} × ${height}, ${megabitsPerSecond} Mbit/s.`,
    pipelineTable({ cases }),
    ...tables,
  ].join('\n\n');
}

function pipelineTable({ cases }: Pick<CutResults, 'cases'>): string {
  const rows = cases.flatMap((result) => {
    const bare = result.rows.find(({ method }) => method === 'exact');
    const whole = result.rows.find(({ method }) => method === 'pipeline');
    if (!bare || whole?.totalProcessingMs === undefined) return [];
    const times = [bare.wallMs, whole.wallMs, whole.totalProcessingMs];
    return [[result.case.name, ...times.map(seconds), seconds(whole.wallMs - bare.wallMs)]];
  });
  const head = ['clip', 'bare cut s', 'pipeline s', '`totalProcessingMs` s', 'added s'];
  return `### What the pipeline adds\n\n${markdown(head, rows)}`;
}

/** The figures of an hour. */
export function memoryPart({
  machine,
  episode,
  segmentSeconds,
  clip,
  stages,
}: MemoryResults): string {
  const rows = stages.map((stage) => [
    ...[stage.name, seconds(stage.wallMs), seconds(stage.cpuMs)],
    ...[stage.nodePeakBytes, stage.allPeakBytes].map(megabytes),
    ...[stage.inputBytes, stage.outputBytes, stage.diskPeakBytes].map(megabytes),
  ]);
  const head = [
    ...['stage', 'wall s', 'CPU s', 'node MB', 'all MB'],
    ...['input MB', 'output MB', 'disk MB'],
  ];
  const gigabytes = (episode.bytes / 1e9).toFixed(1);
  const { method, framesEncoded, firstFrameError, lastFrameError } = clip;
  return [
    `${describeMachine(machine)}. ${segmentSeconds / 60} of ${episode.seconds / 60} min, the whole of which has ${gigabytes} GB.`,
    markdown(head, rows),
    `By its receipt, the clip is \`${method}\`, ${framesEncoded} frames were encoded, and the errors of its first and last frame are ${firstFrameError} and ${lastFrameError}.`,
  ].join('\n\n');
}

/** The figures of the HTTP API, and of audio clips. */
export function apiPart({ machine, clients, http, audio }: ApiResults): string {
  const calls = http.map(({ what, requests, p50Ms, p99Ms, perSecond }) => [
    ...[what, String(requests), p50Ms.toFixed(0), p99Ms.toFixed(0), perSecond.toFixed(0)],
  ]);
  return [
    `${describeMachine(machine)}. ${clients} clients at once, the stack and all functions on the same machine:`,
    markdown(['route', 'requests', 'p50 ms', 'p99 ms', 'a second'], calls),
    audioPart(audio),
  ].join('\n\n');
}

function audioPart({ fileSeconds, clipSeconds, rows, indexed, cachedMs }: AudioResults): string {
  const table = rows.map(
    ({ format, minute, runs, wallMs, ffmpegAloneMs, bytesRead, fileBytes }) => [
      ...[format, String(minute), String(runs), seconds(wallMs), seconds(ffmpegAloneMs)],
      ...[megabytes(bytesRead), megabytes(fileBytes), percent(bytesRead / fileBytes)],
    ],
  );
  const head = [
    ...['file', 'minute', 'runs', 'cold s', 'FFmpeg alone s'],
    ...['read MB', 'file MB', 'read of file'],
  ];
  return [
    `Audio clips of ${clipSeconds} s out of ${fileSeconds / 3600} h:`,
    markdown(head, table),
    ...indexed.map(
      ({ format, wallMs, bytesRead }) =>
        `The first clip of the file “${format}”, for which all of it is read (${megabytes(bytesRead)} MB): ${seconds(wallMs)} s.`,
    ),
    `A clip that is there, for one caller: ${Math.round(cachedMs)} ms.`,
  ].join('\n\n');
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, n) => (n === 0 ? '---' : '---:'));
  return [head, rule, ...rows].map(line).join('\n');
}

/**
 * Puts generated text between the marks of its part.
 * @throws Error where a page has no such marks
 */
export function replacePart(page: string, name: string, content: string): string {
  const begin = `<!-- ${name}: made by npm run bench -->`;
  const end = `<!-- /${name} -->`;
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`A page must hold "${begin}" and "${end}".`);
  return `${before}${begin}\n\n${content}\n\n${end}${after}`;
}

import type { ApiResults } from '../api/api-results.ts';
import type { CaseResult, CutResults, CutRow } from '../cut/cut-results.ts';
import type { MethodName } from '../cut/cut-task.ts';
import type { MemoryResults } from '../memory/memory-results.ts';
import { megabytes, percent } from './format.ts';

/** Something that Splicebus is to reach, and whether it does. */
export interface Target {
  what: string;
  /** Absent: not measured. */
  measured?: string;
  isReached?: boolean;
}

/** What runs of one thing differ by anyway. */
const NOISE = 1.1;
const OURS: readonly MethodName[] = ['exact', 'copiedSound', 'pipeline'];
const SOUND: Partial<Record<MethodName, string>> = {
  exact: 'sound to the sample',
  copiedSound: 'AAC frames copied',
};

/** The targets of cutting, in the order in which they are told. */
export function cutTargets({ cases }: Pick<CutResults, 'cases'>): Target[] {
  return [
    fasterThanEncoding(cases, 30, 'copiedSound', 10),
    fasterThanEncoding(cases, 180, 'copiedSound', 25),
    fasterThanEncoding(cases, 30, 'exact', 7),
    fasterThanEncoding(cases, 180, 'exact', 15),
    slowerThanCopying(cases, 180, 'copiedSound', 4),
    slowerThanCopying(cases, 180, 'exact', 6),
    withoutErrors(cases),
    bytesRead(cases),
    processes(cases),
    whateverTheEpisode(cases),
  ];
}

/** The targets of a segment of an hour. */
export function memoryTargets({ stages }: Pick<MemoryResults, 'stages'>): Target[] {
  const peak = (what: string, of: 'nodePeakBytes' | 'allPeakBytes', limit: number): Target => {
    const bytes = Math.max(...stages.map((stage) => stage[of]));
    return { what, measured: `${megabytes(bytes)} MB`, isReached: bytes < limit };
  };
  const disk = Math.max(
    ...stages.map((stage) => stage.diskPeakBytes / (stage.inputBytes + stage.outputBytes)),
  );
  return [
    peak('an hour: Node.js below 512 MB', 'nodePeakBytes', 512e6),
    peak('an hour: all processes below 1.5 GB', 'allPeakBytes', 1.5e9),
    {
      what: 'an hour: temporary files no larger than input and output together',
      measured: `${disk.toFixed(2)} ×`,
      isReached: disk <= 1,
    },
  ];
}

/** The targets of the API: those of audio clips. */
export function apiTargets({ audio }: Pick<ApiResults, 'audio'>): Target[] {
  const { rows, clipSeconds, fileSeconds } = audio;
  const formats = [...new Set(rows.map(({ format }) => format))];
  const slowest = formats.map((format) => {
    const times = rows.filter((row) => row.format === format).map(({ wallMs }) => wallMs);
    return Math.max(...times) / Math.min(...times);
  });
  const share = Math.max(...rows.map(({ bytesRead, fileBytes }) => bytesRead / fileBytes));
  const clip = `an audio clip of ${clipSeconds} s out of ${fileSeconds / 3600} h`;
  return [
    atMost(`${clip}: wherever it lies, no more than 1.3 × as long`, Math.max(...slowest), 1.3),
    {
      what: `${clip}: no more than 3 % of the file is read`,
      measured: percent(share),
      isReached: share <= 0.03,
    },
  ];
}

function fasterThanEncoding(
  cases: readonly CaseResult[],
  seconds: number,
  method: MethodName,
  times: number,
): Target {
  const what = `${seconds} s, ${SOUND[method]}: at least ${times} × faster than encoding`;
  const [ours, encoding] = rowsOf(cases, seconds, method, 'ffmpegEncode');
  if (!ours || !encoding) return { what };
  return atLeast(what, encoding.wallMs / ours.wallMs, times);
}

function slowerThanCopying(
  cases: readonly CaseResult[],
  seconds: number,
  method: MethodName,
  times: number,
): Target {
  const what = `${seconds} s, ${SOUND[method]}: at most ${times} × as long as FFmpeg's copy`;
  const [ours, copying] = rowsOf(cases, seconds, method, 'ffmpegCopy');
  if (!ours || !copying) return { what };
  return atMost(what, ours.wallMs / copying.wallMs, times);
}

function withoutErrors(cases: readonly CaseResult[]): Target {
  const what = 'every clip of ours: first and last frame as asked for, none wrong between them';
  const rows = oursIn(cases);
  if (rows.length === 0) return { what };
  const faulty = rows.filter(
    ({ errors: { firstFrame, lastFrame, wrongFrames } }) =>
      firstFrame !== 0 || lastFrame !== 0 || wrongFrames !== 0,
  );
  const measured = `${rows.length - faulty.length} of ${rows.length}`;
  return { what, measured, isReached: faulty.length === 0 };
}

function bytesRead(cases: readonly CaseResult[]): Target {
  const what = 'bytes read: at most 1.25 × those of the chunks that the segments overlap';
  const shares = oursIn(cases).flatMap((row) =>
    row.chunkBytes ? row.bytesRead / row.chunkBytes : [],
  );
  return shares.length === 0 ? { what } : atMost(what, Math.max(...shares), 1.25);
}

function processes(cases: readonly CaseResult[]): Target {
  const what = 'to extract a segment: at most 3 processes';
  const counts = oursIn(cases).flatMap(({ segmentProcesses }) => segmentProcesses ?? []);
  if (counts.length === 0) return { what };
  const most = Math.max(...counts);
  return { what, measured: String(most), isReached: most <= 3 };
}

/** The slower one of our methods counts. */
function whateverTheEpisode(cases: readonly CaseResult[]): Target {
  const what = `the same clip of a long episode: as long as of a short one, but for ${Math.round((NOISE - 1) * 100)} % of noise`;
  const long = cases.find((one) => one.case.episode === 'long');
  const ratios = OURS.flatMap((method) => {
    const [before] = long ? rowsOf(cases, long.case.seconds, method) : [];
    const after = long?.rows.find((row) => row.method === method);
    return before && after ? after.wallMs / before.wallMs : [];
  });
  return ratios.length === 0 ? { what } : atMost(what, Math.max(...ratios), NOISE);
}

const oursIn = (cases: readonly CaseResult[]): CutRow[] =>
  cases.flatMap(({ rows }) => rows.filter(({ method }) => OURS.includes(method)));

/** Of the clip of one segment, of the short episode. */
function rowsOf(cases: readonly CaseResult[], seconds: number, ...methods: MethodName[]) {
  const found = cases.find(
    (one) =>
      one.case.seconds === seconds && one.case.segments === 1 && one.case.episode === 'short',
  );
  return methods.map((method) => found?.rows.find((row) => row.method === method));
}

const atLeast = (what: string, is: number, times: number): Target => ({
  ...{ what, measured: `${is.toFixed(is < 10 ? 2 : 1)} ×`, isReached: is >= times },
});

const atMost = (what: string, is: number, times: number): Target => ({
  ...{ what, measured: `${is.toFixed(2)} ×`, isReached: is <= times },
});

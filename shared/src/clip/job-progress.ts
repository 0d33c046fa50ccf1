import { endOf, type StatusEntry } from './clip-record.ts';

/** What a job goes through. Names are stable. */
export const JOB_STAGES = [
  'queued',
  'extracting',
  'stitching',
  'complete',
  'failed',
  'cancelled',
] as const;

export type JobStage = (typeof JOB_STAGES)[number];

export interface JobProgress {
  stage: JobStage;
  /** 0 to 100; 100 only once the file is there. */
  percentage: number;
}

/** Where the stages begin: extracting reads and cuts what stitching only copies. */
const EXTRACTING_FROM = 5;
const STITCHING_FROM = 80;

const ENDED = {
  'Generation Complete': 'complete',
  'Generation Failed': 'failed',
  Cancelled: 'cancelled',
} as const;

/** Percentages of work that has not ended: of the stitch, and of segments as `segment#0`. */
export interface WorkDone {
  readonly stitch?: number;
  readonly [segment: `segment#${number}`]: number | undefined;
}

/**
 * How far a job is, by what is known to have happened. More of that is never less far.
 * @param history the entries of its execution
 * @param segmentCount absent where it is not known yet
 */
export function progressOf(
  history: readonly StatusEntry[],
  segmentCount?: number,
  workDone: WorkDone = {},
): JobProgress {
  const end = endOf(history);
  const { isStitching, percentage } = beforeItsEnd(history, segmentCount, workDone);
  if (end) {
    const stage = ENDED[end.status];
    return { stage, percentage: stage === 'complete' ? 100 : percentage };
  }
  if (history.length === 0) return { stage: 'queued', percentage: 0 };
  return { stage: isStitching ? 'stitching' : 'extracting', percentage };
}

function beforeItsEnd(
  history: readonly StatusEntry[],
  segmentCount: number | undefined,
  workDone: WorkDone,
): { isStitching: boolean; percentage: number } {
  if (history.length === 0) return { isStitching: false, percentage: 0 };
  const { stitch } = workDone;
  if (stitch !== undefined || history.some(({ event }) => event === 'StitchRequested')) {
    return { isStitching: true, percentage: between(STITCHING_FROM, 100, (stitch ?? 0) / 100) };
  }
  const extracted = new Set(
    history.filter(({ event }) => event === 'SegmentExtracted').map((entry) => entry.segmentIndex),
  );
  const indexes = Array.from({ length: segmentCount ?? 0 }, (_, index) => index);
  const shares = indexes.map((index) =>
    extracted.has(index) ? 1 : (workDone[`segment#${index}`] ?? 0) / 100,
  );
  const share = shares.reduce((sum, one) => sum + one, 0) / Math.max(1, shares.length);
  return { isStitching: false, percentage: between(EXTRACTING_FROM, STITCHING_FROM, share) };
}

const between = (from: number, to: number, share: number) => Math.floor(from + share * (to - from));

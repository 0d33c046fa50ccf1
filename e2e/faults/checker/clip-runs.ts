import { ClipGenerationCancelled } from '#shared/events/clip-generation-cancelled';
import { ClipGenerationFailed } from '#shared/events/clip-generation-failed';
import { ClipGenerationRejected } from '#shared/events/clip-generation-rejected';
import { ClipGenerationStarted } from '#shared/events/clip-generation-started';
import { SegmentFailed } from '#shared/events/segment-failed';
import { isNewer } from '#shared/executions';
import type { FinalState, LoggedEvent } from './final-state.ts';

/** One clip in one execution, and all that was published about it. */
export interface ClipRun {
  readonly tenantId: string;
  readonly episodeId: string;
  readonly clipId: string;
  readonly executionId: string;
  readonly executionStartedAt: string;
  readonly events: readonly LoggedEvent[];
}

/** What is published about a clip of which no more is wanted. */
const ENDS: readonly string[] = [
  SegmentFailed,
  ClipGenerationFailed,
  ClipGenerationCancelled,
  ClipGenerationRejected,
].map(({ detailType }) => detailType);

/** The clips of the event log, each once per execution. */
export function clipRuns({ events }: Pick<FinalState, 'events'>): ClipRun[] {
  const runs = new Map<string, ClipRun & { events: LoggedEvent[] }>();
  for (const event of events) {
    const { tenantId, episodeId, clipId, executionId, executionStartedAt } = event.detail;
    if (!tenantId || !episodeId || !clipId || !executionId || !executionStartedAt) continue;
    const key = [tenantId, episodeId, clipId, executionId].join('#');
    const ids = { tenantId, episodeId, clipId, executionId, executionStartedAt };
    const run = runs.get(key) ?? { ...ids, events: [] };
    run.events.push(event);
    runs.set(key, run);
  }
  return [...runs.values()];
}

/** The runs of each clip, the newest first. */
export function runsByClip(runs: readonly ClipRun[]): ClipRun[][] {
  const clips = new Map<string, ClipRun[]>();
  for (const run of runs) {
    const key = [run.tenantId, run.episodeId, run.clipId].join('#');
    clips.set(key, [...(clips.get(key) ?? []), run]);
  }
  return [...clips.values()].map((clip) => clip.sort((a, b) => (isNewer(a, b) ? -1 : 1)));
}

export const ofType = ({ events }: Pick<ClipRun, 'events'>, detailType: string): LoggedEvent[] =>
  events.filter((event) => event['detail-type'] === detailType);

export const isAccepted = (run: ClipRun): boolean =>
  ofType(run, ClipGenerationStarted.detailType).length > 0;

/** Whether something other than a finished clip has ended the run. */
export const isGivenUp = ({ events }: ClipRun): boolean =>
  events.some((event) => ENDS.includes(event['detail-type']));

export const nameOf = ({ clipId, executionId }: Pick<ClipRun, 'clipId' | 'executionId'>): string =>
  `${clipId} of ${executionId}`;

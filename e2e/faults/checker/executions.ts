import type { ClipRecord, ClipStatus } from '#shared/clip/clip-record';
import { ClipGenerationRejected } from '#shared/events/clip-generation-rejected';
import { ClipGenerationStarted } from '#shared/events/clip-generation-started';
import { ExecutionFinished } from '#shared/events/execution-finished';
import { tableKeys } from '#shared/keys';
import type { ExecutionRecord } from '../../../services/status/src/execution-store.ts';
import { clipRuns } from './clip-runs.ts';
import type { FinalState, LoggedEvent } from './final-state.ts';
import type { Guarantee, Violation } from './violation.ts';

/** Execution items against the clips of each execution. */
export function checkExecutions(state: FinalState): Violation[] {
  const ids = new Set(state.events.flatMap(({ detail }) => detail.executionId ?? []));
  return [...ids].flatMap((executionId) => checkExecution(executionId, state));
}

function checkExecution(executionId: string, state: FinalState): Violation[] {
  const violations: Violation[] = [];
  const broken = (guarantee: Guarantee, detail: string) =>
    violations.push({ guarantee, subject: executionId, detail });
  const { pk, sk } = tableKeys.execution(executionId);
  const events = state.events.filter(({ detail }) => detail.executionId === executionId);
  const execution = state.items.find((item) => item.pk === pk && item.sk === sk) as
    | ExecutionRecord
    | undefined;
  // A cancellation may name an execution that never was: nothing comes of it.
  if (!execution) {
    const isKnown = events.some(({ source }) => source !== 'nullcheck.clips');
    if (isKnown) broken('execution-finished-once', 'it has no item');
    return violations;
  }
  if (execution.status === 'running') broken('execution-finished-once', 'it is still running');
  violations.push(...checkFinished(execution, events));

  const { processedClips, failedClips, cancelledClips, totalClips } = execution;
  const ended = new Set(execution.endedClips ?? []);
  const sum = processedClips + failedClips + cancelledClips;
  const clips = clipsOf(events);
  if (sum !== ended.size) broken('clips-counted-once', `${sum} are counted, ${ended.size} ended`);
  // One that ended as a whole counts no clips that are heard of later.
  if (execution.processingError) return violations;
  if (clips.size > 0 && totalClips !== sum) {
    broken('clips-counted-once', `${sum} of ${totalClips} clips are counted`);
  }
  const lost = [...clips].filter((clip) => !ended.has(clip));
  if (lost.length > 0) broken('one-end', `${lost.join(', ')} never ended`);
  for (const [counted, statuses] of COUNTERS) {
    const found = recordsOf(executionId, state).filter(({ status }) => status === statuses).length;
    // Clips of newer executions and rejected ones without an id have no record to compare with.
    if (execution[counted] < found) {
      broken('clips-counted-once', `${found} clips are ${statuses}, ${execution[counted]} counted`);
    }
  }
  return violations;
}

const COUNTERS: readonly (readonly [
  'processedClips' | 'failedClips' | 'cancelledClips',
  ClipStatus,
])[] = [
  ['processedClips', 'Generation Complete'],
  ['failedClips', 'Generation Failed'],
  ['cancelledClips', 'Cancelled'],
];

function checkFinished(execution: ExecutionRecord, events: readonly LoggedEvent[]): Violation[] {
  const finished = events.filter((event) => event['detail-type'] === ExecutionFinished.detailType);
  const broken = (detail: string): Violation[] => [
    { guarantee: 'execution-finished-once', subject: execution.executionId, detail },
  ];
  const eventIds = new Set(finished.map(({ detail }) => detail.meta?.eventId));
  if (eventIds.size > 1) return broken(`${eventIds.size} different events say that it has ended`);
  const hasEnded = execution.status !== 'running';
  // A request that does not even say whose it is cannot be answered.
  const isAnswerable = execution.tenantId !== undefined && execution.episodeId !== undefined;
  if (hasEnded && isAnswerable && eventIds.size === 0) return broken('nobody was told of its end');
  const [wrong] = finished.filter(
    ({ detail }) =>
      detail.status !== execution.status ||
      detail.processedClips !== execution.processedClips ||
      detail.failedClips !== execution.failedClips ||
      detail.cancelledClips !== execution.cancelledClips,
  );
  if (!wrong) return [];
  const { status, processedClips, failedClips, cancelledClips } = wrong.detail;
  return broken(
    `its event says ${status}, ${processedClips}, ${failedClips}, ${cancelledClips}, its item ` +
      `${execution.status}, ${execution.processedClips}, ${execution.failedClips}, ${execution.cancelledClips}`,
  );
}

/** The clips of an execution by what they are counted as. */
function clipsOf(events: readonly LoggedEvent[]): Set<string> {
  const clips = new Set<string>();
  for (const { 'detail-type': type, detail } of events) {
    if (type === ClipGenerationStarted.detailType) clips.add(detail.clipId!);
    const isOfClip = type === ClipGenerationRejected.detailType && detail.clipIndex !== undefined;
    if (isOfClip) clips.add(detail.clipId ?? `#${detail.clipIndex}`);
  }
  return clips;
}

function recordsOf(executionId: string, state: FinalState): ClipRecord[] {
  const runs = clipRuns(state).filter((run) => run.executionId === executionId);
  return runs.flatMap((run) => {
    const { pk, sk } = tableKeys.clip(run);
    const record = state.items.find((item) => item.pk === pk && item.sk === sk);
    return record?.executionId === executionId ? [record as unknown as ClipRecord] : [];
  });
}

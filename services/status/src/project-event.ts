import { ClipGenerationRejected } from '#shared/events/clip-generation-rejected';
import { ClipGenerationStarted } from '#shared/events/clip-generation-started';
import { ClipProgressed } from '#shared/events/clip-progressed';
import { type BusEvent, parseEvent } from '#shared/events/define-event';
import { assertOwnExecution } from '#shared/storage/own-execution';
import { readFact } from './clip-fact.ts';
import { saveFact } from './clip-store.ts';
import { countClipEnd, endWhenAllClipsEnded, failExecution } from './end-execution.ts';
import { countEnd } from './execution-store.ts';
import { saveProgress } from './save-progress.ts';
import { noteStarted } from './started-clips.ts';

/**
 * Projects one of our events into the clip's record and the execution's counters. Idempotent.
 * @throws PermanentError `EVENT_INVALID`, also where the execution is another tenant's
 */
export async function projectEvent(event: BusEvent): Promise<void> {
  if (event['detail-type'] === ClipGenerationRejected.detailType) return projectRejection(event);
  if (event['detail-type'] === ClipProgressed.detailType) return saveProgress(event);
  const fact = readFact(event);
  if (!fact) return;
  await assertOwnExecution(fact);
  const record = await saveFact(fact);
  if (fact.derived) return;
  const context = { ...fact, ...originOf(event, fact.eventId) };
  const isStart = event['detail-type'] === ClipGenerationStarted.detailType;
  if (isStart) await noteStarted(fact.executionId, fact);
  if (fact.status === 'Generation in Progress' && !isStart) return;
  await countClipEnd(context, fact, record);
  await endWhenAllClipsEnded(context, isStart ? totalOf(event) : undefined);
}

/** A rejection may be about the whole request, about a clip, or about a clip whose id cannot be used. */
async function projectRejection(event: BusEvent): Promise<void> {
  const { detail } = parseEvent(ClipGenerationRejected, event);
  await assertOwnExecution(detail);
  const context = { ...detail, ...originOf(event, detail.meta.eventId) };
  if (detail.clipIndex === undefined) return failExecution(context, detail.error);
  const fact = readFact(event);
  if (fact) await countClipEnd(context, fact, await saveFact(fact));
  else await countEnd(context, `#${detail.clipIndex}`, 'Generation Failed');
  await endWhenAllClipsEnded(context, detail.clipCount);
}

const totalOf = (event: BusEvent) => parseEvent(ClipGenerationStarted, event).detail.clipCount;

function originOf(event: BusEvent, causationId: string) {
  const { meta } = event.detail as { meta: { correlationId: string } };
  return { correlationId: meta.correlationId, causationId };
}

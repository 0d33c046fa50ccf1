import type { ClipRecord } from '#shared/clip/clip-record';
import { readFileMetadata, rungsOf } from '#shared/clip/file-metadata';
import { executionOfDerived, objectKeys, tableKeys } from '#shared/keys';
import { isAboutDerived } from './about-derived.ts';
import { type ClipRun, clipRuns, nameOf, runsByClip } from './clip-runs.ts';
import type { FinalState } from './final-state.ts';
import type { Guarantee, Violation } from './violation.ts';

/** What is made of finished clips: pictures, and the rungs of their ladders. */
export function checkDerived(state: FinalState): Violation[] {
  const runs = clipRuns(state);
  return [
    ...runs.flatMap(checkOutcomes),
    ...runsByClip(runs).flatMap((clip) => checkClip(clip, state)),
  ];
}

/** Whatever was published again said the same, and nothing came out as two different things. */
function checkOutcomes(run: ClipRun): Violation[] {
  const versions = new Map<string, Set<string>>();
  const results = new Map<string, Set<string>>();
  const note = (notes: typeof versions, what: string, said: string) =>
    notes.set(what, (notes.get(what) ?? new Set()).add(said));
  for (const { 'detail-type': type, detail } of run.events) {
    if (!isAboutDerived(type)) continue;
    const what = detail.rendition ?? 'thumbnails';
    note(versions, `${type} of ${what} (${detail.meta?.eventId})`, JSON.stringify(detail));
    if (/Made|Omitted/.test(type)) note(results, what, type);
  }
  return [...versions, ...results].flatMap(([what, said]): Violation[] => {
    if (said.size === 1) return [];
    const detail = `there are ${said.size} versions of ${what}`;
    return [{ guarantee: 'derived-once', subject: nameOf(run), detail }];
  });
}

function checkClip(runs: readonly ClipRun[], state: FinalState): Violation[] {
  const ids = runs[0]!;
  const file = state.objects.find(({ key }) => key === objectKeys.clip(ids));
  const origin = file && readFileMetadata(file.metadata ?? {});
  if (!origin) return [];
  const { executionId } = origin.execution;
  const violations: Violation[] = [];
  const broken = (guarantee: Guarantee, detail: string) =>
    violations.push({ guarantee, subject: nameOf({ ...ids, executionId }), detail });

  const { pk, sk } = tableKeys.clip(ids);
  const record = state.items.find((item) => item.pk === pk && item.sk === sk) as
    | ClipRecord
    | undefined;
  const { derivedFrom, poster, thumbnails = [], thumbnailsError, renditions = [] } = record ?? {};
  if (derivedFrom?.executionId !== executionId) {
    broken('derived-told', `it tells of the file of ${derivedFrom?.executionId}`);
  }
  const hasPictures = poster !== undefined && thumbnails.length === 3;
  if (hasPictures === (thumbnailsError !== undefined)) {
    broken('derived-told', 'it has neither thumbnails nor a reason, or both');
  }
  const ended = renditions.filter(({ status }) => status !== 'requested').map(({ name }) => name);
  const wanted = rungsOf(origin);
  if (ended.join() !== wanted.join()) broken('derived-told', `of ${wanted} it tells of ${ended}`);

  const present = new Set(state.objects.map(({ key }) => key));
  const pictures = poster ? [poster, ...thumbnails] : [];
  const named = [
    ...pictures.map(({ s3Key }) => s3Key),
    ...renditions.flatMap((rung) =>
      rung.status === 'made' ? [rung.s3Key, rung.playlistKey, rung.mediaKey] : [],
    ),
  ];
  const missing = named.filter((key) => !present.has(key));
  if (missing.length > 0) broken('derived-files', `${missing} is not there`);

  const folder = `${ids.episodeId}/clips/${ids.clipId}/`;
  for (const key of present) {
    const owner = key.startsWith(folder) ? executionOfDerived(key) : undefined;
    if (owner === undefined || owner === executionId) continue;
    // A stitcher that died each time could clear away neither its own files nor those of others.
    if (hasStitcherGivenUp(state, ids)) continue;
    broken('derived-files', `${key} is left`);
  }
  return violations;
}

interface Payload {
  readonly detail?: { readonly clipId?: string; readonly object?: { readonly key: string } };
}

/** Whether anything of the stitcher's about a clip was given up after all retries, or never reached it. */
function hasStitcherGivenUp({ events, undelivered }: FinalState, ids: ClipRun): boolean {
  const isAbout = ({ detail }: Payload) =>
    detail?.clipId === ids.clipId || detail?.object?.key === objectKeys.clip(ids);
  const isReported = events.some(({ source, detail }) => {
    if (source !== 'lambda') return false;
    const { requestContext, requestPayload } = detail as unknown as {
      requestContext: { functionArn: string };
      requestPayload: Payload;
    };
    return requestContext.functionArn.includes(':splicebus-stitcher-') && isAbout(requestPayload);
  });
  const isLost = undelivered.some(
    ({ functionName, event }) =>
      functionName.startsWith('splicebus-stitcher-') && isAbout(event as Payload),
  );
  return isReported || isLost;
}

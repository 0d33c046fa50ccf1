import { objectKeys, tableKeys } from '#shared/keys';
import { isAboutDerived } from './about-derived.ts';
import type {
  FinalState,
  LoggedDetail,
  LoggedEvent,
  StoredObject,
  TableItem,
} from './final-state.ts';

export const IDS = { tenantId: 'acme', episodeId: 'pilot' };
export const CLIP_ID = 'one';
export const OLDER = {
  executionId: '0'.repeat(32),
  executionStartedAt: '2026-03-01T12:00:00.000Z',
};
export const NEWER = {
  executionId: '1'.repeat(32),
  executionStartedAt: '2026-03-01T13:00:00.000Z',
};

type Execution = typeof OLDER;

/** Everything in it may be changed, to plant a violation. */
export interface Planted extends FinalState {
  items: TableItem[];
  objects: StoredObject[];
  events: LoggedEvent[];
}

/** What is left of a clip of two segments that was made, and then made again: nothing is wrong with it. */
export function cleanState(): Planted {
  const before = {
    items: [
      { ...tableKeys.episode(IDS), tracks: {} },
      { pk: 'globex#pilot', sk: 'clip#one', status: 'Generation Complete' },
    ],
    objects: [{ key: 'pilot/tracks/main/index.m3u8', etag: '"track"' }],
  };
  const events = [...eventsOf(OLDER), ...eventsOf(NEWER)];
  const statusHistory = events.flatMap(({ 'detail-type': event, detail }) =>
    detail.clipId
      ? {
          event,
          eventId: detail.meta?.eventId,
          executionId: detail.executionId,
          timestamp: detail.executionStartedAt,
          status:
            event === 'ClipStitched' || isAboutDerived(event)
              ? 'Generation Complete'
              : 'Generation in Progress',
        }
      : [],
  );
  const record = {
    ...tableKeys.clip({ ...IDS, clipId: CLIP_ID }),
    ...IDS,
    ...NEWER,
    clipId: CLIP_ID,
    status: 'Generation Complete',
    statusHistory,
    derivedFrom: NEWER,
    ...derivedOf(NEWER),
  };
  return {
    before: structuredClone(before),
    items: [...before.items, record, ...itemsOf(OLDER), ...itemsOf(NEWER)],
    objects: [...before.objects, finishedClip(NEWER), ...derivedFiles(NEWER)],
    events,
    undelivered: [],
  };
}

/** `clip.mp4` as an execution writes it. */
export const finishedClip = ({ executionId, executionStartedAt }: Execution): StoredObject => ({
  key: `pilot/clips/${CLIP_ID}/clip.mp4`,
  etag: '"clip"',
  metadata: {
    'tenant-id': IDS.tenantId,
    'execution-id': executionId,
    'execution-started-at': executionStartedAt,
    'correlation-id': 'request',
  },
});

/** What the record tells of what was made of an execution's file. */
function derivedOf({ executionId }: Execution) {
  const ids = { ...IDS, clipId: CLIP_ID, executionId };
  const rung = { ...ids, rendition: 'source' };
  return {
    poster: { s3Key: objectKeys.picture(ids, 'poster') },
    thumbnails: [1, 2, 3].map((n) => ({ s3Key: objectKeys.picture(ids, `thumbnail-${n}`) })),
    renditions: [
      {
        name: 'source',
        status: 'made',
        s3Key: objectKeys.clip(ids),
        playlistKey: objectKeys.rendition(rung, 'm3u8'),
        mediaKey: objectKeys.rendition(rung, 'm4s'),
      },
    ],
  };
}

/** The files of {@link derivedOf}. */
export function derivedFiles(execution: Execution): StoredObject[] {
  const { poster, thumbnails, renditions } = derivedOf(execution);
  const pictures = [poster, ...thumbnails].map(({ s3Key }) => s3Key);
  const rungs = renditions.flatMap(({ playlistKey, mediaKey }) => [playlistKey, mediaKey]);
  return [...pictures, ...rungs].map((key) => ({ key, etag: '"derived"' }));
}

/** An event of an execution; about the clip, unless `changes` says otherwise. */
export function eventOf(
  execution: Execution,
  detailType: string,
  changes: LoggedDetail = {},
): LoggedEvent {
  const place = [changes.segmentIndex, changes.clipIndex, changes.rendition].join('-');
  const eventId = `${execution.executionId}-${detailType}-${place}`;
  return {
    id: eventId,
    source: 'nullcheck.clips.someone',
    'detail-type': detailType,
    detail: {
      ...IDS,
      ...execution,
      clipId: CLIP_ID,
      segmentCount: 2,
      meta: { eventId },
      ...changes,
    },
  };
}

function eventsOf(execution: Execution): LoggedEvent[] {
  const request = { ...IDS, requestId: execution.executionId };
  const counts = { status: 'completed', processedClips: 1, failedClips: 0, cancelledClips: 0 };
  return [
    {
      id: `begin-${execution.executionId}`,
      source: 'nullcheck.clips',
      'detail-type': 'Begin Clip Generation',
      detail: request,
    },
    eventOf(execution, 'ClipGenerationStarted', { clipIndex: 0, clipCount: 1 }),
    eventOf(execution, 'SegmentRequested', { segmentIndex: 0 }),
    eventOf(execution, 'SegmentRequested', { segmentIndex: 1 }),
    eventOf(execution, 'SegmentExtracted', { segmentIndex: 0 }),
    eventOf(execution, 'SegmentExtracted', { segmentIndex: 1 }),
    eventOf(execution, 'StitchRequested', { segments: [{}, {}] }),
    eventOf(execution, 'ClipStitched', { superseded: false }),
    eventOf(execution, 'ThumbnailsRequested'),
    eventOf(execution, 'ThumbnailsMade'),
    eventOf(execution, 'RenditionRequested', { rendition: 'source' }),
    eventOf(execution, 'RenditionMade', { rendition: 'source' }),
    eventOf(execution, 'ExecutionFinished', { ...counts, clipId: undefined, totalClips: 1 }),
  ];
}

function itemsOf(execution: Execution): TableItem[] {
  const { executionId } = execution;
  return [
    {
      ...tableKeys.assembly({ ...IDS, clipId: CLIP_ID, executionId }),
      segmentCount: 2,
      received: 2,
      'segment#0': {},
      'segment#1': {},
      stitchRequested: true,
    },
    {
      ...tableKeys.execution(executionId),
      ...IDS,
      ...execution,
      status: 'completed',
      totalClips: 1,
      processedClips: 1,
      failedClips: 0,
      cancelledClips: 0,
      endedClips: new Set([CLIP_ID]),
    },
  ];
}

import { expect, it } from 'vitest';
import { checkGuarantees } from './check-guarantees.ts';
import {
  CLIP_ID,
  cleanState,
  derivedFiles,
  eventOf,
  finishedClip,
  NEWER,
  OLDER,
  type Planted,
} from './final-state.fixture.ts';
import type { Guarantee } from './violation.ts';

/** Changes items whose sort key begins so; of executions, only the newer one's. */
function change(state: Planted, sortKey: string, changes: Record<string, unknown>): void {
  state.items = state.items.map((item) => {
    const isOther = item.pk.startsWith('globex') || item.pk.includes(OLDER.executionId);
    const isIt = item.sk.startsWith(sortKey) && !isOther && !item.sk.includes(OLDER.executionId);
    return isIt ? { ...item, ...changes } : item;
  });
}

const recordOf = ({ items }: Planted) =>
  items.find(({ pk, sk }) => pk === 'acme#pilot' && sk === `clip#${CLIP_ID}`) as unknown as {
    statusHistory: Record<string, unknown>[];
  };

const without = (state: Planted, detailType: string) => {
  state.events = state.events.filter(
    (event) =>
      event['detail-type'] !== detailType || event.detail.executionId !== NEWER.executionId,
  );
};

it('finds nothing where nothing is wrong', () => {
  expect(checkGuarantees(cleanState())).toEqual([]);
});

it.each<[what: string, guarantee: Guarantee, plant: (state: Planted) => void]>([
  [
    'a counter that counts twice',
    'segments-counted-once',
    (s) => change(s, 'assembly#', { received: 3 }),
  ],
  [
    'a counter that misses one',
    'segments-counted-once',
    (s) => change(s, 'assembly#', { received: 1 }),
  ],
  [
    'a segment that the clip does not have',
    'segments-counted-once',
    (s) => change(s, 'assembly#', { received: 3, 'segment#2': {} }),
  ],
  [
    'a lost StitchRequested',
    'stitch-when-complete',
    (s) => {
      without(s, 'StitchRequested');
      without(s, 'ClipStitched');
    },
  ],
  [
    'a StitchRequested before all segments are there',
    'stitch-when-complete',
    (s) => {
      const early = s.events.findIndex(({ 'detail-type': type }) => type === 'SegmentExtracted');
      s.events.splice(early, 0, eventOf(OLDER, 'StitchRequested', { segments: [{}, {}] }));
    },
  ],
  [
    'a StitchRequested that lacks a segment',
    'stitch-when-complete',
    (s) => s.events.push(eventOf(NEWER, 'StitchRequested', { segments: [{}] })),
  ],
  [
    'a second stitch',
    'one-stitch',
    (s) => s.events.push(eventOf(NEWER, 'ClipStitched', { superseded: true })),
  ],
  [
    'a stitch that succeeds and fails',
    'one-stitch',
    (s) => s.events.push(eventOf(NEWER, 'StitchFailed')),
  ],
  [
    'a status that goes back',
    'terminal-stays',
    (s) => change(s, 'clip#', { status: 'Generation in Progress' }),
  ],
  [
    'a status that no event stands for',
    'terminal-stays',
    (s) => change(s, 'clip#', { status: 'Cancelled' }),
  ],
  [
    'a clip that stays in progress',
    'one-end',
    (s) => change(s, 'clip#', { status: 'Generation in Progress' }),
  ],
  [
    'a clip without a record',
    'one-end',
    (s) => {
      s.items = s.items.filter(({ sk, pk }) => pk !== 'acme#pilot' || !sk.startsWith('clip#'));
    },
  ],
  [
    'a clip that no execution counts',
    'one-end',
    (s) => change(s, 'state', { endedClips: new Set() }),
  ],
  [
    'a record that speaks of an older execution',
    'newest-execution',
    (s) => change(s, 'clip#', OLDER),
  ],
  [
    'a history entry twice',
    'history',
    (s) => recordOf(s).statusHistory.push({ ...recordOf(s).statusHistory.at(-1) }),
  ],
  ['a history out of order', 'history', (s) => recordOf(s).statusHistory.reverse()],
  ['a history that lacks an event', 'history', (s) => recordOf(s).statusHistory.splice(2, 1)],
  [
    'a history with an event that never was',
    'history',
    (s) => {
      recordOf(s).statusHistory.at(-1)!.eventId = 'made up';
    },
  ],
  [
    'a clip overwritten by an older execution',
    'newest-file',
    (s) => {
      s.objects = [...s.before.objects, finishedClip(OLDER)];
    },
  ],
  [
    'a finished clip that is not there',
    'newest-file',
    (s) => {
      s.objects = [...s.before.objects];
    },
  ],
  [
    'a file that nobody has told of',
    'newest-file',
    (s) => {
      without(s, 'ClipStitched');
    },
  ],
  [
    'a rendition that never ends',
    'derived-told',
    (s) => change(s, 'clip#', { renditions: [{ name: 'source', status: 'requested' }] }),
  ],
  [
    'a rendition that nobody hears of',
    'derived-told',
    (s) => change(s, 'clip#', { renditions: [] }),
  ],
  [
    'thumbnails that nobody hears of',
    'derived-told',
    (s) => change(s, 'clip#', { poster: undefined }),
  ],
  [
    'a record that tells of what was made of an older file',
    'derived-told',
    (s) => change(s, 'clip#', { derivedFrom: OLDER }),
  ],
  [
    'a rendition that is made and left out',
    'derived-once',
    (s) => s.events.push(eventOf(NEWER, 'RenditionOmitted', { rendition: 'source' })),
  ],
  [
    'an event that says something else when it is published again',
    'derived-once',
    (s) => s.events.push(eventOf(NEWER, 'ThumbnailsMade', { segmentCount: 3 })),
  ],
  [
    'a poster that is not there',
    'derived-files',
    (s) => {
      s.objects = s.objects.filter(({ key }) => !key.endsWith('poster.jpg'));
    },
  ],
  [
    'what was made of a file that was replaced',
    'derived-files',
    (s) => s.objects.push(...derivedFiles(OLDER)),
  ],
  [
    'a completion that only what follows it tells of',
    'terminal-stays',
    (s) => {
      const { statusHistory } = recordOf(s);
      const isEnd = ({ event, executionId }: Record<string, unknown>) =>
        event === 'ClipStitched' && executionId === NEWER.executionId;
      statusHistory.splice(statusHistory.findIndex(isEnd), 1);
    },
  ],
  [
    'intermediates left over',
    'no-intermediates',
    (s) =>
      s.objects.push({
        key: `pilot/clips/${CLIP_ID}/segments/${NEWER.executionId}/0.ts`,
        etag: '"left"',
      }),
  ],
  [
    'a clip that counts twice',
    'clips-counted-once',
    (s) => change(s, 'state', { processedClips: 2 }),
  ],
  [
    'a clip that counts as something else',
    'clips-counted-once',
    (s) => change(s, 'state', { processedClips: 0, failedClips: 1 }),
  ],
  ['a total that is wrong', 'clips-counted-once', (s) => change(s, 'state', { totalClips: 2 })],
  [
    'an execution that runs for ever',
    'execution-finished-once',
    (s) => change(s, 'state', { status: 'running' }),
  ],
  [
    'an execution without an item',
    'execution-finished-once',
    (s) => {
      s.items = s.items.filter(({ pk }) => pk !== `processing#${NEWER.executionId}`);
    },
  ],
  [
    'an end that nobody is told of',
    'execution-finished-once',
    (s) => without(s, 'ExecutionFinished'),
  ],
  [
    'an end that is told twice',
    'execution-finished-once',
    (s) => {
      const told = s.events.at(-1)!;
      s.events.push({ ...told, detail: { ...told.detail, meta: { eventId: 'another' } } });
    },
  ],
  [
    'an end that is told wrongly',
    'execution-finished-once',
    (s) => {
      const told = s.events.at(-1)!;
      s.events.push({ ...told, detail: { ...told.detail, processedClips: 0 } });
    },
  ],
  [
    "another tenant's record changed",
    'isolation',
    (s) => {
      s.items = s.items.map((item) =>
        item.pk === 'globex#pilot' ? { ...item, status: 'Cancelled' } : item,
      );
    },
  ],
  ['an item of nobody', 'isolation', (s) => s.items.push({ pk: 'globex#other', sk: 'clip#two' })],
  [
    'a source removed',
    'isolation',
    (s) => {
      s.objects = s.objects.filter(({ key }) => !key.includes('/tracks/'));
    },
  ],
])('finds %s', (_what, guarantee, plant) => {
  const state = cleanState();
  plant(state);
  expect(checkGuarantees(state).map((violation) => violation.guarantee)).toContain(guarantee);
});

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageServices } from '#local/packaging/package-services';
import type { ErrorCode } from '#shared/errors';
import { type EditableResource, editTemplates } from '../harness/edit-templates.ts';
import { type Splicebus, startSplicebus, TENANT_ID } from '../harness/splicebus.ts';

/** Each limit of a request: its parameter, the variable it becomes, and a value that is soon passed. */
const LIMITS = [
  ['maxClipsPerRequest', 'MAX_CLIPS_PER_REQUEST', 2],
  ['maxSegmentsPerClip', 'MAX_SEGMENTS_PER_CLIP', 3],
  ['maxSegmentSeconds', 'MAX_SEGMENT_SECONDS', 4],
] as const;

const defaults = readFileSync(
  new URL('../../shared/serverless/common/limits.yml', import.meta.url),
  'utf8',
);

/** The variables of the functions as they were packaged. */
const packaged: Record<string, string>[] = [];

function setLimits({ Type, Properties }: EditableResource): void {
  if (Type !== 'AWS::Lambda::Function') return;
  const { Variables } = Properties.Environment as { Variables: Record<string, string> };
  packaged.push({ ...Variables });
  for (const [, name, value] of LIMITS) if (Variables[name]) Variables[name] = String(value);
}

let splicebus: Splicebus;
beforeAll(async () => {
  splicebus = await startSplicebus({
    packages: await packageServices(),
    edit: (packages, folder) => editTemplates(packages, folder, setLimits),
  });
  await splicebus.ingest('plain');
});
afterAll(() => splicebus?.stop());

const spans = (count: number, seconds = 1) =>
  Array.from({ length: count }, (_, n) => ({ startTime: n, endTime: n + seconds }));

it.each(LIMITS)('%s is a parameter of the templates', (parameter, variable) => {
  const [, value] = new RegExp(`^  ${parameter}: '(\\d+)'$`, 'm').exec(defaults)!;
  const set = packaged.flatMap((variables) => variables[variable] ?? []);
  expect(set.length).toBeGreaterThan(0);
  expect(new Set(set)).toEqual(new Set([value]));
});

describe('what passes a limit fails by its name', () => {
  const failed = async (clips: { clipId: string; segments: object[] }[]) => {
    const detail = { tenantId: TENANT_ID, episodeId: 'plain', clips };
    const execution = await splicebus.finished(await splicebus.begin(detail));
    return { execution, clip: await splicebus.clip('plain', clips[0]!.clipId) };
  };

  it.each<[string, object[], ErrorCode, string]>([
    [
      'segments',
      spans(4),
      'CLIP_INVALID',
      '4 segments, more than the 3 allowed (maxSegmentsPerClip)',
    ],
    [
      'seconds',
      spans(1, 5),
      'CLIP_INVALID',
      'longer than 4 s: split it, or raise maxSegmentSeconds',
    ],
  ])('too many %s', async (what, segments, code, says) => {
    const { clip } = await failed([{ clipId: `too-many-${what}`, segments }]);
    expect(clip).toMatchObject({
      status: 'Generation Failed',
      processingError: { code, message: expect.stringContaining(says) },
    });
  });

  it('too many clips: none is made', async () => {
    const clips = ['a', 'b', 'c'].map((clipId) => ({ clipId, segments: spans(1) }));
    const { execution, clip } = await failed(clips);
    expect(execution).toMatchObject({
      status: 'failed',
      processingError: {
        code: 'TOO_MANY_CLIPS',
        message: expect.stringContaining('3 clips, more than the 2 allowed (maxClipsPerRequest)'),
      },
    });
    expect(clip).toBeUndefined();
  });

  it('what just fits is made', async () => {
    const clips = [
      { clipId: 'many', segments: spans(3) },
      { clipId: 'long', segments: spans(1, 4) },
    ];
    expect((await failed(clips)).execution).toMatchObject({ status: 'completed' });
  });
});

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgeClip } from '#local/judge/index';
import type { Episode } from '#local/sample/index';
import {
  type FaultyProxy,
  type PassingRequest,
  startFaultyProxy,
} from '#local/testing/faulty-proxy';
import type { JobAnswer } from '#shared/api/fields';
import { objectKeys } from '#shared/keys';
import { ApiCaller } from '../harness/api.ts';
import { type Splicebus, startSplicebus } from '../harness/splicebus.ts';

/** Three attempts of Lambda's, of four requests each. */
const REQUESTS = 12;
const CLIP = { episodeId: 'plain', clipId: 'kept' };
const KEY = objectKeys.clip(CLIP);
const ASKED = { startMs: 2_000, endMs: 3_500 };

let splicebus: Splicebus;
let proxy: FaultyProxy;
let admin: ApiCaller;
let episode: Episode;

/** Where the files are of clips that are kept: on disk, or on AWS, and as the error names it. */
const PLACES = {
  'on this machine': {
    hostEnvironment: {},
    pathOf: (ids: typeof CLIP & { executionId: string }) =>
      join(splicebus.stateDir, objectKeys.keptClip(ids)),
    nameOf: (path: string) => path,
  },
  'on AWS, where there is no folder for it': {
    hostEnvironment: { FAILED_UPLOADS_DIR: '' },
    pathOf: (ids: typeof CLIP & { executionId: string }) =>
      join(splicebus.stack.s3Dir, objectKeys.keptClip(ids)),
    nameOf: (path: string) => path.replace(join(splicebus.stateDir, 's3'), 's3:/'),
  },
};

describe.each(Object.keys(PLACES) as (keyof typeof PLACES)[])(
  'a clip that cannot be uploaded, %s',
  (name) => {
    const { hostEnvironment, pathOf, nameOf } = PLACES[name];
    let job: JobAnswer;
    let path: string;

    beforeAll(async () => {
      proxy = await startFaultyProxy(() => splicebus.stack.endpointUrl);
      splicebus = await startSplicebus({
        hostEnvironment: { AWS_ENDPOINT_URL_S3: proxy.url, ...hostEnvironment },
      });
      episode = await splicebus.ingest('plain');
      admin = await ApiCaller.of(splicebus, { isAdmin: true });
    });
    afterAll(async () => {
      await splicebus?.stop();
      await proxy.close();
    });

    const isUpload = ({ operation, path }: PassingRequest) =>
      operation === 'PutObject' && path === `/${splicebus.stack.bucketName}/${KEY}`;

    it('fails its job, which says where the file is kept', async () => {
      proxy.mishap = (request) =>
        isUpload(request) ? { status: 503, code: 'SlowDown' } : undefined;
      const [begun] = await admin.generate({
        episodeId: 'plain',
        clips: [{ clipId: 'kept', segments: [{ startTime: 2, endTime: 3.5 }] }],
      });
      job = begun!;
      const end = (await admin.watch(job)).at(-1)!;
      const record = (await splicebus.clip('plain', 'kept'))!;
      path = pathOf({ ...CLIP, executionId: record.executionId });
      expect(end).toMatchObject({
        status: 'Generation Failed',
        processingError: {
          code: 'UPLOAD_FAILED',
          message: expect.stringContaining(`It is kept at ${nameOf(path)}: take it from there`),
        },
      });
      expect(record).not.toHaveProperty('s3Key');
      expect(proxy.requests.filter(isUpload)).toHaveLength(REQUESTS);
    });

    it('is all that was asked for', async () => {
      const verdict = await judgeClip({
        clipPath: path,
        segments: [ASKED],
        fps: episode.fps,
        episodeFrameCount: episode.frameCount,
        hasAudio: episode.audio,
      });
      expect(verdict).toMatchObject({ exact: true, faults: [] });
    });

    it('is there once it is made anew, and not kept any longer', async () => {
      proxy.mishap = () => undefined;
      const { body } = await admin.post<{ job: JobAnswer }>(
        `/api/v1/admin/jobs/${job.jobId}/reprocess`,
      );
      const end = (await admin.watch(body.job)).at(-1)!;
      expect(end).toMatchObject({ status: 'Generation Complete' });
      expect(end).not.toHaveProperty('processingError');
      await splicebus.stack.idle();
      expect(await splicebus.judge('plain', 'kept', [ASKED])).toMatchObject({ faults: [] });
      const file = readFileSync(splicebus.clipPath('plain', 'kept'));
      expect(await splicebus.clip('plain', 'kept')).toMatchObject({
        sha256: createHash('sha256').update(file).digest('hex'),
      });
      expect(existsSync(path)).toBe(false);
    });
  },
);
